"""The fault engine: which rule fires for a request, and what that means. The owner of all rule states, and of their lock."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emulator.clock import Clock
from emulator.errors import EmulatorError
from emulator.faults.access import Denial, denied
from emulator.faults.candidates import Candidates
from emulator.faults.chance import content_of
from emulator.faults.consistency import may_lag
from emulator.faults.counting import Hit, Miss, RuleState
from emulator.faults.decision import Attempt, Decision, Draft
from emulator.faults.effects import PageTokens
from emulator.faults.explaining import Explainer, Explanation, Note, Notes
from emulator.faults.keys import Item, KeyNames, KeyScope, named_items
from emulator.faults.matching import Aspect
from emulator.faults.phases import PhaseClock
from emulator.faults.throughput import Throughput, admit
from emulator.messages import Call
from emulator.scenario.model import Rule, Scenario
from emulator.scenario.problems import Position

MAX_TARGETS = 4096
MAX_RULES = 10_000

# Service, operation, tables, and the aspects that some rule looks at
_Target = tuple[str | tuple[str, ...], ...]
# A target of more characters than this is not remembered: headers may be long, and each different
_LONGEST_ASPECTS = 500
_OWN = 3  # how many members of a target are no aspects


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


class FaultEngine:
    """Decides for each request what goes wrong with it.

    `seed` is the one of the run, whether or not the scenario has its own. `key_names` tells a table's key attributes; left
    out, only those of the scenario's own tables are known, and another table's PutItem counts with its whole item as key."""

    def __init__(self, scenario: Scenario, clock: Clock, seed: int, *, key_names: KeyNames | None = None) -> None:
        known = {table.name: table.key for table in scenario.tables}
        self._key_names: KeyNames = key_names or (lambda call, table: known.get(table))
        self._keys = KeyScope(self._key_names)
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
        self._candidates: dict[_Target, Candidates] = {}
        self._aspects: tuple[Aspect, ...] = ()
        self._rules_changed()

    def decide(self, call: Call, attempt: Attempt) -> Decision | None:
        """What becomes of a request; None: nothing goes wrong. Counts the request: ask once for each."""
        if self._denials and any(denial.is_about(call, attempt) for denial in self._denials):
            with self._lock:
                self._notes.add(attempt, [(name, ("auth", "denied")) for name in self._states])
            return denied(call)
        target: _Target = (call.service, call.operation, call.tables)
        if self._aspects:
            target = (*target, *[aspect(call) for aspect in self._aspects])
        found = self._candidates.get(target) or self._find(call, target)
        draft: Draft | None = None
        items = named_items(call) if found.by_item else ()
        states = found.about(call, items)
        if states or self._phases is not None:
            content = content_of(call) if found.by_chance else b""
            with self._lock:
                draft = self._fire(states, call, attempt, content, items)
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
            self._rules_changed()

    def remove(self, name: str) -> None:
        """Raises RuleError for a rule that is not there."""
        with self._lock:
            self._named(name)
            del self._states[name]
            self._rules_changed()

    def enable(self, name: str, enabled: bool) -> None:
        """Wake a rule or let it sleep; its counters stay. Raises RuleError for a rule that is not there."""
        with self._lock:
            self._named(name).enabled = enabled
            self._candidates.clear()

    def explain(self, call: Call, attempt: Attempt) -> tuple[Explanation, ...]:
        """Why each rule fired for a request that was decided, or did not."""
        notes = self.notes_of(attempt)
        with self._lock:
            rules = [(state.rule, state.enabled) for state in self._states.values() if not self._expired(state)]
        return tuple(Explainer(rule, enabled).explain(call, attempt, notes) for rule, enabled in rules)

    def notes_of(self, attempt: Attempt) -> dict[str, Miss | None]:
        """What was noted of the rules when a request was decided, as long as that is remembered."""
        with self._lock:
            return self._notes.of(attempt)

    def _fire(self, states: Iterable[RuleState], call: Call, attempt: Attempt, content: bytes, items: Sequence[Item]) -> Draft | None:
        draft: Draft | None = None
        taken = ""
        notes: list[Note] = []
        now = self._clock.now()
        phase = None if self._phases is None else self._phases.at(now, attempt.call_id)
        for state in states:
            met: Hit | Miss | None = self._asleep(state, phase, now - self._started) if state.is_timed else None
            if met is None:
                if not state.is_certain and not state.is_about(call, attempt, items):
                    continue
                met = state.meet(call, attempt, content, taken)
            if isinstance(met, Hit):
                notes.append((state.rule.name, None))
                draft = draft or Draft()
                draft.rules.append(state.rule.name)
                met.fault.add(draft, call, met.luck)
                taken = "" if state.rule.continue_ else state.rule.name
            else:
                notes.append((state.rule.name, met))
        if notes:
            self._notes.add(attempt, notes)
        return draft

    def _asleep(self, state: RuleState, phase: str | None, elapsed: float) -> Miss | None:
        """What keeps a rule from living now, `elapsed` seconds after the scenario's start, if something does."""
        if state.expires is not None and self._expired(state):
            return "ttl", "over"
        if state.rule.in_ is not None and phase not in state.rule.in_:
            return "in", phase or "no phase"
        during = state.rule.during
        if during is None:
            return None
        is_now = elapsed >= during.start and (during.end is None or elapsed < during.end)
        return None if is_now else ("during", elapsed)

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

    def _find(self, call: Call, target: _Target) -> Candidates:
        """The rules whose static conditions hold, remembered by what those depend on."""
        with self._lock:
            nothing = _NoAttempt()
            found = Candidates(
                state for state in self._states.values() if state.enabled and all(one.holds(call, nothing) for one in state.static)
            )
            if sum(map(len, target[_OWN:])) <= _LONGEST_ASPECTS:
                if len(self._candidates) >= MAX_TARGETS:
                    self._candidates.clear()
                self._candidates[target] = found
            return found

    def _rules_changed(self) -> None:
        aspects = {name: aspect for state in self._states.values() for one in state.static for name, aspect in one.aspects.items()}
        self._aspects = tuple(aspects.values())
        self._candidates.clear()

    def _state(self, rule: Rule, expires: float | None = None) -> RuleState:
        return RuleState(rule, self._seed, self._keys, self._tokens, expires)

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
