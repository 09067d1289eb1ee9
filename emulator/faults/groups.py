"""Rules of one selection that differ in the counts that they want: counted once, and only those are asked whose turn it may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from emulator.faults.counting import RuleState
from emulator.faults.effect import Skipped
from emulator.faults.keys import KeyedEntry
from emulator.faults.notes import Notes
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
    """A request of which rules of a group wanted another count: its place among the requests and the logical calls that were selected."""

    attempt: Attempt
    group: Group
    request: int
    call: int

    def notes(self) -> Iterator[tuple[str, Skipped]]:
        """Each rule that was not asked, and why."""
        attempt = self.attempt
        for state in self.group.noted:
            why = state.out_of_turn(attempt.ordinal, attempt.tries, self.request, self.call)
            if why is not None:
                yield state.rule.name, why


class Group:
    """Rules that count together, with their places in the scenario. `noted` are those that want another count than the attempt's, which
    shows at any time."""

    def __init__(self, placed: Iterable[_Placed], notes: Notes) -> None:
        self._all = list(placed)
        self._notes = notes
        states = tuple(state for _, state in self._all)
        self.tally = states[0].tally
        self._by_entry = states[0] if states[0].rule.when.per == "key" else None
        self.noted = tuple(state for state in states if _wants_more(state.rule.when))
        self._counts = any(state.rule.when.request is not None or state.rule.when.call is not None for state in states)
        # Those that are asked about every request, and the others by the count that they want
        self._always: tuple[_Placed, ...] = ()
        by_count: dict[str, dict[int, tuple[_Placed, ...]]] = {key: {} for key in _KEYS}
        for one in self._all:
            key, counts = _wanted(one[1].rule.when)
            if not counts:
                self._always += (one,)
            for count in counts:
                by_count[key][count] = (*by_count[key].get(count, ()), one)
        self._by_attempt, self._by_try, self._by_request, self._by_call = (by_count[key] for key in _KEYS)

    def turns(self, call: Call, attempt: Attempt) -> Sequence[Turn]:
        """Count a request, and tell which rules may be due; what keeps the others from it is noted."""
        tally = self.tally
        tally.matched += 1
        if self._by_entry is not None and (entries := self._by_entry.entries_of(call)):
            return self._turns_of_each(entries, attempt)
        asked = self._always
        if attempt.ordinal in self._by_attempt:
            asked += self._by_attempt[attempt.ordinal]
        if attempt.tries in self._by_try:
            asked += self._by_try[attempt.tries]
        counted: Counted | None = None
        request = number = 0
        if self._counts:
            counted = tally.count(tally.scope_of(call), attempt)
            _, request, number, _ = counted
            if request in self._by_request:
                asked += self._by_request[request]
            if number in self._by_call:
                asked += self._by_call[number]
        if self.noted:
            # As `OutOfTurn(...)`, which takes twice as long
            self._notes.add(tuple.__new__(OutOfTurn, (attempt, self, request, number)))
        if not asked:
            return ()
        one = (counted or Counted(tally.scope_of(call), 0, 0),)
        return [(place, state, one) for place, state in asked]

    def _turns_of_each(self, entries: Mapping[bytes, KeyedEntry], attempt: Attempt) -> Sequence[Turn]:
        """Those of a request whose entries count each by itself: any rule may be due for one of them."""
        tally = self.tally
        several = tuple(tally.count(tally.scope(name), attempt, entry) for name, entry in entries.items())
        return [(place, state, several) for place, state in self._all]


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
