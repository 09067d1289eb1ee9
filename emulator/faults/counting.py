"""The state of one rule: what it counted, scope by scope, and whether it is due. The rule itself stays frozen.

Nothing here locks: the owner of the states does. Scopes and calls are bounded, since a client may invent as many as it
likes; the oldest is forgotten and starts again at nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.aws.arns import table_name
from emulator.faults.bounded import Bounded
from emulator.faults.canonical import canonical
from emulator.faults.chance import NO_RANDOM, Draws, RequestRandom
from emulator.faults.compiled import CompiledFault, compile_fault, together
from emulator.faults.effect import EffectContext, Skipped
from emulator.faults.keys import Item, KeyedEntry, KeyPattern, KeyScope
from emulator.faults.matching import AMBIGUOUS, Globs, KeyCondition, WhereCondition, conditions
from emulator.faults.page_tokens import PageTokens
from emulator.messages import Attempt, Call
from emulator.scenario.model import Rule

MAX_SCOPES = 10_000
MAX_CALLS = 10_000
# Requests that may name several items, each of which counts by itself where a rule counts by key
_IN_PARTS = frozenset(
    ("BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "ExecuteTransaction", "TransactGetItems", "TransactWriteItems")
)


class Fired(NamedTuple):
    """A rule fires: with which faults, mostly one, and for which entries of the request by their numbers, None for all that the rule is
    about."""

    faults: tuple[tuple[CompiledFault, frozenset[int] | None], ...]
    random: RequestRandom


@dataclass(slots=True)
class _Scope:
    """Counters of one rule in one scope. `calls` numbers the logical calls by id."""

    matched: int = 0
    due: int = 0
    fired: int = 0
    first_calls: int = 0
    calls: Bounded[str, int] = field(default_factory=lambda: Bounded(MAX_CALLS))

    def call_number(self, call_id: str) -> int:
        number = self.calls.get(call_id)
        if number is None:
            self.first_calls += 1
            number = self.calls[call_id] = self.first_calls
        return number


ScopeOf = Callable[[Call], Hashable]


def scope_of(rule: Rule, keys: KeyScope) -> ScopeOf:
    """The function that tells in which scope a request counts for a rule."""
    tables = Globs(rule.when.table) if rule.when.table is not None else None

    def table(call: Call) -> Hashable:
        return next((name for name in call.tables if tables is None or tables.fits(name)), None)

    scopes: dict[str, ScopeOf] = {
        "scenario": lambda call: None,
        "table": table,
        "key": keys.of,
        "client": lambda call: (call.access_key, call.request.headers.get("user-agent"), call.request.peer.rpartition(":")[0]),
        "operation": lambda call: (call.service, call.operation),
        "connection": lambda call: call.request.connection,
    }
    return scopes[rule.when.per]


class RuleState:
    """One rule at work. `expires` is on the monotonic clock, in seconds; None: it stays."""

    def __init__(self, rule: Rule, seed: int, keys: KeyScope, tokens: PageTokens, expires: float | None = None) -> None:
        self.rule = rule
        self.expires = expires
        self.matched = 0
        self.fired = 0
        asked = conditions(rule.when)
        self.static = tuple(one for one in asked if one.static)
        self.pattern = next((one.pattern for one in asked if isinstance(one, KeyCondition)), None)
        self._where = tuple(one for one in asked if isinstance(one, WhereCondition))
        self.wanted_text = next((one.wanted_text for one in self._where), None)
        # The candidates for a request were found by all that it asks
        self.is_certain = self.pattern is None and not self._where
        self.is_timed = expires is not None or any(one is not None for one in (rule.in_, rule.during, rule.when.idle, rule.when.opened))
        self._eligible = _eligible(rule)
        self._keys = keys
        self._is_by_entry = rule.when.per == "key"
        context = EffectContext(self._eligible, tokens, keys.key_names)
        self._faults = tuple(compile_fault(fault, context) for fault in rule.faults)
        self._is_picky = any(fault.is_picky for fault in self._faults)
        self.by_chance = rule.chance is not None or any(fault.by_chance for fault in self._faults)
        self._draws = Draws(seed, rule.name)
        self._attempts, self._tries = rule.when.attempt, rule.when.try_
        self._requests, self._calls = rule.when.request, rule.when.call
        self._is_one_scope = rule.when.per == "scenario"
        self._scope_of = scope_of(rule, keys)
        self._scopes: Bounded[Hashable, _Scope] = Bounded(MAX_SCOPES)
        # The only scope of a rule that counts by none
        self._only: _Scope | None = None

    def is_about(self, call: Call, attempt: Attempt, items: Iterable[Item]) -> bool:
        """Whether the conditions hold that are not static. `items` are those that the request names."""
        if self.pattern is not None and not any(map(self.pattern.fits, items)):
            return False
        for condition in self._where:
            if not condition.holds(call, attempt):
                return False
        return True

    def evaluate(self, call: Call, attempt: Attempt, content: bytes, taken: str) -> Fired | Skipped:
        """Count a request that the rule is about. `taken`: the rule that has fired for this request already, "" for none."""
        if self._is_by_entry and call.operation in _IN_PARTS:
            entries = self._entries(call)
            if entries:
                return self._evaluate_each(entries, call, attempt, content, taken)
        scope = self._only or self._scope(None if self._is_one_scope else self._scope_of(call))
        miss = self._lacking(scope, call) if self._is_picky else None
        if miss is None:
            self.matched += 1
            miss = self._count(scope, call, attempt, None)
        if miss is not None:
            return miss
        fault = self._fault(scope.due - 1)
        random = self._draws.next(content) if self.by_chance else NO_RANDOM
        miss = self._spend(scope, fault, random, "chance", taken)
        if miss is not None:
            return miss
        self.fired += 1
        assert fault is not None
        return Fired(((fault, None),), random)

    def _evaluate_each(
        self, entries: Mapping[bytes, KeyedEntry], call: Call, attempt: Attempt, content: bytes, taken: str
    ) -> Fired | Skipped:
        """Count the entries of a request each by itself; the request as a whole counts once."""
        misses: list[Skipped] = []
        due: list[tuple[KeyedEntry, _Scope, CompiledFault | None]] = []
        is_matched = False
        for name, entry in entries.items():
            scope = self._scope(name)
            miss = self._lacking(scope, call) if self._is_picky else None
            if miss is None:
                is_matched = True
                miss = self._count(scope, call, attempt, entry)
            if miss is None:
                due.append((entry, scope, self._fault(scope.due - 1)))
            else:
                misses.append(miss)
        self.matched += is_matched
        random = self._draws.next(content) if due and self.by_chance else NO_RANDOM
        hit: dict[CompiledFault, set[int]] = {}
        for entry, scope, fault in due:
            miss = self._spend(scope, fault, random, f"chance {entry.scope.hex()}", taken)
            if miss is None:
                assert fault is not None
                hit.setdefault(fault, set()).add(entry.number)
            else:
                misses.append(miss)
        if not hit:
            return misses[0]
        self.fired += 1
        return Fired(tuple((fault, frozenset(hit[fault])) for fault in together(hit)), random)

    def _entries(self, call: Call) -> dict[bytes, KeyedEntry]:
        """The entries of a request that the rule is about, by their scopes; an item that is named twice counts once."""
        found: dict[bytes, KeyedEntry] = {}
        for entry in self._keys.entries(call):
            if self._eligible(entry.table, entry.sent):
                found.setdefault(entry.scope, entry)
        return found

    def _lacking(self, scope: _Scope, call: Call) -> Skipped | None:
        """What a valid request lacks for the fault that is due."""
        fault = self._fault(scope.due)
        return None if fault is None or call.refusal is not None else fault.lacking(call)

    def _count(self, scope: _Scope, call: Call, attempt: Attempt, entry: KeyedEntry | None) -> Skipped | None:
        """Count a request, or one entry of it, and tell what keeps the rule from being due."""
        scope.matched += 1
        # The call is numbered even if the attempt does not count, so that its ordinal is that of its first request.
        number = 0 if self._calls is None else scope.call_number(attempt.call_id)
        if self._attempts is not None and attempt.ordinal not in self._attempts:
            return "attempt", attempt.ordinal or AMBIGUOUS
        if self._tries is not None:
            tries = attempt.tries if entry is None else attempt.tries_of(entry.table, canonical(entry.key))
            if tries not in self._tries:
                return "try", tries or AMBIGUOUS
        if self._requests is not None and scope.matched not in self._requests:
            return "request", scope.matched
        if self._calls is not None and number not in self._calls:
            return "call", number
        if call.refusal is not None:
            fault = self._fault(scope.due)
            if fault is None or fault.needs_valid(call):
                return "validation", call.refusal.spec.name
        scope.due += 1
        return None

    def _spend(self, scope: _Scope, fault: CompiledFault | None, random: RequestRandom, what: str, taken: str) -> Skipped | None:
        """What keeps a rule that is due from firing; if nothing does, it has fired in this scope once more."""
        if self.rule.chance is not None and (drawn := random.uniform(what)) >= self.rule.chance:
            return "chance", drawn
        if fault is None:
            return "sequence", scope.due
        if taken:
            return "earlier rule", taken
        if self.rule.limit is not None and scope.fired >= self.rule.limit:
            return "limit", scope.fired
        scope.fired += 1
        return None

    def _scope(self, name: Hashable) -> _Scope:
        scope = self._scopes.get(name)
        if scope is None:
            scope = self._scopes[name] = _Scope()
        if self._is_one_scope:
            self._only = scope
        return scope

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
