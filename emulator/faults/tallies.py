"""What is counted of requests, scope by scope. Rules that select the same requests, and have done so from the same moment on, count as one.

Nothing here locks: the owner of the rules does. Scopes and calls are bounded, since a client may invent as many as it likes; the oldest is
forgotten and starts again at nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

from emulator.faults.bounded import Bounded
from emulator.faults.keys import KeyedEntry, KeyScope
from emulator.faults.matching import Globs
from emulator.messages import Attempt, Call
from emulator.scenario.when import When

MAX_SCOPES = 10_000
MAX_CALLS = 10_000

ScopeOf = Callable[[Call], Hashable]


@dataclass(slots=True)
class Turns:
    """How often one rule was due in a scope, and how often it fired."""

    due: int = 0
    fired: int = 0


class Scope:
    """The counts of one scope. `turns` are those of each rule that was due here, by whatever stands for the rule."""

    __slots__ = ("_calls", "_first_calls", "matched", "turns")

    def __init__(self) -> None:
        self.matched = 0
        self.turns: dict[object, Turns] = {}
        self._first_calls = 0
        # Logical calls by id, numbered as they came
        self._calls: Bounded[str, int] | None = None

    def turns_of(self, rule: object) -> Turns:
        turns = self.turns.get(rule)
        if turns is None:
            turns = self.turns[rule] = Turns()
        return turns

    def call_number(self, call_id: str) -> int:
        if self._calls is None:
            self._calls = Bounded(MAX_CALLS)
        number = self._calls.get(call_id)
        if number is None:
            self._first_calls += 1
            number = self._calls[call_id] = self._first_calls
        return number

    def copy_for(self, rule: object) -> Scope:
        """The same counts, for one rule alone."""
        twin = Scope()
        twin.matched, twin._first_calls = self.matched, self._first_calls
        if self._calls is not None:
            twin._calls = Bounded(MAX_CALLS)
            twin._calls.update(self._calls)
        if rule in self.turns:
            twin.turns[rule] = self.turns[rule]
        return twin


class Counted(NamedTuple):
    """The place of a request, or of one entry of it, among those that were selected in its scope: it is the `request`-th, from 1, and of
    the `call`-th logical call, 0 where no rule asks."""

    scope: Scope
    request: int
    call: int
    entry: KeyedEntry | None = None


class Tally:
    """The counts of all rules of one selection. `numbers_calls`: some rule asks which logical call a request is of. `matched` counts
    requests."""

    def __init__(self, when: When, keys: KeyScope, *, numbers_calls: bool) -> None:
        self.matched = 0
        self._numbers_calls = numbers_calls
        self._is_one_scope = when.per == "scenario"
        self._scope_of = _scope_of(when, keys)
        self._scopes: Bounded[Hashable, Scope] = Bounded(MAX_SCOPES)
        # The only scope where nothing tells them apart
        self._only: Scope | None = None

    def scope_of(self, call: Call) -> Scope:
        """That of a whole request."""
        return self._only or self.scope(None if self._is_one_scope else self._scope_of(call))

    def scope(self, name: Hashable) -> Scope:
        scope = self._scopes.get(name)
        if scope is None:
            scope = self._scopes[name] = Scope()
        if self._is_one_scope:
            self._only = scope
        return scope

    def count(self, scope: Scope, attempt: Attempt, entry: KeyedEntry | None = None) -> Counted:
        scope.matched += 1
        # The call is numbered even if the attempt does not count, so that its ordinal is that of its first request
        number = scope.call_number(attempt.call_id) if self._numbers_calls else 0
        # As `Counted(...)`, which takes twice as long
        return tuple.__new__(Counted, (scope, scope.matched, number, entry))

    def copy_for(self, rule: object) -> Tally:
        """The same counts, for one rule alone."""
        twin = copy(self)
        twin._scopes = Bounded(MAX_SCOPES)
        twin._scopes.update((name, scope.copy_for(rule)) for name, scope in self._scopes.items())
        twin._only = next(iter(twin._scopes.values())) if self._only is not None else None
        return twin


def _scope_of(when: When, keys: KeyScope) -> ScopeOf:
    """The function that tells in which scope a request counts."""
    tables = Globs(when.table) if when.table is not None else None

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
    return scopes[when.per]
