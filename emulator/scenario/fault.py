"""`fault`: one effect and its modifiers, as a mapping, or as the plain name of an error.

Each effect has a row in a table, with the operations that can carry it and the keys that go with it; what fits together is
decided by these rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from emulator.errors import CATALOGUE, ErrorSpec, lookup
from emulator.scenario import effects
from emulator.scenario.delays import DelayValue
from emulator.scenario.effects import (
    DAMAGED,
    REPLACED,
    TABLE_STATUSES,
    CancelValue,
    HeadersValue,
    PageValue,
    ResponseValue,
    TableStatusValue,
)
from emulator.scenario.items import StoredItem
from emulator.scenario.model import Fault
from emulator.scenario.nodes import Mapping, Node, Scalar, Sequence
from emulator.scenario.operations import Names, groups
from emulator.scenario.reading import Fields, Key, ListOf, Reading, Refused, Schema, Section, or_parameter, refuse, suggestion
from emulator.scenario.values import DURATION, PASSING, DripRate, Duration, Flag, Portions, Text, Whole, one_of, scalar_text

ERROR_NAMES = tuple(sorted({name for _, name in CATALOGUE}))

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html
THROTTLING_REASONS = tuple(
    f"{resource}{direction}{reason}"
    for resource in ("Table", "Index")
    for direction in ("Read", "Write")
    for reason in ("ProvisionedThroughputExceeded", "AccountLimitExceeded", "KeyRangeThroughputExceeded", "MaxOnDemandThroughputExceeded")
)


class ErrorName:
    shape = "the name of an error"

    def read(self, node: Node, reading: Reading) -> str:
        name = scalar_text(node, self.shape, _with_status(node))
        if name not in ERROR_NAMES:
            raise Refused(node.where, f"unknown error '{name[:64]}'", suggestion(name, ERROR_NAMES))
        return name

    def schema(self) -> Schema:
        return or_parameter({"enum": list(ERROR_NAMES)})


def _with_status(node: Node) -> str:
    """The hint for an HTTP status in the place of an error."""
    known = [spec.name for spec in CATALOGUE.values() if isinstance(node, Scalar) and str(spec.status) == node.text]
    return f"the name of an error, such as {known[0]}" if known else "the name of an error"


class _Always:
    shape = "true"

    def read(self, node: Node, reading: Reading) -> bool:
        if Flag().read(node, reading) is not True:
            refuse(node, self.shape, "leave the key out")
        return True

    def schema(self) -> Schema:
        return or_parameter({"const": True})


_REASON = one_of(*THROTTLING_REASONS, what="a throttling reason such as TableReadKeyRangeThroughputExceeded")
_CONNECTION = one_of(
    "reset", "close", "hang", "finish", rst="reset", abort="reset", fin="close", drop="close", timeout="hang", stall="hang"
)

EFFECT_KEYS = (
    Key("error", ErrorName(), "answer with this error, in the service's own envelope", "ThrottlingException"),
    Key(
        "connection",
        _CONNECTION,
        "end the connection: reset (RST), close (FIN), hang (say nothing more), finish (FIN after a whole answer)",
        "reset",
    ),
    Key("refuse", PASSING, "reset the connection, and refuse new ones for so long", "5s"),
    Key("response", ResponseValue(), "a raw answer, or a ready one that is broken in one way", "html"),
    Key("unprocessed", effects.UNPROCESSED, "these entries of a batch come back unprocessed, and really are", "{every: 2}"),
    Key(
        "cancel",
        CancelValue(),
        "the transaction is cancelled with these reasons by position; nothing is applied",
        "{0: ConditionalCheckFailed, 2: TransactionConflict}",
    ),
    Key("page", PageValue(), "a page of at most so many items, or an empty one with a LastEvaluatedKey", "{items: 1}"),
    Key("stale", PASSING, "the read answers from the table as it was then, even with ConsistentRead", "2s"),
    Key("table_status", TableStatusValue(), "the table stays in this state so long", "{CREATING: 10s}"),
    Key("expire", one_of("iterator"), "the shard iterator has expired", "iterator"),
    Key("trim", _Always(), "the data was trimmed from the stream: TrimmedDataAccessException", "true"),
)

# key -> the effects that it goes with
COMPANIONS: dict[str, tuple[str, ...]] = {
    "message": ("error",),
    "status": ("error", "response"),
    "reasons": ("error",),
    "item": ("error",),
    "retry_after": ("error",),
    "after": ("connection",),
    "for": ("connection",),
    "applied": ("error", "connection", "refuse", "response"),
}

MODIFIER_KEYS = (
    Key("message", Text(), "the error's text", "Slow down, please", default="the service's own text"),
    Key("status", Whole(200, 599), "the HTTP status", "503", default="the usual one"),
    Key(
        "reasons",
        ListOf(_REASON, 16, 1),
        "the ThrottlingReasons of a throttling error",
        "[TableWriteKeyRangeThroughputExceeded]",
        default="the error goes without",
    ),
    Key(
        "item",
        StoredItem(),
        "the Item that a failed condition shows",
        "{customer: ada, order: 1, status: open}",
        default="the error shows none",
    ),
    Key("retry_after", DURATION, "the header x-amz-retry-after, in milliseconds on the wire", "300ms", default="the error goes without"),
    Key("after", Portions(), "how much of the answer goes out before the connection ends", "50%", default="nothing"),
    Key("for", PASSING, "how long a hang lasts; then the connection is closed", "30s", default="until the client gives up"),
    Key("delay", DelayValue(), "wait so long before the answer", "{lognormal: {median: 80ms, sigma: 0.4, max: 2s}}", default="at once"),
    Key("drip", DripRate(), "the answer goes out at this rate", "100B/s", default="at full speed"),
    Key("applied", Flag(), "carry the operation out, and then answer like this", "true", default="false: the data stays untouched"),
    Key(
        "skew",
        Duration(signed=True, shape="a duration such as 10m or -10m"),
        "the Date header lies by so much",
        "-10m",
        default="the Date header is right",
    ),
    Key("headers", HeadersValue(), "headers to add or replace; a null value removes one", "{x-cache: miss, server: null}"),
)

FAULT_KEYS = (*EFFECT_KEYS, *MODIFIER_KEYS)
_EFFECTS = tuple(key.name for key in EFFECT_KEYS)
# What a rule with `continue: true` may add
ADDABLE = ("delay", "skew", "headers")


def _check(node: Mapping, reading: Reading) -> None:
    there = {key.text: key.where for key, _ in node.entries}
    given = [name for name in there if name in _EFFECTS]
    for extra in given[1:]:
        reading.report(Refused(there[extra], f"a second effect '{extra}' beside '{given[0]}'", "a fault has one effect"))
    for name, partners in COMPANIONS.items():
        if name in there and not any(partner in there for partner in partners):
            goes = " or ".join(f"'{partner}'" for partner in partners)
            reading.report(Refused(there[name], f"'{name}' goes with {goes} only", "there is none in this fault"))
    if not there:
        reading.report(Refused(node.where, "an empty fault", "write 'ok' to let the request through"))


def _build(fields: Fields, reading: Reading) -> Fault:
    _check_connection(fields)
    _check_response(fields)
    return Fault(fields.where, **fields.model())


def _check_connection(fields: Fields) -> None:
    kind = fields.get("connection")
    if fields.has("for") and kind != "hang":
        raise Refused(fields.at("for"), f"'for' goes with 'connection: hang', not with '{kind}'", "only a hang lasts")
    if fields.has("after") and kind == "finish":
        raise Refused(fields.at("after"), "'connection: finish' sends the whole answer", "'connection: close' cuts it")
    if kind == "finish" and fields.get("applied") is False:
        raise Refused(fields.at("applied"), "'connection: finish' answers the request normally", "leave 'applied' out")
    after = fields.get("after")
    if after is not None and not after.nothing and fields.get("applied") is False:
        raise Refused(fields.at("applied"), "an answer that has begun stands for an operation that was carried out", "leave 'applied' out")


def _check_response(fields: Fields) -> None:
    response = fields.get("response")
    if response in DAMAGED and fields.get("applied") is False:
        raise Refused(
            fields.at("applied"), f"'response: {response}' damages the answer of an operation that was carried out", "leave it out"
        )
    if response is not None and not isinstance(response, str) and fields.has("status"):
        raise Refused(fields.at("status"), "a raw response has a 'status' of its own", "write it inside 'response'")


def _together() -> Schema:
    """At most one effect, at least one key, and each companion beside a partner."""
    effect: list[Schema] = [{"required": [name]} for name in _EFFECTS]
    partners: Schema = {name: {"anyOf": [{"required": [partner]} for partner in found]} for name, found in COMPANIONS.items()}
    return {"minProperties": 1, "oneOf": [*effect, {"not": {"anyOf": effect}}], "dependentSchemas": partners}


_MAPPING = Section("a fault", FAULT_KEYS, _build, _check, _together())


@dataclass(frozen=True)
class FaultValue:
    """A fault in either form."""

    shape: str = "a fault: an error's name, ok, trim, or a mapping such as {connection: reset}"

    def read(self, node: Node, reading: Reading) -> Fault:
        if isinstance(node, Mapping):
            return _MAPPING.read(node, reading)
        if isinstance(node, Sequence):
            refuse(node, self.shape, "several faults in a row are a 'sequence'")
        return self._named(node)

    def _named(self, node: Scalar) -> Fault:
        name = scalar_text(node, self.shape, _with_status(node))
        if name in ("ok", "trim"):
            return Fault(node.where, trim=True if name == "trim" else None)
        if name not in ERROR_NAMES:
            hint = _meant(name) or suggestion(name, ("ok", *ERROR_NAMES))
            raise Refused(node.where, f"unknown error '{name[:64]}'", hint)
        return Fault(node.where, error=name)

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"enum": ["ok", "trim", *ERROR_NAMES]}), _MAPPING.schema()]}


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
SECTIONS = (_MAPPING, *effects.SECTIONS)


def carriers(effect: str, states: Iterable[str] = TABLE_STATUSES) -> Names | None:
    """The operations that can carry an effect; None: all of them. `states`: those that `table_status` is about."""
    if effect == "table_status":
        return _dynamodb(*(name for state in states for name in TABLE_STATUSES[state]))
    return _carriers().get(effect)


@cache
def _carriers() -> dict[str, Names]:
    return {
        "unprocessed": _dynamodb("BatchGetItem", "BatchWriteItem"),
        "cancel": groups()["transactions"],
        "page": _dynamodb("Query", "Scan"),
        "stale": groups()["reads"],
        "expire": frozenset({("streams", "GetRecords")}),
        "trim": frozenset({("streams", "GetRecords"), ("streams", "GetShardIterator")}),
    }


def _dynamodb(*names: str) -> Names:
    return frozenset(("dynamodb", name) for name in names)


def check_carried(fault: Fault, operations: Names) -> None:
    """Refuse a fault that one of the operations cannot carry."""
    effect = next((name for name in _EFFECTS if getattr(fault, name) is not None), "")
    able = carriers(effect, (fault.table_status.status,) if fault.table_status is not None else ())
    unable = sorted(name for _, name in operations - able) if able is not None else []
    if able is not None and unable:
        names = ", ".join(sorted(name for _, name in able))
        others = f"{unable[0]} and {len(unable) - 1} more" if len(unable) > 1 else unable[0]
        service = min(able)[0]
        hint = f"let 'when' say so{'' if service == 'dynamodb' else f', with service: {service}'}"
        raise Refused(fault.where, f"'{effect}' is for {names}, but this rule also matches {others}", hint)
    check_error(fault, {service for service, _ in operations})


def check_error(fault: Fault, services: Iterable[str]) -> None:
    """Refuse an error that one of the services does not have, or that carries no such members there."""
    for service in sorted(services) if fault.error is not None else ():
        spec = _spec(fault, service)
        members = {member.lower() for member in spec.members}
        for key, member, given in (("reasons", "throttlingreasons", fault.reasons), ("item", "item", fault.item)):
            if given is not None and member not in members:
                raise Refused(fault.where, f"{spec.name} of {service} carries no '{key}'", "leave it out, or choose an error that does")


def _spec(fault: Fault, service: str) -> ErrorSpec:
    assert fault.error is not None
    try:
        return lookup(fault.error, service)
    except KeyError:
        owners = " and ".join(sorted(owner for owner, name in CATALOGUE if name == fault.error))
        hint = f"it belongs to {owners}: should 'when' say 'service: {owners.split()[0]}'?"
        raise Refused(fault.where, f"the service {service} has no error {fault.error}", hint) from None
