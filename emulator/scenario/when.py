"""`when`: which requests a rule is about; and `calls`, the part of it that can select calls in an expectation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jmespath

from dynafault_dataclass import dataclass
from emulator.aws.errors import SERVICES
from emulator.scenario.constraints import not_empty
from emulator.scenario.items import StoredItem
from emulator.scenario.nodes import MappingNode, Node
from emulator.scenario.operations import GROUPS, NoSuchOperation, all_of, every_operation, resolve
from emulator.scenario.ranges import Ordinals, OrdinalSet, Span, Spans
from emulator.scenario.reading import PARAMETER, OneOrMany, Reading, Refused, Reported, Schema, Value, or_parameter, read_pairs, refuse
from emulator.scenario.sections import Fields, Section, keys_of, section
from emulator.scenario.sections import key as a_key  # a field is called `key`
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


# They are resolved once the service is known
_WRITTEN: Value[Any] = OneOrMany(_OperationName())


@dataclass(frozen=True, slots=True)
class Operations:
    """`written` as in the file; `names` are the (service, operation) pairs that it stands for."""

    written: tuple[str, ...]
    names: frozenset[tuple[str, str]]


class _KeyAttributes:
    shape = "attributes of a key with their values, such as {customer: ada}; a text value may be a glob"

    def read(self, node: Node, reading: Reading) -> dict[str, Any]:
        if not isinstance(node, MappingNode) or not node.entries:
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
    """How deep a parsed expression is nested. JMESPath's interpreter is recursive, and callers need some of the stack, too."""
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
        if not isinstance(node, MappingNode) or not node.entries:
            refuse(node, self.shape)
        return read_pairs(node, _HeaderName(), _GLOB, reading)

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": _GLOB.schema(), "minProperties": 1}


@dataclass(frozen=True, slots=True)
class Opened:
    """Connections that were opened before a phase began, or (`before` False) since. A phase that has not begun has neither."""

    before: bool
    phase: str

    def __str__(self) -> str:
        return f"{'before' if self.before else 'after'} {self.phase}"


class _OpenedValue:
    shape = "before or after, and the name of a phase, such as before outage"

    def read(self, node: Node, reading: Reading) -> Opened:
        word, _, phase = scalar_text(node, self.shape).partition(" ")
        if word not in ("before", "after") or not phase.strip():
            refuse(node, self.shape)
        return Opened(word == "before", phase.strip())

    def schema(self) -> Schema:
        return or_parameter({"type": "string", "pattern": r"^(?:before|after) +\S"})


MAX_QUERY = 1000
MAX_QUERY_DEPTH = 50
_GLOB = Text("text, perhaps a glob such as 'aws-sdk-*'", longest=500)
_REGION = Text("a region's name or a glob", r"[a-z0-9\-*?\[\]!]{1,64}")
_TABLE = Text("a table's name or a glob such as 'orders-*'", r"[A-Za-z0-9_.\-*?\[\]!]{1,255}")
_INDEX = Text("an index's name or a glob", r"[A-Za-z0-9_.\-*?\[\]!]{1,255}")


@dataclass(frozen=True, slots=True)
class ClientPattern:
    """Who asks: globs for the access key, the User-Agent, and headers by lower-case name."""

    access_key: str | None = a_key(_GLOB, "the access key that signed, or a glob", example="AKIA*", default=None)
    user_agent: str | None = a_key(_GLOB, "the User-Agent, usually a glob such as '*Boto3*'", example="'*Boto3*'", default=None)
    header: tuple[tuple[str, str], ...] = a_key(
        _HeaderGlobs(), "other headers by name, each with a glob", example="{x-tenant: a*}", default=()
    )


_CLIENT = section("'client'", ClientPattern, not_empty("'client' says nothing", "give access_key, user_agent or header"))


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of `When` that is about calls as such, whatever came before them."""

    service: str | None = a_key(one_of(*SERVICES), "the service that is called", example="streams", default=None, left_out="dynamodb")
    operation: Operations = a_key(
        _WRITTEN,
        "an operation's name, a glob, a group (reads, writes, ...), or a list of these",
        example="[writes, GetItem]",
        default_factory=lambda: Operations((), all_of(None)),
        left_out="all operations of the service",
    )
    table: tuple[str, ...] | None = a_key(
        OneOrMany(_TABLE),
        "a table's name, a glob, or a list; one of the request's tables must match",
        example="orders-*",
        default=None,
        left_out="any",
    )
    index: tuple[str, ...] | None = a_key(
        OneOrMany(_INDEX),
        "the index that a Query or Scan reads: a name, a glob, or a list",
        example="by-day",
        default=None,
        left_out="any",
    )
    key: Mapping[str, Any] | None = a_key(
        _KeyAttributes(),
        "one of the items that the request names has these attributes in its key",
        example="{customer: ada}",
        default=None,
        left_out="any",
    )
    where: str | None = a_key(
        _Query(),
        "a JMESPath expression over the request; it matches when its result is not false, null or empty",
        example="\"Item.status.S == 'open'\"",
        default=None,
        left_out="any",
    )
    client: ClientPattern | None = a_key(
        _CLIENT, "who asks: access key, User-Agent, headers", example="{user_agent: '*Boto3*'}", default=None, left_out="anybody"
    )
    region: tuple[str, ...] | None = a_key(
        OneOrMany(_REGION),
        "the region of the credential scope: a name, a glob, or a list",
        example="eu-*",
        default=None,
        left_out="any",
    )


@dataclass(frozen=True, slots=True)
class When(Selection):
    """Which requests a rule is about, or which calls an expectation is about. Every key given must hold.

    `operation` is always resolved: left out, it holds all operations of `service`. `table`, `index` and `region` are globs.
    `key` is in wire form, its text values are globs. `where` is a JMESPath expression. `idle` is about how long its connection has
    been idle."""

    attempt: Ordinals | None = a_key(
        OrdinalSet(),
        "which attempts of a logical call; the SDK's retries are attempts 2, 3, ...",
        example="1..2",
        default=None,
        left_out="all of them",
    )
    try_: Ordinals | None = a_key(
        OrdinalSet(),
        "which tries of a piece of work: the requests that a client sends for one operation on the same keys until it succeeds, whoever "
        "repeats them, its SDK or a loop of its own",
        example="1..2",
        default=None,
        left_out="all of them",
    )
    call: Ordinals | None = a_key(
        OrdinalSet(),
        "which logical calls, among those that this rule matches",
        example="every 2",
        default=None,
        left_out="all of them",
    )
    request: Ordinals | None = a_key(
        OrdinalSet(), "which requests, among those that this rule matches", example="[1, 4]", default=None, left_out="all of them"
    )
    idle: Span | None = a_key(
        Spans(shape="how long, such as 5s.. or 1s..10s"),
        "how long the request's connection had been idle when it came: sockets that a pool has kept for too long",
        example="5s..",
        default=None,
        left_out="any time",
    )
    opened: Opened | None = a_key(
        _OpenedValue(),
        "when the request's connection was opened: before a phase began, or after; until the phase has begun, neither holds",
        example="before outage",
        default=None,
        left_out="at any time",
    )
    per: str = a_key(
        one_of(*SCOPES),
        "the scope in which call, request, limit and sequence count: each key, say, has counters of its own",
        example="key",
        default="scenario",
    )


def _when(fields: Fields, reading: Reading) -> When:
    return fields.build(When, operation=_operations(fields, reading))


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
WHEN = section("'when'", When, build=_when)
CALLS = Section("'calls'", keys_of(Selection), _when)
