"""`fault`: one effect and its modifiers, as a mapping, or as the plain name of an error.

Each effect has a row, and so has each key that only goes with a certain effect; what fits together is decided by these
rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulator.errors import CATALOGUE, ErrorSpec, lookup
from emulator.scenario.items import ItemValue
from emulator.scenario.model import Delay, Fault
from emulator.scenario.nodes import Mapping, Node, Scalar, Sequence
from emulator.scenario.reading import Fields, Key, ListOf, Reading, Refused, Section, refuse, suggestion
from emulator.scenario.values import DURATION, Flag, Portions, Text, Whole, one_of, scalar_text

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
        name = scalar_text(node, self.shape)
        if name not in ERROR_NAMES:
            raise Refused(node.where, f"unknown error '{name[:64]}'", suggestion(name, ERROR_NAMES))
        return name


class _DelayValue:
    shape = "a delay: a duration such as 200ms"

    def read(self, node: Node, reading: Reading) -> Delay:
        return Delay(DURATION.read(node, reading))


# effect -> the keys that go with it alone
EFFECTS: dict[str, tuple[str, ...]] = {
    "error": ("message", "status", "reasons", "item", "retry_after"),
    "connection": ("after", "for"),
}

FAULT_KEYS = (
    Key("error", ErrorName(), "answer with this error, in the service's own envelope"),
    Key("message", Text(), "the error's text, instead of the service's"),
    Key("status", Whole(200, 599), "the error's HTTP status, instead of the service's"),
    Key(
        "reasons",
        ListOf(one_of(*THROTTLING_REASONS, what="a throttling reason such as TableReadKeyRangeThroughputExceeded"), 16, 1),
        "the ThrottlingReasons of a throttling error",
    ),
    Key("item", ItemValue(), "the Item that a failed condition shows"),
    Key("retry_after", DURATION, "the header x-amz-retry-after"),
    Key(
        "connection",
        one_of("reset", "close", "hang", "finish"),
        "end the connection: RST, FIN, say nothing more, or FIN after a whole answer",
    ),
    Key("after", Portions(), "how much of the answer goes out first; left out: nothing"),
    Key("for", DURATION, "how long a hang lasts; left out: until the client gives up"),
    Key("delay", _DelayValue(), "wait so long before the answer"),
    Key("applied", Flag(), "carry the operation out, and then answer like this; left out: an effect leaves the data untouched"),
)


def _check(node: Mapping, reading: Reading) -> None:
    there = {key.text: key.where for key, _ in node.entries}
    effects = [name for name in there if name in EFFECTS]
    for extra in effects[1:]:
        reading.report(Refused(there[extra], f"a second effect '{extra}' beside '{effects[0]}'", "a fault has one effect"))
    for effect, companions in EFFECTS.items():
        for name in companions:
            if name in there and effect not in there:
                reading.report(Refused(there[name], f"'{name}' goes with '{effect}' only", f"there is no '{effect}' in this fault"))
    if not there:
        reading.report(Refused(node.where, "an empty fault", "write 'ok' to let the request through"))
    if "applied" in there and not effects:
        reading.report(Refused(there["applied"], "'applied' without an effect", "a request with no effect is carried out anyway"))


def _build(fields: Fields, reading: Reading) -> Fault:
    _check_connection(fields)
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


_MAPPING = Section("a fault", FAULT_KEYS, _build, _check)


@dataclass(frozen=True)
class FaultValue:
    """A fault in either form."""

    shape: str = "a fault: an error's name, ok, or a mapping such as {connection: reset}"

    def read(self, node: Node, reading: Reading) -> Fault:
        if isinstance(node, Mapping):
            return _MAPPING.read(node, reading)
        if isinstance(node, Sequence):
            refuse(node, self.shape, "several faults in a row are a 'sequence'")
        return self._named(node)

    def _named(self, node: Scalar) -> Fault:
        name: Any = scalar_text(node, self.shape)
        if name == "ok":
            return Fault(node.where)
        if name not in ERROR_NAMES:
            keys = tuple(key.name for key in FAULT_KEYS)
            hint = f"write {{{name}: ...}}" if name in keys else suggestion(name, ("ok", *ERROR_NAMES))
            raise Refused(node.where, f"unknown error '{name[:64]}'", hint)
        return Fault(node.where, error=name)


FAULT = FaultValue()
SECTIONS = (_MAPPING,)


def check_carried(fault: Fault, services: Iterable[str]) -> None:
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
