"""`phases`: the parts of a scenario's time. A rule names the phases that it applies in with `in`."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.scenario.nodes import MappingNode, Node
from emulator.scenario.problems import Position
from emulator.scenario.reading import ListOf, Reading, Refused, Reported, Schema
from emulator.scenario.sections import Fields, Key, Section, key, section
from emulator.scenario.values import PASSING, Text, Whole

PHASE_NAME = Text("the name of a phase", r"[^\s](?:[^\n]{0,98}[^\s])?", 100)


class _Length:
    """A duration as seconds, or a number of logical calls."""

    shape = "how long the phase lasts: a duration such as 10s, or {calls: 50}"

    def read(self, node: Node, reading: Reading) -> float | int:
        if isinstance(node, MappingNode):
            return _CALLS.read(node, reading)
        return PASSING.read(node, reading)

    def schema(self) -> Schema:
        return {"anyOf": [PASSING.schema(), _CALLS.schema()]}


def _calls(fields: Fields, reading: Reading) -> int:
    return int(fields.get("calls"))


_CALLS = Section(
    "'for'", (Key("calls", Whole(1, 1_000_000), "so many logical calls, whatever rules say of them", "50", required=True),), _calls
)


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the scenario's time: `for_` seconds long, or `calls` logical calls, or (neither) to the end."""

    where: Position
    name: str = key(PHASE_NAME, "the phase's name", example="outage")
    for_: float | None = key(
        _Length(),
        "how long it lasts: a time, or {calls: 50}",
        example="10s",
        default=None,
        left_out="to the end; only the last phase may do so",
    )
    calls: int | None = None


def _phase(fields: Fields, reading: Reading) -> Phase:
    length = fields.get("for")
    return fields.build(Phase, for_=None, calls=length) if isinstance(length, int) else fields.build(Phase)


_PHASE = section("a phase", Phase, build=_phase)


class PhasesValue:
    shape = "a list of phases, such as [{name: healthy, for: 10s}, {name: outage}]"

    def read(self, node: Node, reading: Reading) -> tuple[Phase, ...]:
        before = reading.refused
        phases = ListOf(_PHASE, 100, 1).read(node, reading)
        for phase in phases[:-1]:
            if phase.for_ is None and phase.calls is None:
                reading.report(Refused(phase.where, f"the phase '{phase.name}' never ends", "only the last phase can go without 'for'"))
        if reading.refused > before:
            raise Reported
        return phases

    def schema(self) -> Schema:
        return ListOf(_PHASE, 100, 1).schema()


SECTIONS = (_PHASE, _CALLS)
