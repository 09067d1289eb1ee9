"""`when`: which requests a rule is about; and `calls`, the part of it that can select calls in an expectation."""

from __future__ import annotations

from typing import Any

import jmespath

from emulator.aws.errors import SERVICES
from emulator.scenario.constraints import Said
from emulator.scenario.items import StoredItem
from emulator.scenario.model import Client, Opened, Operations, When
from emulator.scenario.nodes import Mapping, Node
from emulator.scenario.operations import GROUPS, NoSuchOperation, all_of, every_operation, resolve
from emulator.scenario.ranges import OrdinalSet, Spans
from emulator.scenario.reading import PARAMETER, OneOrMany, Reading, Refused, Reported, Schema, or_parameter, read_pairs, refuse
from emulator.scenario.sections import Fields, Key, Section
from emulator.scenario.values import Text, one_of, scalar_text

SCOPES = ("scenario", "table", "key", "client", "operation", "connection")


class _OperationName:
    """The name is resolved later, when the service is known; until then it keeps its place."""

    shape = "an operation, a glob such as 'Batch*', or a group such as writes"

    def read(self, node: Node, reading: Reading) -> tuple[str, Node]:
        return scalar_text(node, self.shape), node

    def schema(self) -> Schema:
        # The pattern is for globs; what has no sign of one must be among the names
        names = [*GROUPS, *sorted({name for _, name in every_operation()})]
        return {"anyOf": [{"enum": names}, {"type": "string", "pattern": r"[*?\[]"}, PARAMETER]}


class _KeyAttributes:
    shape = "attributes of a key with their values, such as {customer: ada}; a text value may be a glob"

    def read(self, node: Node, reading: Reading) -> dict[str, Any]:
        if not isinstance(node, Mapping) or not node.entries:
            refuse(node, self.shape)
        return StoredItem().read(node, reading)

    def schema(self) -> Schema:
        return {**StoredItem().schema(), "minProperties": 1}


class _Query:
    """A JMESPath expression. It is compiled here only to find what is wrong with it."""

    shape = "a JMESPath expression over the request, such as Item.status.S == 'open'"

    def read(self, node: Node, reading: Reading) -> str:
        text = scalar_text(node, self.shape)
        if len(text) > MAX_QUERY:
            raise Refused(node.where, f"an expression of {len(text):,} characters", f"at most {MAX_QUERY} are read")
        try:
            parsed = jmespath.compile(text).parsed
        except jmespath.exceptions.JMESPathError as error:
            said = str(error).splitlines()[0].rstrip(":")
            hint = "equality is written ==" if "Unknown token '='" in said else "such as Item.status.S == 'open'"
            raise Refused(node.where, f"not a JMESPath expression: {said}", hint) from None
        except RecursionError:
            raise Refused(node.where, "the expression is nested too deeply") from None
        if _depth(parsed) > MAX_QUERY_DEPTH:
            raise Refused(node.where, "the expression is nested too deeply", f"at most {MAX_QUERY_DEPTH} levels")
        return text

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": MAX_QUERY}


def _depth(tree: Any) -> int:
    """How deep a parsed expression is; the interpreter of JMESPath is recursive, and the stack is not ours alone."""
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for node in level if isinstance(node, dict) for child in node.get("children", ())]
    return depth


class _HeaderName:
    shape = "the name of a header"

    def read(self, node: Node, reading: Reading) -> str:
        return getattr(node, "text", "").lower()

    def schema(self) -> Schema:
        return {}


class _HeaderGlobs:
    shape = "headers by name with globs, such as {x-tenant: 'a*'}"

    def read(self, node: Node, reading: Reading) -> tuple[tuple[str, str], ...]:
        if not isinstance(node, Mapping) or not node.entries:
            refuse(node, self.shape)
        return read_pairs(node, _HeaderName(), _GLOB, reading)

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": _GLOB.schema(), "minProperties": 1}


class _OpenedValue:
    shape = "before or after, and the name of a phase, such as before outage"

    def read(self, node: Node, reading: Reading) -> Opened:
        word, _, phase = scalar_text(node, self.shape).partition(" ")
        if word not in ("before", "after") or not phase.strip():
            refuse(node, self.shape)
        return Opened(word == "before", phase.strip())

    def schema(self) -> Schema:
        return or_parameter({"type": "string", "pattern": r"^(?:before|after) +\S"})


def _check_client(node: Mapping, reading: Reading) -> None:
    if not node.entries:
        reading.report(Refused(node.where, "'client' says nothing", "give access_key, user_agent or header"))


def _client(fields: Fields, reading: Reading) -> Client:
    return Client(**fields.model())


MAX_QUERY = 1000
MAX_QUERY_DEPTH = 50
_GLOB = Text("text, perhaps a glob such as 'aws-sdk-*'", longest=500)
_CLIENT = Section(
    "'client'",
    (
        Key("access_key", _GLOB, "the access key that signed, or a glob", "AKIA*"),
        Key("user_agent", _GLOB, "the User-Agent, usually a glob such as '*Boto3*'", "'*Boto3*'"),
        Key("header", _HeaderGlobs(), "other headers by name, each with a glob", "{x-tenant: a*}"),
    ),
    _client,
    (Said(_check_client, {"minProperties": 1}),),
)
_REGION = Text("a region's name or a glob", r"[a-z0-9\-*?\[\]!]{1,64}")
_TABLE = Text("a table's name or a glob such as 'orders-*'", r"[A-Za-z0-9_.\-*?\[\]!]{1,255}")
_INDEX = Text("an index's name or a glob", r"[A-Za-z0-9_.\-*?\[\]!]{1,255}")

SELECTION = (
    Key("service", one_of(*SERVICES), "the service that is called", "streams", default="dynamodb"),
    Key(
        "operation",
        OneOrMany(_OperationName()),
        "an operation's name, a glob, a group (reads, writes, ...), or a list of these",
        "[writes, GetItem]",
        default="all operations of the service",
    ),
    Key("table", OneOrMany(_TABLE), "a table's name, a glob, or a list; one of the request's tables must match", "orders-*", default="any"),
    Key("index", OneOrMany(_INDEX), "the index that a Query or Scan reads: a name, a glob, or a list", "by-day", default="any"),
    Key(
        "key", _KeyAttributes(), "one of the items that the request names has these attributes in its key", "{customer: ada}", default="any"
    ),
    Key(
        "where",
        _Query(),
        "a JMESPath expression over the request; it matches when it is true-ish",
        "\"Item.status.S == 'open'\"",
        default="any",
    ),
    Key("client", _CLIENT, "who asks: access key, User-Agent, headers", "{user_agent: '*Boto3*'}", default="anybody"),
    Key("region", OneOrMany(_REGION), "the region of the credential scope: a name, a glob, or a list", "eu-*", default="any"),
)

WHEN_KEYS = (
    *SELECTION,
    Key(
        "attempt", OrdinalSet(), "which attempts of a logical call; the SDK's retries are attempts 2, 3, ...", "1..2", default="all of them"
    ),
    Key(
        "try",
        OrdinalSet(),
        "which tries of a piece of work: the requests that a client sends for one operation on the same keys until it succeeds, whoever "
        "repeats them, its SDK or a loop of its own",
        "1..2",
        default="all of them",
    ),
    Key("call", OrdinalSet(), "which logical calls, among those that this rule matches", "every 2", default="all of them"),
    Key("request", OrdinalSet(), "which requests, among those that this rule matches", "[1, 4]", default="all of them"),
    Key(
        "idle",
        Spans(shape="how long, such as 5s.. or 1s..10s"),
        "how long the request's connection had been idle when it came: sockets that a pool has kept for too long",
        "5s..",
        default="any time",
    ),
    Key(
        "opened",
        _OpenedValue(),
        "when the request's connection was opened: before a phase began, or after; until the phase has begun, neither holds",
        "before outage",
        default="at any time",
    ),
    Key(
        "per",
        one_of(*SCOPES),
        "the scope in which call, request, limit and sequence count: each key, say, has counters of its own",
        "key",
        default="scenario",
    ),
)


def _build(fields: Fields, reading: Reading) -> When:
    return When(**{**fields.model(), "operation": _operations(fields, reading)})


def _operations(fields: Fields, reading: Reading) -> Operations:
    service = fields.get("service")
    written: tuple[tuple[str, Node], ...] = fields.get("operation", ())
    names = set() if written else set(all_of(service))
    known = True
    for name, node in written:
        try:
            names |= resolve(name, service)
        except NoSuchOperation as unknown:
            reading.report(Refused(node.where, str(unknown), unknown.hint))
            known = False
    if not known:
        raise Reported
    return Operations(tuple(name for name, _ in written), frozenset(names))


SECTIONS = (_CLIENT,)
WHEN = Section("'when'", WHEN_KEYS, _build)
CALLS = Section("'calls'", SELECTION, _build)


def everything() -> When:
    """What a rule without `when` is about: each request to DynamoDB."""
    return When(Operations((), all_of(None)))
