"""The fault engine: which rule fires for a request, and what that means. The owner of all rule states, and of their lock."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from emulator.clock import Clock
from emulator.errors import EmulatorError
from emulator.faults.access import Denial, denied
from emulator.faults.chance import content_of
from emulator.faults.consistency import may_lag
from emulator.faults.counting import Hit, Miss, RuleState
from emulator.faults.decision import Attempt, Decision, Draft
from emulator.faults.effects import PageTokens
from emulator.faults.explaining import Explanation, Note, Notes, explain
from emulator.faults.keys import KeyNames
from emulator.faults.phases import PhaseClock
from emulator.faults.throughput import Throughput, admit
from emulator.messages import Call
from emulator.scenario.model import Rule, Scenario
from emulator.scenario.problems import Position

MAX_TARGETS = 4096
MAX_RULES = 10_000

_Target = tuple[str, str, tuple[str, ...]]


class RuleError(EmulatorError):
    """A rule that cannot be added, or that is not there."""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One rule as reports show it. `matched` and `fired` count requests since the last reset."""

    name: str
    matched: int
    fired: int
    enabled: bool
    where: Position
    rule: Rule


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The rules that can be about a target, in the order of the scenario."""

    states: tuple[RuleState, ...]
    by_chance: bool


class FaultEngine:
    """Decides for each request what goes wrong with it.

    `seed` is the one of the run, whether or not the scenario has its own. `key_names` tells a table's key attributes; left
    out, only those of the scenario's own tables are known, and another table's PutItem counts with its whole item as key."""

    def __init__(self, scenario: Scenario, clock: Clock, seed: int, *, key_names: KeyNames | None = None) -> None:
        known = {table.name: table.key for table in scenario.tables}
        self._key_names: KeyNames = key_names or (lambda call, table: known.get(table))
        self._clock = clock
        self._seed = seed
        self._lock = threading.Lock()
        self._tokens = PageTokens()
        self._notes = Notes()
        self._started = clock.now()
        self._phases = PhaseClock(scenario.phases, self._started) if scenario.phases else None
        self._denials = tuple(Denial(when) for when in scenario.auth.deny) if scenario.auth is not None else ()
        self._throughput = Throughput(scenario.throughput, scenario.tables, clock, self._key_names) if scenario.throughput else None
        self._lag = scenario.consistency.lag if scenario.consistency is not None else 0.0
        self._states: dict[str, RuleState] = {rule.name: self._state(rule) for rule in scenario.rules}
        self._candidates: dict[_Target, _Candidates] = {}

    def decide(self, call: Call, attempt: Attempt) -> Decision | None:
        """What becomes of a request; None: nothing goes wrong. Counts the request: ask once for each."""
        if self._denials and any(denial.is_about(call, attempt) for denial in self._denials):
            return denied(call)
        found = self._candidates.get((call.service, call.operation, call.tables))
        if found is None:
            found = self._find(call)
        draft: Draft | None = None
        if found.states or self._phases is not None:
            content = content_of(call) if found.by_chance else b""
            with self._lock:
                draft = self._fire(found.states, call, attempt, content)
        draft = self._surroundings(call, draft)
        return None if draft is None else draft.decision()

    @property
    def phase(self) -> str | None:
        """The phase that it is now; None without phases, and after the last one."""
        if self._phases is None:
            return None
        with self._lock:
            return self._phases.at(self._clock.now(), None)

    def rules(self) -> tuple[RuleReport, ...]:
        """All rules in order, with what they counted."""
        with self._lock:
            return tuple(
                RuleReport(name, state.matched, state.fired, state.enabled, state.rule.where, state.rule)
                for name, state in self._states.items()
                if not self._expired(state)
            )

    def reset(self) -> None:
        """Start all counters and the scenario's time again. Rules that were added or switched stay as they are."""
        with self._lock:
            self._started = self._clock.now()
            self._tokens.reset()
            self._notes.reset()
            if self._phases is not None:
                self._phases.reset(self._started)
            if self._throughput is not None:
                self._throughput.reset()
            for state in self._states.values():
                state.reset()

    def add(self, rule: Rule, *, ttl: float | None = None) -> None:
        """Add a rule behind the others; after `ttl` seconds it is gone. Raises RuleError for a name that is taken."""
        with self._lock:
            self._drop_expired()
            if rule.name in self._states:
                raise RuleError(f"there is already a rule '{rule.name}' (at {self._states[rule.name].rule.where}); remove it first")
            if len(self._states) >= MAX_RULES:
                raise RuleError(f"there are already {MAX_RULES:,} rules; remove some first")
            self._states[rule.name] = self._state(rule, None if ttl is None else self._clock.monotonic() + ttl)
            self._candidates.clear()

    def remove(self, name: str) -> None:
        """Raises RuleError for a rule that is not there."""
        with self._lock:
            self._named(name)
            del self._states[name]
            self._candidates.clear()

    def enable(self, name: str, enabled: bool) -> None:
        """Wake a rule or let it sleep; its counters stay. Raises RuleError for a rule that is not there."""
        with self._lock:
            self._named(name).enabled = enabled
            self._candidates.clear()

    def explain(self, call: Call, attempt: Attempt) -> tuple[Explanation, ...]:
        """Why each rule fired for a request that was decided, or did not."""
        with self._lock:
            notes = self._notes.of(attempt)
            rules = [(state.rule, state.enabled) for state in self._states.values() if not self._expired(state)]
        return tuple(explain(rule, call, attempt, enabled, notes) for rule, enabled in rules)

    def _fire(self, states: Iterable[RuleState], call: Call, attempt: Attempt, content: bytes) -> Draft | None:
        draft: Draft | None = None
        taken = ""
        notes: list[Note] = []
        phase = None if self._phases is None else self._phases.at(self._clock.now(), attempt.call_id)
        for state in states:
            met = self._asleep(state, phase) or state.meet(call, attempt, content, taken)
            if isinstance(met, Hit):
                notes.append((state.rule.name, None))
                draft = draft or Draft()
                draft.rules.append(state.rule.name)
                met.fault.add(draft, call, met.luck)
                taken = "" if state.rule.continue_ else state.rule.name
            elif met is not None:
                notes.append((state.rule.name, met))
        if notes:
            self._notes.add(attempt, notes)
        return draft

    def _asleep(self, state: RuleState, phase: str | None) -> Miss | None:
        """What keeps a rule from living now, if something does."""
        if state.expires is not None and self._expired(state):
            return Miss("ttl", "over")
        if state.rule.in_ is not None and phase not in state.rule.in_:
            return Miss("in", phase or "no phase")
        during = state.rule.during
        if during is None:
            return None
        elapsed = self._clock.now() - self._started
        is_now = elapsed >= during.start and (during.end is None or elapsed < during.end)
        return None if is_now else Miss("during", f"{elapsed:g}s")

    def _surroundings(self, call: Call, draft: Draft | None) -> Draft | None:
        """What happens to a request whatever the rules say: pages that go on, limits, reads of the past."""
        if self._tokens:
            resumed = self._tokens.resumption(call)
            if resumed is not None:
                draft = draft or Draft()
                draft.rewrites.insert(0, resumed)
        if self._throughput is not None and (draft is None or draft.applied):
            admission = self._throughput.admit(call)
            if admission is not None:
                draft = draft or Draft()
                admit(draft, call, admission)
        if self._lag and may_lag(call):
            draft = draft or Draft()
            draft.lag = self._lag
        return draft

    def _find(self, call: Call) -> _Candidates:
        """The rules whose static conditions hold, remembered by what those depend on."""
        with self._lock:
            nothing = _NoAttempt()
            states = tuple(
                state for state in self._states.values() if state.enabled and all(one.holds(call, nothing) for one in state.static)
            )
            if len(self._candidates) >= MAX_TARGETS:
                self._candidates.clear()
            found = _Candidates(states, any(state.by_chance for state in states))
            self._candidates[call.service, call.operation, call.tables] = found
            return found

    def _state(self, rule: Rule, expires: float | None = None) -> RuleState:
        return RuleState(rule, self._seed, self._key_names, self._tokens, expires)

    def _expired(self, state: RuleState) -> bool:
        return state.expires is not None and self._clock.monotonic() >= state.expires

    def _drop_expired(self) -> None:
        for name in [name for name, state in self._states.items() if self._expired(state)]:
            del self._states[name]

    def _named(self, name: str) -> RuleState:
        self._drop_expired()
        state = self._states.get(name)
        if state is None:
            raise RuleError(f"there is no rule '{name}'; the rules are: {', '.join(self._states) or 'none'}")
        return state


@dataclass(frozen=True, slots=True)
class _NoAttempt:
    """Static conditions do not ask for the attempt."""

    call_id: str = ""
    ordinal: int = 0
