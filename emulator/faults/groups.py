"""Rules of one selection that differ in the counts that they want: counted once, and only those are asked whose turn it may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from emulator.faults.chance import MASK
from emulator.faults.counting import RuleState
from emulator.faults.keys import KeyScope
from emulator.faults.notes import Note, Notes
from emulator.faults.tallies import Counted, Scope, Tally
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


def count_together(states: Iterable[RuleState], keys: KeyScope) -> None:
    """Let rules that begin now, and select the same requests, count as one."""
    selections: dict[When, list[RuleState]] = {}
    for state in states:
        if state.counts_all and not state.rule.is_early:
            selection = replace(state.rule.when, attempt=None, try_=None, request=None, call=None)
            selections.setdefault(selection, []).append(state)
    for selection, together in selections.items():
        numbers_calls = any(state.rule.when.call is not None for state in together)
        tally = Tally(selection, keys, numbers_calls=numbers_calls, draws=any(state.draws_with_all for state in together))
        for state in together:
            state.tally = tally


class Together:
    """The rules that count together at one target. `in_parts`: requests there may name several items, each of which counts by itself where
    rules count by key. `are_some`: there are such rules."""

    def __init__(self, groups: Iterable[Sequence[_Placed]], notes: Notes, *, in_parts: bool) -> None:
        whole: list[Sequence[_Placed]] = []
        self._by_entry: list[_Group] = []
        self._numbered: list[_Group] = []
        self._drawing: list[_Drawing] = []
        # What counts requests and no more
        self._totals: list[Scope] = []
        for placed in groups:
            if in_parts and placed[0][1].rule.when.per == "key":
                self._by_entry.append(_Group(placed))
                continue
            whole.append(placed)
            tally = placed[0][1].tally
            is_numbered = any(_wants_more(state.rule.when) for _, state in placed)
            if is_numbered:
                self._numbered.append(_Group(placed))
            if not (is_numbered and tally.is_one):
                self._totals.append(tally.all)
            if any(state.draws_with_all for _, state in placed):
                self._drawing.append(_Drawing(placed))
        wanted = _by_count(one for placed in whole for one in placed if not one[1].is_by_chance_alone)
        self._always, self._by_attempt, self._by_try = wanted[""].get(0, ()), wanted["attempt"], wanted["try_"]
        self._notes = notes
        notes.expect(1 + len(self._numbered) + len(self._drawing))
        self.are_some = bool(whole or self._by_entry)

    def turns(self, call: Call, attempt: Attempt, content: bytes) -> Sequence[Turn]:
        """Count a request, and tell which rules may be due; what keeps the others from it is noted."""
        for total in self._totals:
            total.matched += 1
        asked, notes, noted = self._always, self._notes, self._notes.latest
        call_id, ordinal = attempt.call_id, attempt.ordinal
        if ordinal in self._by_attempt:
            asked += self._by_attempt[ordinal]
        if self._by_try:
            asked += self._by_try.get(attempt.tries, ())
        for group in self._numbered:
            scope = group.only or group.tally.scope_of(call)
            # As `scope.count(attempt)`, without a call
            scope.matched = request = scope.matched + 1
            calls = scope.calls
            number = 0 if calls is None else calls.add(call_id) if ordinal == 1 else calls.number(call_id)
            if request in group.by_request:
                asked += group.by_request[request]
            if number and number in group.by_call:
                asked += group.by_call[number]
            noted += (call_id, ordinal, group, request, number)
        for drawing in self._drawing:
            number = drawing.tally.meet(content).number
            asked += drawing.hit(number) if call.refusal is None else drawing.placed
            noted += (call_id, ordinal, drawing, number, 0)
        if len(noted) > notes.room:
            notes.turn_over()
        return self._turns(asked, call, attempt, content) if asked or self._by_entry else ()

    def _turns(self, asked: Sequence[_Placed], call: Call, attempt: Attempt, content: bytes) -> Sequence[Turn]:
        turns: list[Turn] = [(place, state, (state.tally.counted(call, attempt),)) for place, state in asked]
        for group in self._by_entry:
            turns += group.turns_by_entry(call, attempt, content)
        return turns


class _Group:
    """Rules of one tally."""

    __slots__ = ("_noted", "_placed", "by_call", "by_request", "only", "tally")

    def __init__(self, placed: Sequence[_Placed]) -> None:
        self._placed = placed
        self.tally = placed[0][1].tally
        self.only = self.tally.all if self.tally.is_one else None
        wanted = _by_count(placed)
        self.by_request, self.by_call = wanted["request"], wanted["call"]
        # The count of the attempt shows at any time
        self._noted = [state for _, state in placed if _wants_more(state.rule.when)]

    def turns_by_entry(self, call: Call, attempt: Attempt, content: bytes) -> Sequence[Turn]:
        """All of them: any may be due for one of the entries."""
        tally = self.tally
        tally.all.matched += 1
        tally.meet(content)
        counted = tuple(tally.count(scope, attempt, entry) for scope, entry in self._placed[0][1].scopes_of(call))
        return [(place, state, counted) for place, state in self._placed]

    def notes(self, attempt: Attempt, request: int, call: int) -> Iterator[Note]:
        """Which rules wanted another count, whether they were asked or not."""
        for state in self._noted:
            why = state.out_of_turn(attempt.ordinal, attempt.tries, request, call)
            if why is not None:
                yield state.rule.name, why


class _Drawing:
    """Rules of one tally that draw for each request. Those that ask for nothing but a chance are asked only where they are hit."""

    __slots__ = ("_chances", "placed", "tally")

    def __init__(self, placed: Sequence[_Placed]) -> None:
        self.tally = placed[0][1].tally
        self.placed = tuple(one for one in placed if one[1].is_by_chance_alone)
        chances = [(one[1].chance, one) for one in self.placed]
        self._chances = tuple((chance.multiplier, chance.offset, chance.threshold, one) for chance, one in chances)

    def hit(self, number: int) -> tuple[_Placed, ...]:
        """Those that a request's draw hits. `Chance` says how; asking each would take longer than all this."""
        return tuple([one for multiplier, offset, threshold, one in self._chances if number * multiplier + offset & MASK < threshold])

    def notes(self, attempt: Attempt, number: int, _: int) -> Iterator[Note]:
        """Which rules drew too high."""
        for _, state in self.placed:
            drawn = state.chance.uniform(number)
            if state.rule.chance is not None and drawn >= state.rule.chance:
                yield state.rule.name, ("chance", drawn)


def _by_count(placed: Iterable[_Placed]) -> dict[str, dict[int, tuple[_Placed, ...]]]:
    """Rules by the first count that each wants, and by its values; those that are asked about every request by "" and 0."""
    found: dict[str, dict[int, tuple[_Placed, ...]]] = {key: {} for key in ("", *_KEYS)}
    for one in placed:
        key, counts = _wanted(one[1].rule.when)
        for count in counts:
            found[key][count] = (*found[key].get(count, ()), one)
    return found


def _wants_more(when: When) -> bool:
    return when.try_ is not None or when.request is not None or when.call is not None


def _wanted(when: When) -> tuple[str, Sequence[int]]:
    """The first count that a rule asks for, and all values of it with which it may be due; "" and 0 where they are many, or none is asked
    for."""
    for key in _KEYS:
        ordinals: Ordinals | None = getattr(when, key)
        if ordinals is not None:
            values = _values(ordinals)
            return (key, values) if values else ("", (0,))
    return "", (0,)


def _values(ordinals: Ordinals) -> Sequence[int]:
    if ordinals.every is not None or any(last is None or last - first >= MAX_COUNTS for first, last in ordinals.ranges):
        return ()
    found = {value for first, last in ordinals.ranges if last is not None for value in range(first, last + 1)}
    return sorted(found) if len(found) <= MAX_COUNTS else ()
