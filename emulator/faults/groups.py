"""Rules of one selection that differ in the counts that they want: counted once, and only those are asked whose turn it may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from emulator.faults.counting import RuleState
from emulator.faults.effect import Skipped
from emulator.faults.tallies import Counted
from emulator.messages import Attempt, Call
from emulator.scenario.ranges import Ordinals
from emulator.scenario.when import When

# A rule that wants more counts than this is asked about every request
MAX_COUNTS = 32

# A rule to be asked: its place in the scenario, its state, and what was counted for it, None: nothing yet
Turn = tuple[int, RuleState, Sequence[Counted] | None]
_Placed = tuple[int, RuleState]
# The counts by which rules are looked up, in the order in which they are looked at
_KEYS = ("attempt", "try_", "request", "call")


class OutOfTurn(NamedTuple):
    """What was counted of a request of which rules of a group wanted another count: its attempt, its try, and its place among the requests
    and the logical calls that were selected."""

    states: tuple[RuleState, ...]
    ordinal: int
    tries: int
    request: int
    call: int

    def notes(self) -> Iterator[tuple[str, Skipped]]:
        """Each rule that was not asked, and why."""
        for state in self.states:
            why = state.out_of_turn(self.ordinal, self.tries, self.request, self.call)
            if why is not None:
                yield state.rule.name, why


class Group:
    """Rules that count together, with their places in the scenario."""

    def __init__(self, placed: Iterable[_Placed]) -> None:
        self._all = list(placed)
        self._states = tuple(state for _, state in self._all)
        self.tally = self._states[0].tally
        self._by_entry = self._states[0] if self._states[0].rule.when.per == "key" else None
        # Those who want another count than the attempt's, which shows at any time
        self._noted = tuple(state for state in self._states if _wants_more(state.rule.when))
        # Those that are asked about every request, and the others by the count that they want
        self._always: list[_Placed] = []
        self._by_count: dict[str, dict[int, list[_Placed]]] = {}
        for one in self._all:
            self._place(one)

    def _place(self, placed: _Placed) -> None:
        key, counts = _wanted(placed[1].rule.when)
        if not counts:
            self._always.append(placed)
        for count in counts:
            self._by_count.setdefault(key, {}).setdefault(count, []).append(placed)

    def turns(self, call: Call, attempt: Attempt) -> tuple[list[Turn], OutOfTurn | None]:
        """Count a request, and tell which rules may be due; the others are told by what was counted."""
        tally = self.tally
        tally.matched += 1
        entries = None if self._by_entry is None else self._by_entry.entries_of(call)
        if entries:
            several = tuple(tally.count(tally.scope(name), attempt, entry) for name, entry in entries.items())
            return [(place, state, several) for place, state in self._all], None
        one = tally.count(tally.scope_of(call), attempt)
        asked = self._always
        for key, by_count in self._by_count.items():
            asked = [*asked, *by_count.get(_count_of(key, attempt, one), ())]
        counted = (one,)
        turns: list[Turn] = [(place, state, counted) for place, state in asked]
        if not self._noted or len(turns) == len(self._states):
            return turns, None
        # As `OutOfTurn(...)`, which takes twice as long
        return turns, tuple.__new__(OutOfTurn, (self._noted, attempt.ordinal, attempt.tries, one.request, one.call))


def _count_of(key: str, attempt: Attempt, counted: Counted) -> int:
    if key == "attempt":
        return attempt.ordinal
    if key == "try_":
        return attempt.tries
    return counted.request if key == "request" else counted.call


def _wants_more(when: When) -> bool:
    return when.try_ is not None or when.request is not None or when.call is not None


def _wanted(when: When) -> tuple[str, Sequence[int]]:
    """The first count that a rule asks for, and all values of it with which it may be due; no values where they are many."""
    for key in _KEYS:
        ordinals: Ordinals | None = getattr(when, key)
        if ordinals is not None:
            return key, _values(ordinals)
    return "", ()


def _values(ordinals: Ordinals) -> Sequence[int]:
    if ordinals.every is not None or any(last is None or last - first >= MAX_COUNTS for first, last in ordinals.ranges):
        return ()
    found = {value for first, last in ordinals.ranges if last is not None for value in range(first, last + 1)}
    return sorted(found) if len(found) <= MAX_COUNTS else ()
