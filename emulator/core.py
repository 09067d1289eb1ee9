"""The whole life of a request: decode, decide, execute, encode, record. The only place where these meet.

An `EmulatorCore` owns the clock, the backends, the faults and the journal; two can live in one process and share nothing. It does no
I/O: a server hands it requests and performs what comes back.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import randbelow
from typing import TYPE_CHECKING, Any, Protocol

from emulator.backends import Backend, Backends
from emulator.calls import Attempt, CallTracker, LogicalCall, group
from emulator.clock import Clock, SystemClock
from emulator.errors import EmulatorError, ServiceError
from emulator.faults import Decision, Explanation, FaultEngine, edited
from emulator.journal import Exchange, Journal
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.outcomes import classify_response
from emulator.scenario import FEATURES, Demand, Problem, Rule, Scenario, ScenarioError, ScenarioSource, load_rule, load_scenario
from emulator.services import is_read_only
from emulator.wire import REFUSALS, Admission, Codec, NotAdmitted, SignatureCheck, SigningKey
from emulator.wording import Wording

if TYPE_CHECKING:
    from emulator.report import Report

# What may be reset by itself; all of it by default
RESETTABLE = ("data", "counters", "journal", "scenario")
_LARGEST_SEED = 2**32


@dataclass(slots=True)
class _Answer:
    """What the service says to a call, before it becomes bytes."""

    output: dict[str, Any] | None = None
    error: ServiceError | None = None
    applied: bool | None = None
    bug: str = ""


class Observer(Protocol):
    """Who wants to know of each exchange as it happens; called in the thread that serves it, so: quickly."""

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        """The emulator has started, or has loaded another scenario."""

    def exchanged(self, entry: Exchange) -> None:
        """An answer is ready, and about to go out."""

    def delivered(self, entry: Exchange) -> None:
        """An answer is out, or its connection gone."""


class EmulatorCore:
    """One emulated account. `can_cut`: the server in front can end connections in every way; without it, scenarios that need
    that are refused. `seed` overrides the scenario's; without either, one is drawn.

    Raises ScenarioError for a scenario that is not right, or that demands what this emulator cannot do."""

    def __init__(
        self,
        scenario: ScenarioSource | Scenario | None = None,
        *,
        seed: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        wording: Wording = "2026",
        table_delay: float = 0.0,
        can_cut: bool = False,
    ) -> None:
        self.clock = SystemClock() if clock is None else clock
        self.can_cut = can_cut
        self._able = frozenset(feature for feature in FEATURES if can_cut or feature != "socket")
        self.started = self.clock.monotonic()
        self.created = self.clock.machine()
        self._observers: tuple[Observer, ...] = ()
        self.journal = Journal()
        self._fixed_seed = seed
        self._wording: Wording = wording
        self._table_delay = table_delay
        self._backends = Backends(self.clock, wording, table_delay)
        self._lock = threading.RLock()
        self._look_back = 0.0
        self._admission = Admission()
        self._install(self._checked(scenario, parameters))
        self._codec = Codec(self.clock, seed=self.seed, wording=wording, admission=self._admission)

    # --- the life of a request

    def exchange(self, request: HttpRequest) -> Exchange:
        """Everything that happens to one request, up to the answer in bytes, journaled. What asks nothing of the emulated
        service (a health check, a browser's preflight) is answered, and stands in no journal.

        Never raises: a failure of our own is an answer, too, and a bug in the report."""
        try:
            return self._exchange(request)
        except Exception:
            return self._record(request, None, None, None, _bug_answer())

    def _exchange(self, request: HttpRequest) -> Exchange:
        try:
            call = self._codec.decode(request)
        except NotAdmitted as refusal:
            return self._refuse(request, refusal)
        except ServiceError as error:
            return self._record(request, None, None, None, _Answer(error=error))
        if isinstance(call, HttpReply):
            return Exchange(self.clock.now(), request, None, call)
        self._backends.furnish(call.region)
        attempt = self._tracker.arrived(call)
        try:
            decision = self._faults.decide(call, attempt)
            answer = self._answer(call, decision)
        except Exception:
            decision, answer = None, _bug_answer()
        return self._record(request, call, attempt, decision, answer)

    def delivered(self, entry: Exchange) -> None:
        """The server is done with an exchange, and has filled in how it went."""
        if entry.call is not None and entry.ended is not None:
            place = Attempt(entry.call_id, entry.attempt)
            self._tracker.ended(entry.call, place, entry.ended, retryable=classify_response(entry).may_be_retried)
        if entry.id:
            for observer in self._observers:
                observer.delivered(entry)

    def too_large(self, request: HttpRequest) -> HttpReply:
        """The answer to a body above the service's limit, for a server that will not read it."""
        return self._codec.too_large(request)

    def _refuse(self, request: HttpRequest, refusal: NotAdmitted) -> Exchange:
        """The answer to who has not signed right: no rule looks at that, but it is an attempt of its client."""
        call = refusal.call
        attempt = None if call is None else self._tracker.arrived(call)
        applied = None if call is None or is_read_only(call.operation, call.params) else False
        return self._record(request, call, attempt, None, _Answer(error=refusal, applied=applied))

    def _answer(self, call: Call, decision: Decision | None) -> _Answer:
        """What the emulated service does and says. Whether a write was carried out is known here, and only here."""
        writes = not is_read_only(call.operation, call.params)
        if decision is None:
            return self._execute(call, writes, None)
        if not decision.applied and (writes or decision.error is not None):
            return _Answer(output={}, error=decision.error, applied=False if writes else None)
        rewritten = call
        for rewrite in decision.rewrites:
            rewritten = rewrite.before(rewritten)
        executed = self._execute(rewritten, writes, decision)
        if executed.output is not None:
            for rewrite in decision.rewrites:
                executed.output = rewrite.after(call, executed.output)
        # An operation that is refused on its own account was not applied: nothing got lost, so it is refused as usual
        if decision.error is not None and executed.error is None:
            executed.error = decision.error
        return executed

    def _execute(self, call: Call, writes: bool, decision: Decision | None) -> _Answer:
        backend = self._backends.find(call.service)
        if call.operation not in backend.operations:
            return _Answer(error=ServiceError("UnknownOperationException", service=call.service), applied=False if writes else None)
        try:
            output = backend.execute(call) if decision is None else self._execute_under(decision, call, backend)
        except ServiceError as error:
            return _Answer(error=error, applied=False if writes else None)
        return _Answer(output=output, applied=True if writes else None)

    def _execute_under(self, decision: Decision, call: Call, backend: Backend) -> dict[str, Any] | None:
        """Carry out a call whose surroundings a decision has changed: how old the data are, how long a table takes."""
        engine = self._backends.dynamodb
        if decision.table_delay is not None:
            return engine.execute_slowly(call, decision.table_delay.seconds)
        if decision.stale is not None:
            return engine.execute_looking_back(call, consistent=decision.stale, eventual=decision.stale)
        if decision.lag:
            return engine.execute_looking_back(call, consistent=0.0, eventual=decision.lag)
        return backend.execute(call)

    def _record(
        self, request: HttpRequest, call: Call | None, attempt: Attempt | None, decision: Decision | None, answer: _Answer
    ) -> Exchange:
        error = answer.error
        reply = self._codec.encode(request, answer.output) if error is None else self._codec.encode_error(request, error)
        entry = Exchange(self.clock.now(), request, call, reply, applied=answer.applied, bug=answer.bug)
        if error is not None:
            entry.error = error.spec.name
        if attempt is not None:
            entry.call_id, entry.attempt = attempt
        if call is not None and answer.applied is not None:
            entry.key_names = {table: names for table in call.tables if (names := self._backends.key_names(call, table))}
        if decision is not None:
            entry.rule, entry.fault = decision.rule, decision.fault
            entry.plan = decision.plan
            entry.reply = edited(decision, reply)
        self.journal.add(entry)
        for observer in self._observers:
            observer.exchanged(entry)
        return entry

    # --- what the user asks of the emulator

    def load(self, source: ScenarioSource | Scenario | None, *, parameters: Mapping[str, Any] | None = None) -> Scenario:
        """Replace the scenario, with fresh counters and its own tables; a bad one raises and changes nothing.

        The data of tables that the new scenario does not name stays as it is."""
        scenario = self._checked(source, parameters)
        with self._lock:
            self._install(scenario)
        return scenario

    def sibling(self) -> EmulatorCore:
        """Another emulator with the same settings, healthy and empty, sharing nothing with this one."""
        return EmulatorCore(seed=self._fixed_seed, wording=self._wording, table_delay=self._table_delay, can_cut=self.can_cut)

    def observe(self, observer: Observer) -> None:
        """Tell `observer` of everything from now on, beginning with the present scenario."""
        self._observers = (*self._observers, observer)
        observer.began(self.scenario, self.seed, self.created)

    def forget(self, observer: Observer) -> None:
        self._observers = tuple(other for other in self._observers if other is not observer)

    def start_over(self, source: ScenarioSource | Scenario | None, *, seed: int | None = None) -> Scenario:
        """As if it had been started with this scenario just now: no data but the scenario's own, an empty journal, the machine's
        time. `seed` overrides the scenario's this once. A bad scenario raises and changes nothing."""
        scenario = self._checked(source, None)
        with self._lock:
            self.reset()
            self.clock.reset()
            self._install(scenario, seed)
        return scenario

    def add_rule(self, rule: Rule | Mapping[str, Any] | str, *, ttl: float | None = None) -> None:
        """Add a rule (or the mapping or YAML text of one) behind the scenario's own; after `ttl` seconds it is gone. Raises
        ScenarioError for one that is not right, or that demands what this emulator cannot do, RuleError for a name that is
        taken."""
        rule = rule if isinstance(rule, Rule) else load_rule(rule)
        self._check_demands(rule.demands)
        with self._lock:
            self._faults.add(rule, ttl=ttl)
            self._look_back = max(self._look_back, rule.look_back)
            self._backends.dynamodb.remember(self._look_back)

    def reset(self, *what: str) -> None:
        """Start afresh: any of RESETTABLE, everything if none is named. Raises EmulatorError for another word.

        Resetting the data brings the scenario's own tables back as they were at its start."""
        unknown = [word for word in what if word not in RESETTABLE]
        if unknown:
            raise EmulatorError(f"cannot reset {unknown[0]!r}: it is one of {', '.join(RESETTABLE)}")
        chosen = what or RESETTABLE
        with self._lock:
            if "scenario" in chosen:
                self._install(load_scenario(None))
            if "data" in chosen:
                self._backends.reset()
            if "counters" in chosen:
                self._faults.reset()
                self._admission.check = self._signatures()
                self._tracker = CallTracker()
            if "journal" in chosen:
                self.journal.clear()

    def explain(self, entry: Exchange) -> tuple[Explanation, ...]:
        """Why each rule fired for an exchange, or did not; nothing for one that no rule was asked about."""
        if entry.call is None or (not entry.rule and entry.error in REFUSALS):
            return ()
        return self._faults.explain(entry.call, Attempt(entry.call_id, entry.attempt))

    def report(self) -> Report:
        """What the run comes down to so far."""
        # The judge is not needed before there is something to judge, and emulators are started often
        from emulator.report import build_report

        faults, entries = self._faults, self.journal.entries()
        return build_report(self.scenario, self.seed, faults.rules(), entries, dropped=self.journal.dropped, notes_of=faults.notes_of)

    def calls(self, *, operation: str | None = None, table: str | None = None) -> list[LogicalCall]:
        """The client's logical calls in order of arrival, all or those of an operation or on a table."""
        return [call for call in group(self.journal.entries()) if call.is_about(operation, table)]

    def operations(self, service: str = "dynamodb") -> frozenset[str]:
        """The operations of a service that are carried out; any other of its model can still be answered by a rule."""
        return self._backends.find(service).operations

    @property
    def faults(self) -> FaultEngine:
        """The rules at work: add, remove, enable them at run time here."""
        return self._faults

    def _checked(self, source: ScenarioSource | Scenario | None, parameters: Mapping[str, Any] | None) -> Scenario:
        scenario = source if isinstance(source, Scenario) else load_scenario(source, parameters=parameters)
        self._check_demands(scenario.demands)
        self._backends.check(scenario)
        return scenario

    def _check_demands(self, demands: Iterable[Demand]) -> None:
        unmet = [demand for demand in demands if demand.feature not in self._able]
        if unmet:
            raise ScenarioError(_unmet(demand) for demand in unmet)

    def _install(self, scenario: Scenario, seed: int | None = None) -> None:
        self.scenario = scenario
        wanted = next((wish for wish in (seed, self._fixed_seed, scenario.seed) if wish is not None), None)
        self.seed = randbelow(_LARGEST_SEED) if wanted is None else wanted
        self._faults = FaultEngine(scenario, self.clock, self.seed, key_names=self._backends.key_names)
        self._tracker = CallTracker()
        self._backends.install(scenario)
        self._admission.check = self._signatures()
        self._look_back = scenario.look_back
        self._backends.dynamodb.remember(self._look_back)
        for observer in self._observers:
            observer.began(scenario, self.seed, self.created)

    def _signatures(self) -> SignatureCheck | None:
        """The check that the scenario asks for. The time of its keys runs from now."""
        auth = self.scenario.auth
        if auth is None or not auth.keys:
            return None
        now = self.clock.now()
        keys = {
            name: SigningKey(key.secret, key.token, None if key.expires is None else now + key.expires) for name, key in auth.keys.items()
        }
        return SignatureCheck(keys, auth.clock_skew, self.clock)


def _unmet(demand: Demand) -> Problem:
    """Only the socket can be missing: under another WSGI server, connections are not ours."""
    where = demand.where
    message = f"this server cannot cut connections, which {demand.who} asks for"
    return Problem(where.file, where.line, where.column, message, "serve it with 'dynafault serve'")


def _bug_answer() -> _Answer:
    """The emulator itself has failed. The client is told so in our name, the journal keeps the traceback, and reports fail."""
    trace = traceback.format_exc()
    summary = trace.rstrip().rpartition("\n")[2]
    error = ServiceError("InternalServerError", f"dynafault itself failed, which is a bug of dynafault: {summary}")
    return _Answer(error=error, bug=trace)
