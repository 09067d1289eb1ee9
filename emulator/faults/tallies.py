"""What is counted of requests, scope by scope. Rules that select the same requests, and have done so from the same moment on, count as one.

Nothing here locks: the owner of the rules does. Scopes and calls are bounded, since a client may invent as many as it likes; the oldest are
forgotten and start again at nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from typing import NamedTuple

from dynafault_dataclass import dataclass
from emulator.faults.bounded import Bounded, Numbering
from emulator.faults.chance import Contents, Draw
from emulator.faults.keys import KeyedEntry, KeyScope
from emulator.faults.matching import Globs
from emulator.messages import Attempt, Call
from emulator.scenario.when import When

MAX_SCOPES = 10_000
MAX_CALLS = 20_000

ScopeOf = Callable[[Call], Hashable]


@dataclass(slots=True)
class Turns:
    """How often one rule was due in a scope, and how often it fired."""

    due: int = 0
    fired: int = 0


class Scope:
    """The counts of one scope. `matched` counts requests, or entries of them; `calls` numbers their logical calls by id, where some rule
    asks. `turns` are those of each rule that was due here, by whatever stands for the rule."""

    __slots__ = ("calls", "matched", "turns")

    def __init__(self, calls: Numbering[str] | None = None) -> None:
        self.matched = 0
        self.calls = calls
        self.turns: dict[object, Turns] = {}

    def turns_of(self, rule: object) -> Turns:
        turns = self.turns.get(rule)
        if turns is None:
            turns = self.turns[rule] = Turns()
        return turns

    def count(self, attempt: Attempt) -> int:
        """Count a request, or an entry of one. Returns the place of its logical call among those that came here, from 1; 0 where nobody
        asks."""
        self.matched += 1
        # The call is numbered even if the attempt does not count, so that its ordinal is that of its first request
        if self.calls is None:
            return 0
        return self.calls.add(attempt.call_id) if attempt.ordinal == 1 else self.calls.number(attempt.call_id)

    def copy_for(self, rule: object) -> Scope:
        """The same counts, for one rule alone."""
        twin = Scope(None if self.calls is None else self.calls.copy())
        twin.matched = self.matched
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
    """The counts of all rules of one selection. `numbers_calls`: some rule asks which logical call a request is of; `draws`: some rule
    draws for each request. `all` counts every request, and is its only scope where `is_one` says so. `drawn` is that of the request
    that was met last."""

    __slots__ = ("_contents", "_numbers_calls", "_scope_of", "_scopes", "_unnumbered", "all", "drawn", "is_one")

    def __init__(self, when: When, keys: KeyScope, *, numbers_calls: bool, draws: bool) -> None:
        self._numbers_calls = numbers_calls
        self.all = self._scope()
        self._unnumbered = (Counted(self.all, 0, 0),)
        self.is_one = when.per == "scenario"
        self._scope_of = _scope_of(when, keys)
        self._scopes: Bounded[Hashable, Scope] = Bounded(MAX_SCOPES)
        self._contents = Contents() if draws else None
        self.drawn = Draw(b"", 0, 0)

    def scope_of(self, call: Call) -> Scope:
        """That of a whole request."""
        return self.all if self.is_one else self.scope(self._scope_of(call))

    def scope(self, name: Hashable) -> Scope:
        scope = self._scopes.get(name)
        if scope is None:
            scope = self._scopes[name] = self._scope()
        return scope

    def _scope(self) -> Scope:
        return Scope(Numbering(MAX_CALLS) if self._numbers_calls else None)

    def count(self, scope: Scope, attempt: Attempt, entry: KeyedEntry | None = None) -> Counted:
        """Count a request, or an entry of one, in its scope."""
        number = scope.count(attempt)
        return Counted(scope, scope.matched, number, entry)

    def unnumbered(self, call: Call) -> tuple[Counted]:
        """The place of a whole request for rules that ask for no number of it."""
        return self._unnumbered if self.is_one else (Counted(self.scope_of(call), 0, 0),)

    def meet(self, content: bytes) -> Draw:
        """A request of this content has been counted."""
        if self._contents is not None:
            self.drawn = self._contents.draw(content)
        return self.drawn

    def copy_for(self, rule: object) -> Tally:
        """The same counts, for one rule alone."""
        twin = copy(self)
        twin.all = self.all.copy_for(rule)
        twin._unnumbered = (Counted(twin.all, 0, 0),)
        twin._contents = None if self._contents is None else self._contents.copy()
        twin._scopes = Bounded(MAX_SCOPES)
        for name, scope in self._scopes.items():
            twin._scopes[name] = scope.copy_for(rule)
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
