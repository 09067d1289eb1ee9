"""`fault`: one effect and its modifiers, as a mapping, or as the plain name of an error.

Each key is one row of the table; what fits together, the JSON Schema, the documentation and the hints all follow from it. What an
effect does is a file of its name in `emulator/faults/effects`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from emulator.messages import EVERYTHING
from emulator.scenario import effects, responses
from emulator.scenario.constraints import at_most_one, goes_with, not_empty
from emulator.scenario.delays import DelayValue
from emulator.scenario.effects import TABLE_STATUSES, PageValue, StatementsValue, TableStatus, TableStatusValue
from emulator.scenario.error_names import ERROR_NAMES, THROTTLING_REASONS, ErrorName, check_error, with_status
from emulator.scenario.fault_key import Always, FaultKey, always, dynamodb
from emulator.scenario.items import StoredItem
from emulator.scenario.model import FEATURES, Fault
from emulator.scenario.nodes import MappingNode, Node, ScalarNode, SequenceNode
from emulator.scenario.operations import Names, groups
from emulator.scenario.problems import Position
from emulator.scenario.reading import ListOf, Reading, Refused, Schema, or_parameter, refuse, suggestion
from emulator.scenario.responses import DAMAGED, REPLACED, HeadersValue, ResponseValue
from emulator.scenario.sections import Fields, KeysConstraint, Section
from emulator.scenario.values import DURATION, PASSING, DripRate, Duration, Flag, Portions, Text, Whole, one_of, scalar_text

_REASON = one_of(*THROTTLING_REASONS, what="a throttling reason such as TableReadKeyRangeThroughputExceeded")
_CONNECTION = one_of(
    "reset", "close", "hang", "finish", rst="reset", abort="reset", fin="close", drop="close", timeout="hang", stall="hang"
)


def _check_for(fields: Fields) -> None:
    kind = fields.get("connection")
    if kind != "hang":
        raise Refused(fields.at("for"), f"'for' goes with 'connection: hang', not with '{kind}'", "only a hang lasts")


def _check_after(fields: Fields) -> None:
    if fields.get("connection") == "finish":
        raise Refused(fields.at("after"), "'connection: finish' sends the whole answer", "'connection: close' cuts it")


def _check_early(fields: Fields) -> None:
    """A fault that is decided before the request's body has come cannot depend on that body, as those do that only some operations can
    carry."""
    other = next((key.name for key in EFFECT_KEYS if key.carried_by is not None and fields.has(key.name)), None)
    if other is not None:
        raise Refused(
            fields.at(other), f"'upload' is decided before the body has come, and '{other}' depends on it", "two rules can do both"
        )


def _check_received(fields: Fields) -> None:
    if fields.get("connection") not in ("reset", "close", None):
        raise Refused(
            fields.at("received"), "'received' goes with 'connection: reset' or 'close'", "nothing else ends while a request comes"
        )
    for name in ("after", "applied"):
        if fields.has(name):
            raise Refused(fields.at(name), f"'{name}' beside 'received': a request that never came whole has no answer", "leave one out")
    if fields.get("received") == EVERYTHING:
        raise Refused(fields.at("received"), "all of the body is all of the request", "leave 'received' out")


def _check_applied(fields: Fields) -> None:
    """Refuses `applied: false` beside an answer that can only come from an operation that was carried out."""
    if fields.get("applied"):
        return
    where = fields.at("applied")
    if fields.get("connection") == "finish":
        raise Refused(where, "'connection: finish' answers the request normally", "leave 'applied' out")
    after, response = fields.get("after"), fields.get("response")
    if after is not None and not after.nothing:
        raise Refused(where, "an answer that has begun stands for an operation that was carried out", "leave 'applied' out")
    if response in DAMAGED:
        raise Refused(where, f"'response: {response}' damages the answer of an operation that was carried out", "leave it out")


def _check_status(fields: Fields) -> None:
    if not isinstance(fields.get("response", ""), str):
        raise Refused(fields.at("status"), "a raw response has a 'status' of its own", "write it inside 'response'")


def _tables_states(value: TableStatus | None) -> Names:
    states = TABLE_STATUSES if value is None else (value.status,)
    return dynamodb(*(name for state in states for name in TABLE_STATUSES[state]))


FAULT_KEYS = (
    FaultKey("error", ErrorName(), "answer with this error, in the service's own envelope", "ThrottlingException", is_effect=True),
    FaultKey(
        "connection",
        _CONNECTION,
        "end the connection: reset (RST), close (FIN), hang (say nothing more), finish (FIN after a whole answer)",
        "reset",
        is_effect=True,
        feature=always("socket"),
    ),
    FaultKey("refuse", PASSING, "reset the connection, and refuse new ones for this long", "5s", is_effect=True, feature=always("socket")),
    FaultKey(
        "response",
        ResponseValue(),
        "a raw answer, or a ready one that is broken in one way",
        "html",
        is_effect=True,
        feature=lambda value: "socket" if value == "wrong-length" else "",
    ),
    FaultKey(
        "unprocessed",
        effects.UNPROCESSED,
        "these entries of a batch come back unprocessed, and really are",
        "{every: 2}",
        is_effect=True,
        carried_by=lambda value: dynamodb("BatchGetItem", "BatchWriteItem"),
    ),
    FaultKey(
        "cancel",
        effects.CANCEL,
        "the transaction is cancelled with these reasons by position; nothing is applied",
        "{0: ConditionalCheckFailed, 2: TransactionConflict}",
        is_effect=True,
        carried_by=lambda value: groups()["transactions"],
    ),
    FaultKey(
        "statements",
        StatementsValue(),
        "these statements of a batch fail with these errors inside an answer of 200, and really are not done",
        "{0: ThrottlingError, 2: ConditionalCheckFailed}",
        is_effect=True,
        carried_by=lambda value: dynamodb("BatchExecuteStatement"),
    ),
    FaultKey(
        "page",
        PageValue(),
        "a page of at most so many items, or an empty one with a LastEvaluatedKey",
        "{items: 1}",
        is_effect=True,
        carried_by=lambda value: dynamodb("Query", "Scan"),
    ),
    FaultKey(
        "stale",
        PASSING,
        "the read answers from the table as it was then, even with ConsistentRead; of statements, those that select",
        "2s",
        is_effect=True,
        carried_by=lambda value: groups()["reads"] | groups()["partiql"],
        feature=always("history"),
    ),
    FaultKey(
        "table_status",
        TableStatusValue(),
        "the table stays in this state for this long",
        "{CREATING: 10s}",
        is_effect=True,
        carried_by=_tables_states,
    ),
    FaultKey(
        "expire",
        one_of("iterator"),
        "the shard iterator has expired",
        "iterator",
        is_effect=True,
        carried_by=lambda value: frozenset({("streams", "GetRecords")}),
    ),
    FaultKey(
        "trim",
        Always(),
        "the data was trimmed from the stream: TrimmedDataAccessException",
        "true",
        is_effect=True,
        carried_by=lambda value: frozenset({("streams", "GetRecords"), ("streams", "GetShardIterator")}),
        is_word=True,
    ),
    FaultKey("message", Text(), "the error's text", "Slow down, please", default="the service's own text", goes_with=("error",)),
    FaultKey(
        "status",
        Whole(200, 599),
        "the HTTP status",
        "503",
        default="the usual one",
        goes_with=("error", "response"),
        check=_check_status,
    ),
    FaultKey(
        "reasons",
        ListOf(_REASON, 16, 1),
        "the ThrottlingReasons of a throttling error",
        "[TableWriteKeyRangeThroughputExceeded]",
        default="the error goes without",
        goes_with=("error",),
    ),
    FaultKey(
        "item",
        StoredItem(),
        "the Item that a failed condition shows to a request that asks for it (ReturnValuesOnConditionCheckFailure)",
        "{customer: ada, order: 1, status: open}",
        default="the stored item",
        goes_with=("error",),
    ),
    FaultKey(
        "retry_after",
        DURATION,
        "the header x-amz-retry-after, in milliseconds on the wire",
        "300ms",
        default="the error goes without",
        goes_with=("error",),
    ),
    FaultKey(
        "after",
        Portions(),
        "how much of the answer goes out before the connection ends",
        "50%",
        default="nothing",
        goes_with=("connection",),
        check=_check_after,
    ),
    FaultKey(
        "for",
        PASSING,
        "how long a hang lasts; then the connection is closed",
        "30s",
        default="until the client gives up",
        goes_with=("connection",),
        check=_check_for,
    ),
    FaultKey(
        "delay",
        DelayValue(),
        "how long to wait before the answer",
        "{lognormal: {median: 80ms, sigma: 0.4, max: 2s}}",
        default="at once",
        is_addable=True,
    ),
    FaultKey("drip", DripRate(), "the answer goes out at this rate", "100B/s", default="at full speed", feature=always("socket")),
    FaultKey(
        "upload",
        DripRate(),
        "the request's body is read at this rate, and the request carried out when all of it has come",
        "8kB/s",
        default="at full speed",
        feature=always("socket"),
        check=_check_early,
    ),
    FaultKey(
        "received",
        Portions("how much of the request's body is read: nothing, a share such as 50%, or a size such as 120B"),
        "how much of the request's body is read before the connection ends; the rest never comes",
        "50%",
        default="all of it",
        goes_with=("connection",),
        feature=always("socket"),
        check=_check_received,
    ),
    FaultKey(
        "applied",
        Flag(),
        "carry the operation out, and then answer like this",
        "true",
        default="false: the data stays untouched",
        goes_with=("error", "connection", "refuse", "response"),
        check=_check_applied,
    ),
    FaultKey(
        "skew",
        Duration(signed=True, shape="a duration such as 10m or -10m"),
        "the Date header is off by this much",
        "-10m",
        default="the Date header is right",
        is_addable=True,
    ),
    FaultKey(
        "headers",
        HeadersValue(),
        "headers to add or replace; a null value removes one",
        "{x-cache: miss, server: null}",
        is_addable=True,
    ),
)

EFFECT_KEYS = tuple(key for key in FAULT_KEYS if key.is_effect)
MODIFIER_KEYS = tuple(key for key in FAULT_KEYS if not key.is_effect)
# What a rule with `continue: true` may add
ADDABLE = tuple(key.name for key in FAULT_KEYS if key.is_addable)
_BY_NAME = {key.name: key for key in FAULT_KEYS}
_WORDS = tuple(key.name for key in FAULT_KEYS if key.is_word)


def _build(fields: Fields, reading: Reading) -> Fault:
    for key in FAULT_KEYS:
        if key.check is not None and fields.has(key.name):
            with reading.collecting():
                key.check(fields)
    return _fault(fields.where, fields.values)


def _fault(where: Position, values: dict[str, Any]) -> Fault:
    needed = {key.feature(values[key.name]) for key in FAULT_KEYS if key.feature is not None and key.name in values}
    return Fault(where, MappingProxyType(dict(values)), tuple(feature for feature in FEATURES if feature in needed))


_TOGETHER: tuple[KeysConstraint, ...] = (
    not_empty("an empty fault", "write 'ok' to let the request through"),
    at_most_one(*(key.name for key in EFFECT_KEYS), what="effect", hint="a fault has one effect"),
    *(goes_with(key.name, *key.goes_with, hint="there is none in this fault") for key in MODIFIER_KEYS if key.goes_with),
)
_MAPPING = Section("a fault", FAULT_KEYS, _build, _TOGETHER)


class FaultValue:
    """A fault in either form."""

    shape = f"a fault: an error's name, {', '.join(('ok', *_WORDS))}, or a mapping such as {{connection: reset}}"

    def read(self, node: Node, reading: Reading) -> Fault:
        if isinstance(node, MappingNode):
            return _MAPPING.read(node, reading)
        if isinstance(node, SequenceNode):
            refuse(node, self.shape, "several faults in a row are a 'sequence'")
        return self._named(node)

    def _named(self, node: ScalarNode) -> Fault:
        name = scalar_text(node, self.shape, with_status(node))
        if name == "ok" or name in _WORDS:
            return _fault(node.where, {name: True} if name in _WORDS else {})
        if name not in ERROR_NAMES:
            hint = _meant(name) or suggestion(name, ("ok", *ERROR_NAMES))
            raise Refused(node.where, f"unknown error '{name[:64]}'", hint)
        return _fault(node.where, {"error": name})

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"enum": ["ok", *_WORDS, *ERROR_NAMES]}), _MAPPING.schema()]}


# What people call what is no error, and how it is written
_NICKNAMES = {
    **{kind: f"{{connection: {kind}}}" for kind in _CONNECTION.words},
    **{kind: f"{{response: {kind}}}" for kind in (*REPLACED, *DAMAGED)},
    **{key.name: f"{{{key.name}: ...}}" for key in FAULT_KEYS},
    "timeout": "{connection: hang}",
    "drop": "{connection: close}",
}


def _meant(name: str) -> str:
    written = _NICKNAMES.get(name.lower())
    return f"write {written}" if written else ""


FAULT = FaultValue()
SECTIONS = (_MAPPING, *responses.SECTIONS, *effects.SECTIONS)


def carriers(effect: str, value: Any = None) -> Names | None:
    """The operations that can carry an effect; None: all of them. `value`: what stands under its key, None for anything."""
    carried_by = _BY_NAME[effect].carried_by
    return None if carried_by is None else carried_by(value)


def check_carried(fault: Fault, operations: Names) -> None:
    """Refuse a fault that one of the operations cannot carry."""
    for effect in (key.name for key in EFFECT_KEYS if key.name in fault.keys):
        able = carriers(effect, fault.keys[effect])
        if able is not None and operations - able:
            raise _unable(fault, effect, able, operations - able)
    check_error(fault, {service for service, _ in operations})


def _unable(fault: Fault, effect: str, able: Names, others: Names) -> Refused:
    unable = sorted(name for _, name in others)
    names = ", ".join(sorted(name for _, name in able))
    more = f"{unable[0]} and {len(unable) - 1} more" if len(unable) > 1 else unable[0]
    service = min(able)[0]
    hint = f"let 'when' say so{'' if service == 'dynamodb' else f', with service: {service}'}"
    return Refused(fault.where, f"'{effect}' is for {names}, but this rule also matches {more}", hint)
