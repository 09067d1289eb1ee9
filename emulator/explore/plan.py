"""Which runs are made, and in which order: of the calls of one kind the first, the second and the last, early calls first, and no run that
would show what another has shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum

from dynafault_dataclass import dataclass
from emulator.explore.kinds import KINDS, FaultFamily, FaultKind
from emulator.explore.points import CallKind, Point

# Whether these make a difference is up to the data, which another call finds different
_OF_DATA = frozenset((FaultFamily.STALE, FaultFamily.PAGE, FaultFamily.LEFTOVERS))


class Turn(IntEnum):
    """Which of the calls of its kind a point is, in the order in which they are explored."""

    FIRST = 0
    SECOND = 1
    LAST = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault at a point, before it is run; `second` for a pair."""

    point: Point
    fault: FaultKind
    turn: Turn
    second: tuple[Point, FaultKind] | None = None

    @property
    def id(self) -> str:
        other = f" + {self.second[0].id}: {self.second[1].id}" if self.second else ""
        return f"{self.point.id}: {self.fault.id}{other}"


def planned(points: Sequence[Point], *, exhaustive: bool) -> list[Planned]:
    """All runs that may be worth making, those first that are likely to say something new. `exhaustive`: every point has a turn."""
    found = [
        Planned(point, fault, turn)
        for point, turn in _turns(points)
        if exhaustive or turn is not Turn.OTHER
        for fault in KINDS
        if fault.applies(point)
    ]
    order = {fault.id: place for place, fault in enumerate(KINDS)}
    # What lasts takes long; what is early shows what the rest of the program makes of it
    return sorted(found, key=lambda one: (one.turn, one.fault.is_lasting, one.point.position, order[one.fault.id]))


def _turns(points: Sequence[Point]) -> Iterator[tuple[Point, Turn]]:
    last = {point.kind: point.nth for point in points}
    for point in points:
        if point.nth <= 2:
            yield point, Turn(point.nth - 1)
        else:
            yield point, Turn.LAST if point.nth == last[point.kind] else Turn.OTHER


def pairs(points: Sequence[Point]) -> list[Planned]:
    """Two transient faults in one run, at the first calls of two kinds, or at the first two of one."""
    turns = [(point, turn) for point, turn in _turns(points) if turn <= Turn.SECOND]
    found = []
    for place, (point, turn) in enumerate(turns):
        for other, _ in turns[place + 1 :]:
            if turn is Turn.FIRST:
                found += [
                    Planned(point, fault, turn, (other, second))
                    for fault in _transient(point)
                    for second in _transient(other)
                    if fault.family is not second.family or fault is second
                ]
    return found


def _transient(point: Point) -> Iterator[FaultKind]:
    return (fault for fault in KINDS if not fault.is_lasting and fault.applies(point))


class Known:
    """What the runs so far say about those that are left."""

    def __init__(self) -> None:
        self._said: dict[tuple[CallKind, str], str] = {}
        self._bad: set[tuple[str, str]] = set()
        self._hung: set[tuple[CallKind, FaultFamily]] = set()

    def add(self, one: Planned, *, is_good: bool, changed: bool, hung: bool = False) -> None:
        """A run that was made: whether it was good, whether the calls that followed the fault were other ones, and whether it did not end,
        which takes long and need not be seen again with a fault of the same family."""
        if one.second is not None:
            return
        if hung:
            self._hung.add((one.point.kind, one.fault.family))
        if not is_good:
            self._bad.add((one.point.id, one.fault.id))
            self._said[one.point.kind, one.fault.id] = "found at another call of its kind"
        elif not changed and one.fault.family not in _OF_DATA:
            self._said.setdefault((one.point.kind, one.fault.id), "changed nothing at another call of its kind")

    def says(self, one: Planned) -> str:
        """Why a run would show nothing new; "" where it might."""
        if one.second is not None:
            parts = ((one.point.id, one.fault.id), (one.second[0].id, one.second[1].id))
            return "found with one fault alone" if any(part in self._bad for part in parts) else ""
        if (one.point.kind, one.fault.family) in self._hung:
            return "found at a call of its kind, which does not end"
        return self._said.get((one.point.kind, one.fault.id), "")
