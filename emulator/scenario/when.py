"""`when`: which requests a rule is about; and `calls`, the part of it that can select calls in an expectation."""

from __future__ import annotations

from emulator.errors import SERVICES
from emulator.scenario.model import Operations, When
from emulator.scenario.nodes import Node
from emulator.scenario.operations import NoSuchOperation, all_of, resolve
from emulator.scenario.reading import Fields, Key, OneOrMany, Reading, Refused, Reported, Section
from emulator.scenario.values import OrdinalSet, Text, one_of, scalar_text

SCOPES = ("scenario", "table", "key", "client", "operation", "connection")


class _OperationName:
    """The name is resolved later, when the service is known; until then it keeps its place."""

    shape = "an operation, a glob such as 'Batch*', or a group such as writes"

    def read(self, node: Node, reading: Reading) -> tuple[str, Node]:
        return scalar_text(node, self.shape), node


_TABLE = Text("a table's name or a glob such as 'orders-*'", r"[A-Za-z0-9_.\-*?\[\]!]{1,255}")
_INDEX = Text("an index's name or a glob", r"[A-Za-z0-9_.\-*?\[\]!]{1,255}")

SELECTION = (
    Key("service", one_of(*SERVICES), "the service that is called; left out: dynamodb"),
    Key("operation", OneOrMany(_OperationName()), "an operation's name, a glob, a group (reads, writes, ...), or a list of these"),
    Key("table", OneOrMany(_TABLE), "a table's name, a glob, or a list; one of the request's tables must match"),
    Key("index", OneOrMany(_INDEX), "the index that a Query or Scan reads: a name, a glob, or a list"),
)

WHEN_KEYS = (
    *SELECTION,
    Key("attempt", OrdinalSet(), "which attempts of a logical call; the SDK's retries are attempts 2, 3, ..."),
    Key("call", OrdinalSet(), "which logical calls, among those that this rule matches"),
    Key("request", OrdinalSet(), "which requests, among those that this rule matches"),
    Key("per", one_of(*SCOPES), "the scope in which call, request, limit and sequence count; left out: scenario"),
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


WHEN = Section("'when'", WHEN_KEYS, _build)
CALLS = Section("'calls'", SELECTION, _build)


def everything() -> When:
    """What a rule without `when` is about: each request to DynamoDB."""
    return When(Operations((), all_of(None)))
