"""Rules of one selection that differ in the counts that they want: counted once, and only those are asked whose turn it may be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf

from emulator.faults.arrivals import Arrivals
from emulator.faults.chance import MASK
from emulator.faults.counting import RuleState
from emulator.faults.keys import KeyScope
from emulator.faults.notes import Note, Notes
from emulator.faults.tallies import Counted, Scope, Tally
from emulator.messages import Attempt, Call
from emulator.scenario.ranges import Ordinals
from emulator.scenario.when import When

# A rule that wants more counts than this is looked at whenever something is counted
MAX_COUNTS = 32

# A rule to be asked: its place in the scenario, its state, and what was counted for it, None: nothing yet
Turn = tuple[int, RuleState, Sequence[Counted] | None]
_Placed = tuple[int, RuleState]
# A rule is looked up by the first of these that it asks for: what is counted together comes before what each request brings with it
_KEYS = ("request", "call", "attempt", "try_")


def count_together(states: Iterable[RuleState], keys: KeyScope) -> None:
    """Let rules that begin now, and select the same requests, be counted together."""
    selections: dict[tuple[When, tuple[str, ...] | None], list[RuleState]] = {}
    for state in states:
        if state.counts_all and not state.rule.is_early:
            selection = replace(state.rule.when, attempt=None, try_=None, request=None, call=None)
            selections.setdefault((selection, state.rule.in_), []).append(state)
    for (selection, _), together in selections.items():
        numbers_calls = any(state.rule.when.call is not None for state in together)
        tally = Tally(selection, keys, numbers_calls=numbers_calls, draws=any(state.draws_with_all for state in together))
        for state in together:
            state.tally = tally


class Together:
    """The rules that count together at one target. `resting`: what is to be noted of others, which are about none of its requests.
    `in_parts`: requests there may name several items, each of which counts by itself where rules count by key. `are_some`: there are such
    rules, or others to be noted. `is_quiet`: while the log of arrivals is shorter than `limit`, none is due for a request that is the first
    attempt of a call, and its first try; then it only has to be put down there. For the rest, see `Counting`."""

    def __init__(
        self, groups: Iterable[Sequence[_Placed]], resting: Sequence[Note], arrivals: Arrivals, notes: Notes, *, in_parts: bool
    ) -> None:
        self.limit = 0
        self.totals: list[Scope] = []
        self.numbered: list[Scope] = []
        # Those that count in one scope, in the order of `numbered`
        self._in_one: list[_Group] = []
        self._in_several: list[_Group] = []
        self._by_entry: list[_Group] = []
        self._drawing: list[_Drawing] = []
        self._arrivals, self._notes, self._resting = arrivals, notes, resting
        whole: list[_Placed] = []
        for placed in groups:
            if in_parts and placed[0][1].rule.when.per == "key":
                self._by_entry.append(_Group(placed))
            else:
                self._add(placed)
                whole += [one for one in placed if not one[1].is_by_chance_alone]
        self._always = tuple(one for one in whole if _first_count(one) == "")
        self._by_attempt, self._by_try = _Due("attempt", whole), _Due("try_", whole)
        self._at_first = self._always + self._by_attempt.at(1) + self._by_try.at(1)
        self.is_quiet = not (self._at_first or self._in_several or self._drawing or self._by_entry)
        self.are_some = bool(self.totals or self.numbered or self._by_entry or resting)
        notes.expect(1 + len(self._in_several) + len(self._drawing))

    def _add(self, placed: Sequence[_Placed]) -> None:
        tally = placed[0][1].tally
        is_numbered = any(_wants_more(state.rule.when) for _, state in placed)
        if is_numbered and tally.is_one:
            self._in_one.append(_Group(placed))
            self.numbered.append(tally.all)
        else:
            self.totals.append(tally.all)
            if is_numbered:
                self._in_several.append(_Group(placed))
        if any(state.draws_with_all for _, state in placed):
            self._drawing.append(_Drawing(placed))

    def turns(self, call: Call, attempt: Attempt, content: bytes) -> Sequence[Turn]:
        """Count a request, now or later, and tell which rules may be due; what keeps the others from it is noted."""
        arrivals, notes = self._arrivals, self._notes
        call_id, ordinal, noted = attempt.call_id, attempt.ordinal, notes.latest
        turns: list[Turn] = []
        unnumbered = self._at_first
        if ordinal != 1 or attempt.tries != 1:
            unnumbered = self._always + self._by_attempt.at(ordinal) + self._by_try.at(attempt.tries)
            self._count(attempt, turns)
        elif len(arrivals.log) >= self.limit:
            self._count(attempt, turns)
        else:
            arrivals.log += (call_id, 1, self)
        for group in self._in_several:
            request, number, due = group.count(group.tally.scope_of(call), attempt)
            turns += due
            noted += (call_id, ordinal, group, request, number)
        for drawing in self._drawing:
            number = drawing.tally.meet(content).number
            unnumbered += drawing.hit(number) if call.refusal is None else drawing.placed
            noted += (call_id, ordinal, drawing, number, 0)
        if len(noted) > notes.room:
            notes.turn_over()
        if unnumbered:
            turns += [(place, state, state.tally.unnumbered(call)) for place, state in unnumbered]
        for group in self._by_entry:
            turns += group.turns_by_entry(call, attempt, content)
        return turns

    def _count(self, attempt: Attempt, turns: list[Turn]) -> None:
        """Count a request now, after all that waited, in so far as it counts in one scope. Adds to `turns` which rules may be due."""
        arrivals = self._arrivals
        arrivals.count()
        for total in self.totals:
            total.matched += 1
        for group in self._in_one:
            turns += group.count(group.tally.all, attempt)[2]
        arrivals.add_counted(attempt, self)
        # Where one was due, the next may be due as well
        if not turns and len(arrivals.log) >= self.limit:
            arrivals.limit(self, min([group.distance for group in self._in_one], default=inf))

    def notes(self, attempt: Attempt, requests: Sequence[int], /) -> Iterator[Note]:
        """See `Counting`."""
        yield from self._resting
        for group, request in zip(self._in_one, requests, strict=True):
            calls = group.tally.all.calls
            yield from group.notes(attempt, request, 0 if calls is None else calls.known(attempt.call_id))


class _Group:
    """Rules of one tally. Those that want a number of the request, or of its call, are looked up by it."""

    __slots__ = ("_by_call", "_by_request", "_noted", "_placed", "tally")

    def __init__(self, placed: Sequence[_Placed]) -> None:
        self._placed = placed
        self.tally = placed[0][1].tally
        self._by_request, self._by_call = _Due("request", placed), _Due("call", placed)
        # The count of the attempt shows at any time
        self._noted = [state for _, state in placed if _wants_more(state.rule.when)]

    def count(self, scope: Scope, attempt: Attempt) -> tuple[int, int, Sequence[Turn]]:
        """Count a request. Returns its number in the scope, that of its call, and the rules that may be due."""
        number = scope.count(attempt)
        request = scope.matched
        due = self._by_request.at(request)
        if number:
            due += self._by_call.at(number)
        if not due:
            return request, number, ()
        counted = (Counted(scope, request, number),)
        return request, number, [(place, state, counted) for place, state in due]

    @property
    def distance(self) -> float:
        """How many more requests may count in its one scope before some rule may be due."""
        scope = self.tally.all
        calls = 0 if scope.calls is None else scope.calls.last
        return min(self._by_request.after(scope.matched) - scope.matched, self._by_call.after(calls) - calls) - 1

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


class _Due:
    """Those of some rules that are looked up by a certain count, by its values with which they may be due."""

    __slots__ = ("_by_value", "_others", "_values")

    def __init__(self, key: str, placed: Iterable[_Placed]) -> None:
        self._by_value: dict[int, tuple[_Placed, ...]] = {}
        self._others: list[tuple[Ordinals, _Placed]] = []
        for one in placed:
            if _first_count(one) == key:
                ordinals: Ordinals = getattr(one[1].rule.when, key)
                values = _values(ordinals)
                for value in values:
                    self._by_value[value] = (*self._by_value.get(value, ()), one)
                if not values:
                    self._others.append((ordinals, one))
        self._values = sorted(self._by_value)

    def at(self, count: int) -> tuple[_Placed, ...]:
        found = self._by_value.get(count, ())
        for ordinals, one in self._others:
            if count in ordinals:
                found += (one,)
        return found

    def after(self, count: int) -> float:
        """The next count at which there are some; infinity for none."""
        place = bisect_right(self._values, count)
        others = [value for ordinals, _ in self._others if (value := ordinals.after(count)) is not None]
        return min([*self._values[place : place + 1], *others], default=inf)


def _wants_more(when: When) -> bool:
    return when.try_ is not None or when.request is not None or when.call is not None


def _first_count(placed: _Placed) -> str:
    """The first count that a rule asks for, "" for none."""
    when = placed[1].rule.when
    return next((key for key in _KEYS if getattr(when, key) is not None), "")


def _values(ordinals: Ordinals) -> Sequence[int]:
    """All of them; none where they are many."""
    if ordinals.every is not None or any(last is None or last - first >= MAX_COUNTS for first, last in ordinals.ranges):
        return ()
    found = {value for first, last in ordinals.ranges if last is not None for value in range(first, last + 1)}
    return sorted(found) if len(found) <= MAX_COUNTS else ()
