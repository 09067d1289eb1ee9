"""The state of one rule: what it counted, scope by scope, and whether it is due. The rule itself stays frozen.

Nothing here locks: the owner of the states does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from emulator.aws.arns import table_name
from emulator.faults.canonical import canonical
from emulator.faults.chance import NO_RANDOM, Chance, Contents, Draw, RequestRandom
from emulator.faults.compiled import CompiledFault, compile_fault, together
from emulator.faults.effect import NO_PHASE, EffectContext, Skipped
from emulator.faults.keys import Item, KeyedEntry, KeyPattern, KeyScope
from emulator.faults.matching import AMBIGUOUS, Globs, KeyMatch, WhereCondition, conditions
from emulator.faults.page_tokens import PageTokens
from emulator.faults.tallies import Counted, Scope, Tally, Turns
from emulator.messages import Attempt, Call
from emulator.scenario.rules import Rule

# Requests that may name several items, each of which counts by itself where a rule counts by key
IN_PARTS = frozenset(
    ("BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "ExecuteTransaction", "TransactGetItems", "TransactWriteItems")
)


class Fired(NamedTuple):
    """A rule fires: with which faults, mostly one, and for which entries of the request by their numbers, None for all that the rule is
    about."""

    faults: tuple[tuple[CompiledFault, frozenset[int] | None], ...]
    random: RequestRandom


class RuleState:
    """One rule at work. `expires` is on the monotonic clock, in seconds; None: it stays. `tally` is what it counts by, alone or with other
    rules of its selection."""

    def __init__(self, rule: Rule, seed: int, keys: KeyScope, tokens: PageTokens, expires: float | None = None) -> None:
        self.rule = rule
        self.expires = expires
        self.fired = 0
        asked = conditions(rule.when)
        self.static = tuple(one for one in asked if one.static)
        self.pattern = next((one.pattern for one in asked if isinstance(one, KeyMatch)), None)
        self._where = tuple(one for one in asked if isinstance(one, WhereCondition))
        self.wanted_text = next((one.wanted_text for one in self._where), None)
        # The candidates for a request were found by all that it asks
        self.is_certain = self.pattern is None and not self._where
        is_timed = expires is not None or any(one is not None for one in (rule.during, rule.when.idle, rule.when.opened))
        # Whether nothing but the phase and what is static of a request tells which requests it is about
        self.is_by_phase = rule.in_ is not None and self.is_certain and not is_timed and not rule.is_early
        self.is_timed = is_timed or (rule.in_ is not None and not self.is_by_phase)
        # Whether the same holds of its stretch of time
        is_fixed = expires is None and rule.when.idle is None and rule.when.opened is None
        self.during = rule.during if self.is_certain and is_fixed and not rule.is_early else None
        self._eligible = _eligible(rule)
        self._keys = keys
        self._is_by_entry = rule.when.per == "key"
        context = EffectContext(self._eligible, tokens, keys.key_names)
        self._faults = tuple(compile_fault(fault, context) for fault in rule.faults)
        self._is_picky = any(fault.is_picky for fault in self._faults)
        self.by_chance = rule.chance is not None or any(fault.by_chance for fault in self._faults)
        self.chance = Chance(seed, rule.name, rule.chance)
        self._attempts, self._tries = rule.when.attempt, rule.when.try_
        self._requests, self._calls = rule.when.request, rule.when.call
        wants_counts = any(one is not None for one in (self._attempts, self._tries, self._requests, self._calls))
        # One that draws for each request that it is about does so with all rules of its selection
        self.draws_with_all = self.by_chance and not wants_counts
        self._contents = None if self.draws_with_all else Contents()
        # Whether nothing is to be done for a request that is not hit by chance
        self.is_by_chance_alone = self.draws_with_all and rule.chance is not None and rule.fault is not None
        self.tally = Tally(rule.when, keys, numbers_calls=self._calls is not None, draws=self.draws_with_all)

    @property
    def matched(self) -> int:
        """How many requests it was about."""
        return self.tally.all.matched

    @property
    def counts_all(self) -> bool:
        """Whether it counts every request that has what is static of it, at any time of its phases: then others may count with it."""
        return self.is_certain and not self.is_timed and not self._is_picky

    def rest(self, phase: str | None, elapsed: float) -> Skipped | None:
        """What is enough to tell that it is about no request, whatever that is, at a time in seconds since the scenario began."""
        if self.rule.in_ is not None and phase not in self.rule.in_ and (self.is_by_phase or self.during is not None):
            return "in", phase or NO_PHASE
        return ("during", elapsed) if self.during is not None and elapsed not in self.during else None

    def count_alone(self) -> None:
        """From now on, whatever it counted with others so far."""
        self.tally = self.tally.copy_for(self)

    def is_about(self, call: Call, attempt: Attempt, items: Iterable[Item]) -> bool:
        """Whether the conditions hold that are not static. `items` are those that the request names."""
        if self.pattern is not None and not any(map(self.pattern.fits, items)):
            return False
        for condition in self._where:
            if not condition.holds(call, attempt):
                return False
        return True

    def evaluate(
        self, call: Call, attempt: Attempt, content: bytes, taken: str, counted: Sequence[Counted] | None = None
    ) -> Fired | Skipped:
        """Whether the rule fires for a request that it is about. `counted`: the request's place, or that of each of its entries, where it
        has been counted already; None: it is counted now. `taken`: the rule that has fired for this request already, "" for none."""
        misses: list[Skipped] = []
        if counted is None:
            counted = self._counted(call, attempt, content, misses)
        if len(counted) == 1 and counted[0].entry is None:
            return self._judge(counted[0], call, attempt, content, taken)
        return self._judge_each(counted, misses, call, attempt, content, taken)

    def _counted(self, call: Call, attempt: Attempt, content: bytes, misses: list[Skipped]) -> Sequence[Counted]:
        """Count a request as a whole, or each of its entries, if it has what the fault wants; what is lacking goes to `misses`."""
        counted = []
        for scope, entry in self.scopes_of(call):
            lack = self._lacking(scope, call)
            if lack is None:
                counted.append(self.tally.count(scope, attempt, entry))
            else:
                misses.append(lack)
        if counted:
            self.tally.meet(content)
            if not self.tally.is_one:
                self.tally.all.matched += 1
        return counted

    def scopes_of(self, call: Call) -> list[tuple[Scope, KeyedEntry | None]]:
        """Where a request counts, as a whole or by its entries. An item that is named twice counts once."""
        found: dict[bytes, KeyedEntry] = {}
        if self._is_by_entry and call.operation in IN_PARTS:
            for entry in self._keys.entries(call):
                if self._eligible(entry.table, entry.sent):
                    found.setdefault(entry.scope, entry)
        return [(self.tally.scope(name), entry) for name, entry in found.items()] or [(self.tally.scope_of(call), None)]

    def out_of_turn(self, ordinal: int, tries: int, request: int, number: int) -> Skipped | None:
        """Which count keeps the rule from being due, if one does: that of the attempt, the try, the request or the call."""
        if self._attempts is not None and ordinal not in self._attempts:
            return "attempt", ordinal or AMBIGUOUS
        if self._tries is not None and tries not in self._tries:
            return "try", tries or AMBIGUOUS
        if self._requests is not None and request not in self._requests:
            return "request", request
        if self._calls is not None and number not in self._calls:
            return "call", number
        return None

    def _judge(self, counted: Counted, call: Call, attempt: Attempt, content: bytes, taken: str) -> Fired | Skipped:
        """Whether the rule is due for a whole request, and fires."""
        turns = counted.scope.turns_of(self)
        miss = self._not_due(counted, turns, call, attempt)
        if miss is not None:
            return miss
        turns.due += 1
        fault = self._fault(turns.due - 1)
        draw = self._draw(content)
        miss = self._spend(turns, fault, self.chance.uniform(draw.number) if draw else 0.0, taken)
        if miss is not None:
            return miss
        self.fired += 1
        assert fault is not None
        return Fired(((fault, None),), self.chance.random(draw) if draw else NO_RANDOM)

    def _judge_each(
        self, counted: Sequence[Counted], misses: list[Skipped], call: Call, attempt: Attempt, content: bytes, taken: str
    ) -> Fired | Skipped:
        """Whether the rule is due for some entries of a request, and fires; the request as a whole fires once."""
        due: list[tuple[KeyedEntry, Turns, CompiledFault | None]] = []
        for one in counted:
            turns = one.scope.turns_of(self)
            miss = self._not_due(one, turns, call, attempt)
            if miss is None:
                assert one.entry is not None
                turns.due += 1
                due.append((one.entry, turns, self._fault(turns.due - 1)))
            else:
                misses.append(miss)
        draw = self._draw(content) if due else None
        random = self.chance.random(draw) if draw else NO_RANDOM
        hit: dict[CompiledFault, set[int]] = {}
        for entry, turns, fault in due:
            drawn = 0.0 if self.rule.chance is None else random.uniform(f"chance {entry.scope.hex()}")
            miss = self._spend(turns, fault, drawn, taken)
            if miss is None:
                assert fault is not None
                hit.setdefault(fault, set()).add(entry.number)
            else:
                misses.append(miss)
        if not hit:
            return misses[0]
        self.fired += 1
        return Fired(tuple((fault, frozenset(hit[fault])) for fault in together(hit)), random)

    def _lacking(self, scope: Scope, call: Call) -> Skipped | None:
        """What a valid request lacks for the fault that is due."""
        if not self._is_picky or call.refusal is not None:
            return None
        fault = self._fault(scope.turns_of(self).due)
        return None if fault is None else fault.lacking(call)

    def _not_due(self, counted: Counted, turns: Turns, call: Call, attempt: Attempt) -> Skipped | None:
        """What keeps the rule from being due, if something does."""
        entry, tries = counted.entry, attempt.tries
        if entry is not None and self._tries is not None:
            tries = attempt.tries_of(entry.table, canonical(entry.key))
        miss = self.out_of_turn(attempt.ordinal, tries, counted.request, counted.call)
        if miss is None and call.refusal is not None:
            fault = self._fault(turns.due)
            if fault is None or fault.needs_valid(call):
                return "validation", call.refusal.spec.name
        return miss

    def _draw(self, content: bytes) -> Draw | None:
        """That of a request that the rule is due for, None where nothing is left to chance."""
        if not self.by_chance:
            return None
        return self.tally.drawn if self._contents is None else self._contents.draw(content)

    def _spend(self, turns: Turns, fault: CompiledFault | None, drawn: float, taken: str) -> Skipped | None:
        """What keeps a rule that is due from firing; if nothing does, it has fired in this scope once more."""
        if self.rule.chance is not None and drawn >= self.rule.chance:
            return "chance", drawn
        if fault is None:
            return "sequence", turns.due
        if taken:
            return "earlier rule", taken
        if self.rule.limit is not None and turns.fired >= self.rule.limit:
            return "limit", turns.fired
        turns.fired += 1
        return None

    def _fault(self, turn: int) -> CompiledFault | None:
        """The fault of the n-th request that was due, from 0."""
        if self.rule.fault is not None:
            return self._faults[0]
        if turn < len(self._faults):
            return self._faults[turn]
        if self.rule.then == "loop":
            return self._faults[turn % len(self._faults)]
        return self._faults[-1] if self.rule.then == "stay" else None


def _eligible(rule: Rule) -> Callable[[str, Item], bool]:
    """Which entries of a batch a rule is about: (table as the request names it, key or item) -> whether."""
    tables = None if rule.when.table is None else Globs(rule.when.table)
    pattern = None if rule.when.key is None else KeyPattern(rule.when.key)

    def eligible(table: str, item: Item) -> bool:
        return (tables is None or tables.fits(table_name(table))) and (pattern is None or pattern.fits(item))

    return eligible
