"""The set of rules: which of them fires for a request, and what that means. The owner of all rule states, and of their lock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.clock import Clock
from emulator.faults.buckets import CapacityOf
from emulator.faults.candidates import Candidates
from emulator.faults.chance import content_of
from emulator.faults.counters import Counters, denied
from emulator.faults.counting import IN_PARTS, Fired, RuleState
from emulator.faults.decision import Decision
from emulator.faults.effect import Skipped
from emulator.faults.explaining import Explainer, Explanation
from emulator.faults.groups import Turn, count_together
from emulator.faults.keys import KeyNames, named_items
from emulator.faults.matching import Aspect
from emulator.faults.notes import Note, Said
from emulator.messages import Attempt, Call
from emulator.scenario.language import Scenario
from emulator.scenario.problems import Position
from emulator.scenario.rules import Rule

MAX_TARGETS = 4096
MAX_RULES = 10_000

# Service, operation, tables, where there are such the phase and the stretch of time, and the aspects that some rule looks at
_Target = tuple[str | tuple[str, ...], ...]
# A target of more characters than this is not remembered: headers may be long, and each different
_MAX_ASPECTS = 500
_OWN = 3  # how many members of a target are no aspects


class RuleError(EmulatorError):
    """A rule that cannot be added, or that is not there."""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One rule as reports show it. `matched` and `fired` count requests since the last reset; `enabled`: it may fire now; `where` is the
    place of its text, `rule` what it says, and `name` its name."""

    name: str
    matched: int
    fired: int
    enabled: bool
    where: Position
    rule: Rule


class RuleSet:
    """The rules at work, with all that counts; decides for each request what goes wrong with it.

    It does not change but for what it counts: adding, removing and switching rules gives another set, which goes on with the same
    counters. So whoever has read it meets no rule by half. One that `is_off` lets everything through, whatever the scenario says."""

    def __init__(
        self, scenario: Scenario, counters: Counters, states: Mapping[str, RuleState], disabled: frozenset[str], *, is_off: bool = False
    ) -> None:
        self._scenario = scenario
        self.is_off = is_off
        self._counters = counters
        self._states = states
        self._disabled = disabled
        self._clock = counters.clock
        self._lock = counters.lock
        self._phases = counters.phases
        self._candidates: dict[_Target, Candidates] = {}
        self._early = tuple(state for name, state in states.items() if state.rule.is_early and name not in disabled)
        # Whether some rule decides about requests before their bodies have come
        self.has_early = bool(self._early) and not is_off
        counters.has_pages |= any("page" in fault.keys for state in states.values() for fault in state.rule.faults)
        aspects = {name: aspect for state in states.values() for one in state.static for name, aspect in one.aspects.items()}
        self._aspects: tuple[Aspect, ...] = tuple(aspects.values())
        self._notes = counters.notes
        self._has_denials = bool(counters.denials)
        self._has_more = counters.has_more
        # Where stretches of time begin and end that rules live in, in seconds since the scenario began, and a name for each between two
        bounds = {bound for state in states.values() if state.during is not None for bound in (state.during.start, state.during.end)}
        self._bounds = sorted(bound for bound in bounds if bound is not None)
        self._stretches = [str(number) for number in range(len(self._bounds) + 1)]
        goes_by_time = self._phases is not None or any(state.is_timed for state in states.values())
        self._asks_others = is_off or self._has_denials or self._has_more or goes_by_time

    @classmethod
    def of(
        cls, scenario: Scenario, clock: Clock, seed: int, *, key_names: KeyNames | None = None, capacity_of: CapacityOf | None = None
    ) -> RuleSet:
        """The rules of a scenario that begins now. `seed` is the one of the run, whether or not the scenario has its own. `key_names`
        tells a table's key attributes; left out, only those of the scenario's own tables are known, and another table's PutItem
        counts with its whole item as key. `capacity_of` tells what tables are billed for by now; left out, limits stay as written."""
        known = {table.name: table.key for table in scenario.tables}
        counters = Counters(
            scenario, clock, seed, key_names or (lambda call, table: known.get(table)), capacity_of or (lambda *asked: None)
        )
        states = {rule.name: _state(rule, counters) for rule in scenario.rules}
        disabled = frozenset(rule.name for rule in scenario.rules if not rule.enabled)
        count_together((state for name, state in states.items() if name not in disabled), counters.keys)
        return cls(scenario, counters, states, disabled)

    def decide(self, call: Call, attempt: Attempt) -> Decision | None:
        """What becomes of a request; None: nothing goes wrong. Counts the request: ask once for each."""
        if self._asks_others or call.request.early is not None:
            return self._decide_with_others(call, attempt)
        target: _Target = (call.service, call.operation, call.tables)
        if self._aspects:
            target += tuple([aspect(call) for aspect in self._aspects])
        found = self._candidates.get(target) or self._find(call, target, None, 0.0)
        turns = found.about(call) if found.looks_up else found.unasked
        if found.is_quiet and not turns and found.passes(attempt):
            return None
        return self._ask(found, turns, call, attempt, None, 0.0)

    def _decide_with_others(self, call: Call, attempt: Attempt) -> Decision | None:
        """The same where it may be that not only rules decide."""
        if self.is_off:
            return None
        if call.request.early is not None:
            early: Decision = call.request.early
            return early
        if self._has_denials and call.refusal is None and self._counters.is_denied(call, attempt):
            return self._denied(call, attempt)
        now = self._clock.elapsed()
        phase = self._phase_at(now, attempt.call_id)
        stretch = self._stretches[bisect_right(self._bounds, now - self._counters.started)] if self._bounds else ""
        aspects = [aspect(call) for aspect in self._aspects]
        target: _Target = (call.service, call.operation, call.tables, phase or "", stretch, *aspects)
        found = self._candidates.get(target) or self._find(call, target, phase, now)
        turns = found.about(call) if found.looks_up else found.unasked
        is_over = found.is_quiet and not turns and found.passes(attempt)
        decision = None if is_over else self._ask(found, turns, call, attempt, phase, now)
        return self._counters.with_limits(call, decision) if self._has_more and call.refusal is None else decision

    def _phase_at(self, now: float, call_id: str | None) -> str | None:
        """The phase at a time, in which a request of a call counts if there is one; None without phases, and after the last one."""
        if self._phases is None:
            return None
        until, name = self._phases.present
        if now < until:
            return name
        with self._lock:
            return self._phases.at(now, call_id)

    def _ask(
        self, found: Candidates, turns: Sequence[Turn], call: Call, attempt: Attempt, phase: str | None, now: float
    ) -> Decision | None:
        """What the rules decide that count together, and those whose turn it is otherwise."""
        together = found.together
        resting = found.resting
        if not (turns or together.are_some or resting.rules):
            return None
        content = content_of(call) if found.by_chance else b""
        # `with` would take twice as long
        self._lock.acquire()
        try:
            due = together.turns(call, attempt, content) if together.are_some else ()
            if due:
                turns = sorted([*turns, *due], key=itemgetter(0)) if turns or len(due) > 1 else due
            if resting.rules:
                self._notes.add(attempt, resting, now - self._counters.started)
            return self._fire(turns, call, attempt, content, phase, now) if turns else None
        finally:
            self._lock.release()

    def _denied(self, call: Call, attempt: Attempt) -> Decision:
        with self._lock:
            self._notes.add(attempt, Said([(name, ("auth", "denied")) for name in self._states]))
        return denied(call)

    def may_concern(self, service: str, operation: str) -> bool:
        """Whether anything here can be about requests of an operation: a rule, a denial, a limit, reads of the past, the calls that a
        phase counts, a page that goes on where an empty one ended. Whoever is told False need not ask `decide`."""
        counters = self._counters
        if self.is_off:
            return False
        if counters.is_about_all:
            return True
        return any((service, operation) in state.rule.when.operation.names for state in self._states.values())

    def decide_early(self, call: Call, attempt: Attempt) -> Decision | None:
        """What becomes of a request of which no more than the head is there: how its body is read. Counts the request."""
        turns: list[Turn] = [
            (place, state, None) for place, state in enumerate(self._early) if all(one.holds(call, attempt) for one in state.static)
        ]
        if not turns or not self.has_early:
            return None
        now = self._clock.elapsed()
        phase = self._phase_at(now, attempt.call_id)
        with self._lock:
            return self._fire(turns, call, attempt, b"", phase, now)

    @property
    def phase(self) -> str | None:
        """The phase that it is now; None without phases, and after the last one."""
        return self._phase_at(self._clock.elapsed(), None)

    @property
    def phases_begun(self) -> tuple[tuple[str | None, float], ...]:
        """The phases that have begun so far, in their order, with when they did in seconds of `Clock.elapsed()`; None is the time after the
        last one."""
        if self._phases is None:
            return ()
        with self._lock:
            self._phases.at(self._clock.elapsed(), None)
            return tuple(self._phases.began.items())

    @property
    def read_horizon(self) -> float:
        """How many seconds back reads may have to see."""
        return max([self._scenario.read_horizon, *(state.rule.read_horizon for state in self._states.values())])

    def rules(self) -> tuple[RuleReport, ...]:
        """All rules in order, with what they counted."""
        with self._lock:
            self._counters.arrivals.count()
            return tuple(
                RuleReport(name, state.matched, state.fired, self._may_fire(name), state.rule.where, state.rule)
                for name, state in self._unexpired().items()
            )

    # --- other sets

    def restarted(self) -> RuleSet:
        """The same rules, those included that were added or switched, where all counters and the scenario's time start again."""
        counters = Counters(self._scenario, self._clock, self._counters.seed, self._counters.keys.key_names, self._counters.capacity_of)
        states = {name: _state(state.rule, counters, state.expires) for name, state in self._unexpired().items()}
        count_together((state for name, state in states.items() if name not in self._disabled), counters.keys)
        return RuleSet(self._scenario, counters, states, self._disabled, is_off=self.is_off)

    def with_rule(self, rule: Rule, *, ttl: float | None = None) -> RuleSet:
        """With a rule behind the others; after `ttl` seconds it is gone. Raises RuleError for a name that is taken."""
        states = self._unexpired()
        self._put(states, rule, None if ttl is None else self._clock.monotonic() + ttl)
        return self._like(states, self._disabled if rule.enabled else self._disabled | {rule.name})

    def with_others(self, gone: Collection[str], rules: Iterable[Rule]) -> RuleSet:
        """Without the rules of some names, as far as they are there, and with others behind the rest. Raises RuleError for a name that
        is taken."""
        states = {name: state for name, state in self._unexpired().items() if name not in gone}
        disabled = set(self._disabled.difference(gone))
        for rule in rules:
            self._put(states, rule, None)
            if not rule.enabled:
                disabled.add(rule.name)
        return self._like(states, frozenset(disabled))

    def _put(self, states: dict[str, RuleState], rule: Rule, expires: float | None) -> None:
        if rule.name in states:
            raise RuleError(f"there is already a rule '{rule.name}' (at {states[rule.name].rule.where}); remove it first")
        if len(states) >= MAX_RULES:
            raise RuleError(f"there are already {MAX_RULES:,} rules; remove some first")
        states[rule.name] = _state(rule, self._counters, expires)

    def without(self, name: str) -> RuleSet:
        """Raises RuleError for a rule that is not there."""
        states = self._with_named(name)
        return self._like({other: state for other, state in states.items() if other != name}, self._disabled - {name})

    def switched(self, name: str, *, enabled: bool) -> RuleSet:
        """With a rule that fires, or does not for now; its counters stay. Raises RuleError for a rule that is not there."""
        states = self._with_named(name)
        if not enabled:
            with self._lock:
                self._counters.arrivals.count()
                states[name].count_alone()
        return self._like(states, self._disabled - {name} if enabled else self._disabled | {name})

    def turned(self, *, is_off: bool) -> RuleSet:
        """All of it off, with limits and denials, or on again as it was."""
        return RuleSet(self._scenario, self._counters, self._states, self._disabled, is_off=is_off)

    def _like(self, states: Mapping[str, RuleState], disabled: frozenset[str]) -> RuleSet:
        return RuleSet(self._scenario, self._counters, states, disabled, is_off=self.is_off)

    def _may_fire(self, name: str) -> bool:
        return not self.is_off and name not in self._disabled

    def _with_named(self, name: str) -> dict[str, RuleState]:
        states = self._unexpired()
        if name not in states:
            raise RuleError(f"there is no rule '{name}'; the rules are: {', '.join(states) or 'none'}")
        return states

    def _unexpired(self) -> dict[str, RuleState]:
        return {name: state for name, state in self._states.items() if not self._expired(state)}

    # --- explaining

    def explain(self, call: Call, attempt: Attempt) -> tuple[Explanation, ...]:
        """Why each rule fired for a request that was decided, or did not."""
        notes = self.notes_of(attempt)
        with self._lock:
            rules = [(state.rule, self._may_fire(name)) for name, state in self._unexpired().items()]
        return tuple(Explainer(rule, enabled).explain(call, attempt, notes) for rule, enabled in rules)

    def notes_of(self, attempt: Attempt) -> dict[str, Skipped | None]:
        """What was noted of the rules when a request was decided, as long as that is remembered."""
        with self._lock:
            return {**dict(self._counters.arrivals.notes_of(attempt)), **self._notes.of(attempt)}

    # --- deciding

    def _fire(self, turns: Sequence[Turn], call: Call, attempt: Attempt, content: bytes, phase: str | None, now: float) -> Decision | None:
        """What comes of those rules that may be due."""
        decision: Decision | None = None
        taken = ""
        said: list[Note] = []
        items = named_items(call)
        for _, state, counted in turns:
            evaluated: Fired | Skipped | None = self._inactive(state, call, phase, now) if state.is_timed else None
            if evaluated is None:
                if not state.is_certain and not state.is_about(call, attempt, items):
                    continue
                evaluated = state.evaluate(call, attempt, content, taken, counted)
            if isinstance(evaluated, Fired):
                said.append((state.rule.name, None))
                decision = decision or Decision()
                decision.rules.append(state.rule.name)
                for fault, entries in evaluated.faults:
                    fault.add(decision, call, evaluated.random, entries)
                taken = "" if state.rule.continue_ else state.rule.name
            else:
                said.append((state.rule.name, evaluated))
        if said:
            self._notes.add(attempt, Said(said))
        return decision

    def _inactive(self, state: RuleState, call: Call, phase: str | None, now: float) -> Skipped | None:
        if state.expires is not None and self._expired(state):
            return "ttl", "over"
        return self._counters.inactive(state.rule, call, phase, now)

    def _find(self, call: Call, target: _Target, phase: str | None, now: float) -> Candidates:
        """The rules whose static conditions hold, remembered by what those and their times depend on."""
        with self._lock:
            # Static conditions do not ask for the attempt
            nothing = Attempt("", 0)
            states = [
                state
                for name, state in self._states.items()
                if name not in self._disabled and not state.rule.is_early and all(one.holds(call, nothing) for one in state.static)
            ]
            found = Candidates(states, phase, now - self._counters.started, self._counters, in_parts=call.operation in IN_PARTS)
            if sum(map(len, target[_OWN:])) <= _MAX_ASPECTS:
                if len(self._candidates) >= MAX_TARGETS:
                    self._candidates.clear()
                self._candidates[target] = found
            return found

    def _expired(self, state: RuleState) -> bool:
        return state.expires is not None and self._clock.monotonic() >= state.expires


def _state(rule: Rule, counters: Counters, expires: float | None = None) -> RuleState:
    return RuleState(rule, counters.seed, counters.keys, counters.tokens, expires)
