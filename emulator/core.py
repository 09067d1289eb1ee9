"""The whole life of a request: decode, decide, execute, encode, record. The only place where these meet.

An `EmulatorCore` owns the clock, the journal and the run; two can live in one process and share nothing. It does no I/O: a server hands it
requests and performs what comes back.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from secrets import randbelow
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from emulator.aws.errors import EmulatorError, ServiceError
from emulator.aws.services import is_read_only
from emulator.aws.wording import WordingName
from emulator.backends.dynamodb import Engine
from emulator.backends.dynamodb.contents import TableContents
from emulator.backends.services import Backend, Backends, connect, weakly
from emulator.clock import Clock, SystemClock
from emulator.faults import Decision, Explanation, Rules, RuleSet, edited
from emulator.journal import Delivery, Exchange, Journal
from emulator.journal.invocations import LogicalCall, group
from emulator.journal.redaction import Redaction
from emulator.journal.tracking import CallTracker
from emulator.messages import Attempt, Call, Capacity, HttpReply, HttpRequest, Outcome
from emulator.run import Endpoint, Run, asked_by_us, carry_out, key_names_of, keys_of, new_keys, signature_check, unmet, written_at_least
from emulator.scenario import Demand, Rule, Scenario, ScenarioError, ScenarioSource, load_scenario
from emulator.scenario.access import AccessKey
from emulator.scenario.upstream import UpstreamSettings, read_upstream
from emulator.wire import Codec
from emulator.wire.failures import Bug, last_resort, report_failure, tell
from emulator.wire.json_rpc import JSON_1_0

if TYPE_CHECKING:
    from emulator.report import Report

# What may be reset by itself; all of it by default
RESETTABLE = ("data", "counters", "journal", "scenario")
_MAX_SEED = 2**32
_NO_PLACE = Attempt("", 0, "", 0)


class Observer(Protocol):
    """Is told of each exchange as it happens, in the thread that serves it: its methods must be quick."""

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        """The emulator has started, or has loaded another scenario."""

    def exchanged(self, exchange: Exchange) -> None:
        """An answer is ready, and about to go out."""

    def delivered(self, exchange: Exchange) -> None:
        """An answer is out, or its connection gone."""


# Calls back, in whatever thread, once what observers were told will outlive this process; False: it does so already, nobody is called
WhenSafe = Callable[[Callable[[], object]], bool]


class EmulatorCore:
    """One emulated account. `can_cut`: the server in front can end connections in every way; without it, scenarios that need that are
    refused. `seed` overrides the scenario's; without either, one is drawn. `backends` take the place of the embedded services of those
    names. `when_safe`, if it is set, is what a server waits for before an answer leaves. `cors` are the origins whose web pages may read
    its answers, `redact` the names, or globs, of attributes whose values are written down nowhere. `upstream` is the address of a DynamoDB
    to stand in front of ("aws", or a URL), in place of the scenario's; one at AWS needs `yes_this_is_aws`, and tables are made there whose
    names begin with `create_tables`. `is_exposed`: other machines reach it. `of` is the emulator with which it shares the upstream and the
    keys of the run.

    Raises ScenarioError for a scenario that is not right, or that demands what this emulator cannot do."""

    def __init__(
        self,
        scenario: ScenarioSource | Scenario | None = None,
        *,
        seed: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        wording: WordingName = "2026-10",
        table_delay: float = 0.0,
        can_cut: bool = False,
        backends: Mapping[str, Backend] | None = None,
        cors: Collection[str] = (),
        redact: Collection[str] = (),
        upstream: str | UpstreamSettings | None = None,
        yes_this_is_aws: bool = False,
        create_tables: str | None = None,
        is_exposed: bool = False,
        of: EmulatorCore | None = None,
    ) -> None:
        self.clock = SystemClock() if clock is None else clock
        self.can_cut = can_cut
        self.started = self.clock.monotonic()
        self.created = self.clock.machine()
        self._observers: tuple[Observer, ...] = ()
        self.redaction = Redaction(redact) if redact else None
        self.when_safe: WhenSafe | None = None
        self.journal = Journal()
        self._fixed_seed = seed
        self._wording: WordingName = wording
        self._table_delay = table_delay
        self._first_run = 0
        # Whoever replaces the run, or changes the registers of tables, holds it
        self._lock = threading.RLock()
        engine = Engine(self.clock, wording=wording, table_delay=table_delay)
        self._address = read_upstream(upstream) if isinstance(upstream, str) else upstream
        loaded = self._loaded(scenario, parameters)
        asked = loaded.upstream or self._address
        remote = None if asked is None else connect(asked, self.clock, yes_this_is_aws=yes_this_is_aws, create_tables=create_tables)
        if of is not None:
            remote = of.run.backends.upstream
        self.own_keys: Mapping[str, AccessKey] = new_keys(remote, is_exposed) if of is None else of.own_keys
        nothing = Backends(self.clock, engine, dict(backends or {}), upstream=remote, has_begun=of is not None)
        checked = self._checked(loaded, None, nothing)
        # The present run, all of one piece; whoever answers a request reads it once
        self.run: Run = self._begun(0, checked, self._seed_of(checked, None), nothing.successor(checked))
        self._cors = frozenset(cors)
        self._codec = Codec(self.clock, seed=self.seed, wording=wording, cors=self._cors)

    # --- the life of a request

    def exchange(self, request: HttpRequest) -> Exchange | Awaitable[Exchange]:
        """Everything that happens to one request, up to the answer in bytes, journaled. What asks nothing of the emulated
        service (a health check, a browser's preflight) is answered, and stands in no journal. Where a backend has to be waited for,
        so has its exchange.

        Never raises: a failure of our own is an answer, too, and a bug in the report."""
        run = self.run
        call: Call | None = None
        try:
            decoded = self._codec.decode(request, run.signatures)
            if isinstance(decoded, HttpReply):
                return Exchange(0, self.clock.now(), request, None, decoded, Delivery(), run.number)
            call = decoded
            endpoint = run.endpoints.get((call.service, call.operation)) or run.endpoint(call)
            if endpoint.is_remote and (waiting := run.backends.learn(call)) is not None:
                return self._serve_later(run, endpoint, request, call, waiting)
            if endpoint.is_registering:
                return self._serve_alone(run, request, call)
            return self._serve(run, endpoint, request, call)
        except ServiceError as error:
            return self._record(run, request, None, None, None, Outcome(error=error.settled()))
        except Exception:
            return self._record(run, request, call, None, None, Bug(written_at_least(call, has_begun=False)))

    def _serve_alone(self, run: Run, request: HttpRequest, call: Call | HttpReply) -> Exchange | Awaitable[Exchange]:
        """No run may take the place of the present one between reading its registers and changing them."""
        with self._lock:
            current = self.run
            if current is not run:
                call = self._codec.decode(request, current.signatures)
            assert isinstance(call, Call)
            return self._serve(current, current.endpoint(call), request, call)

    def _serve(self, run: Run, endpoint: Endpoint, request: HttpRequest, call: Call) -> Exchange | Awaitable[Exchange]:
        """Handle a request for an operation: it is counted and decided, and only then validated and carried out."""
        attempt = run.tracker.arrived(call)
        decision: Decision | None = None
        has_begun = False
        try:
            if call.region not in run.backends.loaded_regions:
                run.backends.load_fixtures(call.region)
            if call.is_admitted and (endpoint.rules is not None or request.early is not None):
                decision = run.rules.decide(call, attempt)
            has_begun = True
            outcome = endpoint.execute(call) if decision is None else carry_out(run, endpoint, call, decision)
        except Exception:
            return self._record(run, request, call, attempt, None, Bug(written_at_least(call, has_begun)))
        if type(outcome) is Outcome:
            return self._record(run, request, call, attempt, decision, outcome)
        assert not isinstance(outcome, Outcome)
        return self._later(run, request, call, attempt, decision, outcome)

    def decide_early(self, request: HttpRequest) -> Decision | None:
        """The decision about how a request's body is read, when only its head is there; None: it is read as usual."""
        run = self.run
        call = self._codec.announced(request) if run.rules.has_early else None
        return None if call is None else run.rules.decide_early(call, run.tracker.expected(call))

    def cut(self, request: HttpRequest) -> Exchange:
        """The exchange of a request that was decided early, and whose body never came whole: nothing is carried out."""
        run = self.run
        call = self._codec.announced(request)
        assert call is not None
        outcome = Outcome({}, run.endpoint(call).nothing_written(call))
        return self._record(run, request, call, run.tracker.arrived(call), request.early, outcome)

    async def _serve_later(self, run: Run, endpoint: Endpoint, request: HttpRequest, call: Call, waiting: Awaitable[None]) -> Exchange:
        """Serve a request once the faults can ask about the upstream's tables."""
        try:
            await waiting
            exchange = self._serve(run, endpoint, request, call)
        except Exception:
            return self._record(run, request, call, None, None, Bug(written_at_least(call, has_begun=False)))
        return exchange if isinstance(exchange, Exchange) else await exchange

    async def _later(
        self, run: Run, request: HttpRequest, call: Call, attempt: Attempt, decision: Decision | None, waiting: Awaitable[Outcome]
    ) -> Exchange:
        try:
            outcome = await waiting
        except Exception:
            outcome = Bug(written_at_least(call, has_begun=True))
        except BaseException:
            # The server waits no longer; what the backend does with the request now, nobody will know
            self._record(run, request, call, attempt, decision, Outcome({}, written_at_least(call, has_begun=True)))
            raise
        return self._record(run, request, call, attempt, decision, outcome)

    def delivered(self, exchange: Exchange) -> None:
        """The server is done with an exchange, and has filled in how it went. Never raises."""
        try:
            run = self.run
            if exchange.call is not None and exchange.run == run.number:
                run.tracker.ended(exchange)
        except Exception as failure:
            report_failure(exchange.id, failure)
        if exchange.id and self._observers:
            shown = exchange if self.redaction is None else self.redaction.exchange(exchange)
            for observer in self._observers:
                tell(observer.delivered, shown, exchange.id)

    def disconnected(self, connection: int) -> None:
        """The server has seen a client's connection close."""
        self.run.tracker.disconnected(connection)

    def _record(
        self, run: Run, request: HttpRequest, call: Call | None, attempt: Attempt | None, decision: Decision | None, outcome: Outcome
    ) -> Exchange:
        """The one place that every exchange passes, whatever has been raised before: the answer in bytes, journaled."""
        bug = outcome.trace if isinstance(outcome, Bug) else ""
        error, written = outcome.error, outcome.written
        names = None
        try:
            is_plain = error is None and outcome.raw is None
            reply = self._codec.encode(request, outcome.output) if is_plain else self._encoded(request, outcome)
            if decision is not None:
                reply = edited(decision, reply)
            if call is not None and written is not None:
                names = key_names_of(run, call, written)
        except Exception:
            failure = Bug()
            bug, error, reply = failure.trace, failure.error, last_resort(failure)
        call_id, ordinal, work, tries, _ = attempt or _NO_PLACE
        rule, fault, plan = ("", "", None) if decision is None else (decision.rule, decision.fault, decision.plan)
        # What began before everything started over belongs to no journal any more
        number = self.journal.next_id() if run.number >= self._first_run else 0
        # As `Exchange(...)`, which takes twice as long
        exchange = tuple.__new__(Exchange, (
            number, self.clock.now(), request, call, reply, Delivery(), run.number, call_id, ordinal, work, tries, rule, fault,
            "" if error is None else error.spec.name, written, names, plan, bug, outcome.upstream,
        ))  # fmt: skip
        shown = exchange if self.redaction is None else self.redaction.exchange(exchange)
        if number:
            try:
                self.journal.add(shown)
            except Exception as failure:
                report_failure(number, failure)
        for observer in self._observers:
            tell(observer.exchanged, shown, exchange.id)
        return exchange

    def _encoded(self, request: HttpRequest, outcome: Outcome) -> HttpReply:
        """An answer that is none of the service's own successes."""
        if outcome.raw is not None:
            return self._codec.opened(request, outcome.raw)
        assert outcome.error is not None
        return self._codec.encode_error(request, outcome.error)

    # --- what the user asks of the emulator

    @property
    def rules(self) -> Rules:
        return Rules(self)

    @property
    def rule_set(self) -> RuleSet:
        return self.run.rules

    @property
    def scenario(self) -> Scenario:
        return self.run.scenario

    @property
    def seed(self) -> int:
        return self.run.seed

    @property
    def phase(self) -> str | None:
        """The phase of the scenario that it is now; None without phases, and after the last one."""
        return self.run.rules.phase

    @property
    def keys(self) -> Mapping[str, AccessKey]:
        """The keys that may sign: the scenario's, or else those of the run; none where signatures are not looked at."""
        return keys_of(self.run.scenario, self.own_keys)

    def load(self, source: ScenarioSource | Scenario | None, *, parameters: Mapping[str, Any] | None = None) -> Scenario:
        """Replace the scenario, with fresh counters and its own tables; a bad one raises and changes nothing.

        The data of tables that the new scenario does not name stays as it is."""
        scenario = self._checked(source, parameters, self.run.backends)
        with self._lock:
            number, backends = self.run.number + 1, self.run.backends.successor(scenario)
            self._install(self._begun(number, scenario, self._seed_of(scenario, None), backends))
        return scenario

    def check(self, source: ScenarioSource | Scenario, *, parameters: Mapping[str, Any] | None = None) -> Scenario:
        """The scenario that `load` would take. Raises ScenarioError for one that it would refuse; changes nothing."""
        return self._checked(source, parameters, self.run.backends)

    def ask(self, service: str, operation: str, params: Mapping[str, Any], region: str) -> bytes:
        """Carry out an operation on behalf of the emulator's own user: no rule is asked about it, and it is not in the journal. Returns the
        answer's JSON. Raises ServiceError for what the service refuses, EmulatorError where its backend is on the far side of a network, or
        where `region` is no name."""
        if self.redaction is not None and not is_read_only(operation, params):
            raise EmulatorError("with --redact, nothing may be changed from here")
        with self._lock:
            call, outcome = asked_by_us(self.run, self._codec, service, operation, params, region)
        answer = orjson.dumps(outcome.output or {})
        if self.redaction is None:
            return answer
        asked = Exchange(0, self.clock.now(), call.request, call, HttpReply(200, [("Content-Type", JSON_1_0)], answer), Delivery())
        return self.redaction.exchange(asked).reply.body

    def quoted(self, text: str) -> str:
        """What a scenario says, as it may be shown."""
        return text if self.redaction is None else self.redaction.quoted(text)

    def new_empty(self) -> EmulatorCore:
        """Another emulator with the same settings, healthy and empty, sharing nothing with this one."""
        return EmulatorCore(
            seed=self._fixed_seed,
            clock=self.clock.new(),
            wording=self._wording,
            table_delay=self._table_delay,
            can_cut=self.can_cut,
            cors=self._cors,
            redact=() if self.redaction is None else self.redaction.names,
            of=self,
        )

    def observe(self, observer: Observer) -> None:
        """Tell `observer` of everything from now on, beginning with the present scenario."""
        self._observers = (*self._observers, observer)
        observer.began(self.scenario, self.seed, self.created)

    def unsubscribe(self, observer: Observer) -> None:
        self._observers = tuple(other for other in self._observers if other is not observer)

    def start_over(self, source: ScenarioSource | Scenario | None, *, seed: int | None = None) -> Scenario:
        """As if it had been started with this scenario just now: no data but the scenario's own, an empty journal, the machine's
        time. `seed` overrides the scenario's this once. A bad scenario raises and changes nothing."""
        scenario = self._checked(source, None, self.run.backends)
        with self._lock:
            self.clock.reset()
            self._first_run = self.run.number + 1
            self.journal.clear()
            self._install(self._begun(self._first_run, scenario, self._seed_of(scenario, seed), self.run.backends.new_empty(scenario)))
        return scenario

    def reset(self, *what: str) -> None:
        """Start afresh: any of RESETTABLE, everything if none is named. Raises EmulatorError for another word.

        Resetting the data brings the scenario's own tables back as they were at its start."""
        unknown = [word for word in what if word not in RESETTABLE]
        if unknown:
            raise EmulatorError(f"cannot reset {unknown[0]!r}: it is one of {', '.join(RESETTABLE)}")
        if "data" in what and self.run.backends.upstream is not None:
            raise EmulatorError("the data are the upstream's, and are not dropped from here")
        chosen = what or RESETTABLE
        with self._lock:
            run = self.run
            if "scenario" in chosen:
                nothing = load_scenario(None)
                run = self._begun(run.number + 1, nothing, self._seed_of(nothing, None), run.backends.successor(nothing))
            elif "counters" in chosen:
                run = replace(
                    run,
                    number=run.number + 1,
                    rules=run.rules.restarted(),
                    tracker=self._tracker(run.backends),
                    signatures=signature_check(run.scenario, self.own_keys, self.clock),
                )
            if "data" in chosen:
                run = replace(run, backends=run.backends.new_empty(run.scenario))
                run.backends.dynamodb.remember(run.rules.read_horizon)
            if "journal" in chosen:
                self.journal.clear()
            self._install(run, began="scenario" in chosen)

    def explain(self, exchange: Exchange) -> tuple[Explanation, ...]:
        """Why each rule fired for an exchange, or did not; nothing for one that no rule was asked about."""
        if exchange.call is None or not exchange.call.is_admitted:
            return ()
        found = self.run.rules.explain(exchange.call, exchange.place)
        return found if self.redaction is None else tuple(one.quoted(self.redaction.quoted) for one in found)

    def report(self, *, interrupted: bool = False, overran: bool | None = None) -> Report:
        """What the run comes down to so far. `interrupted`: its program did not end by itself, so what it had not done yet says nothing
        of it. `overran`: whether it was ended since it took longer than the scenario allows; None where nobody watched it."""
        # The judge is not needed before there is something to judge, and emulators are started often
        from emulator.audit import RunEnd
        from emulator.report import build_report

        run, entries = self.run, self.journal.entries()
        rules = run.rules
        return build_report(
            run.scenario,
            run.seed,
            rules.rules(),
            entries,
            dropped=self.journal.dropped,
            notes_of=rules.notes_of,
            interrupted=interrupted,
            quoted=self.quoted,
            end=RunEnd(self.tables() if run.backends.upstream is None and any(one.table for one in run.scenario.expect) else None, overran),
        )

    def calls(self, *, operation: str | None = None, table: str | None = None) -> list[LogicalCall]:
        """The client's logical calls in order of arrival, all or those of an operation or on a table."""
        return [call for call in group(self.journal.entries()) if call.is_about(operation, table)]

    def tables(self) -> list[TableContents]:
        """What the tables of every region hold now; those of the embedded DynamoDB, whatever is in its place."""
        return self.run.backends.dynamodb.contents()

    def operations(self, service: str = "dynamodb") -> frozenset[str]:
        """The operations of a service that are carried out; any other of its model can still be answered by a rule."""
        return self.run.backends.find(service).operations

    async def open(self) -> None:
        """Make the scenario's tables at an upstream, where that may be. Raises EmulatorError."""
        await self.run.backends.open()

    async def close(self) -> None:
        """Let go of what the running event loop holds."""
        await self.run.backends.close()

    # --- runs

    def change_rules(self, change: Callable[[RuleSet], RuleSet]) -> None:
        """For `Rules`: go on with other rules, and the same counters."""
        with self._lock:
            self._install(replace(self.run, rules=change(self.run.rules)), began=False)
            self.run.backends.dynamodb.remember(self.run.rules.read_horizon)

    def check_rule(self, rule: Rule) -> None:
        """For `Rules`: raises ScenarioError for one that demands what this emulator cannot do."""
        self._check_demands(rule.demands)
        self.run.backends.check_demands(rule.demands)
        if self.redaction is not None:
            self.redaction.learn(rule.text)

    def _check_demands(self, demands: Iterable[Demand]) -> None:
        if not self.can_cut and (problems := list(unmet(demands))):
            raise ScenarioError(problems)

    def _checked(self, source: ScenarioSource | Scenario | None, parameters: Mapping[str, Any] | None, backends: Backends) -> Scenario:
        scenario = self._loaded(source, parameters)
        self._check_demands(scenario.demands)
        backends.check(scenario)
        if self.redaction is not None:
            for saved in scenario.texts:
                self.redaction.learn(saved.text)
        return scenario

    def _loaded(self, source: ScenarioSource | Scenario | None, parameters: Mapping[str, Any] | None) -> Scenario:
        scenario = source if isinstance(source, Scenario) else load_scenario(source, parameters=parameters)
        if self._address is None or scenario.upstream is None:
            return scenario
        return replace(scenario, upstream=replace(scenario.upstream, url=self._address.url))

    def _seed_of(self, scenario: Scenario, seed: int | None) -> int:
        wanted = next((wish for wish in (seed, self._fixed_seed, scenario.seed) if wish is not None), None)
        return randbelow(_MAX_SEED) if wanted is None else wanted

    def _begun(self, number: int, scenario: Scenario, seed: int, backends: Backends) -> Run:
        rules = RuleSet.of(scenario, self.clock, seed, key_names=weakly(self._key_names), capacity_of=weakly(self._capacity))
        backends.dynamodb.remember(rules.read_horizon)
        return Run(number, scenario, seed, rules, self._tracker(backends), signature_check(scenario, self.own_keys, self.clock), backends)

    def _tracker(self, backends: Backends) -> CallTracker:
        return CallTracker(weakly(self._key_names), has_others=backends.upstream is not None)

    def _key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        """Of the tables as they are when a request is counted: resetting the data brings others, and leaves what counts."""
        return self.run.backends.key_names(call, table)

    def _capacity(self, call: Call, table: str, index: str | None) -> Capacity | None:
        return self.run.backends.capacity(call, table, index)

    def _install(self, run: Run, *, began: bool = True) -> None:
        self.run = run
        if began:
            for observer in self._observers:
                observer.began(run.scenario, run.seed, self.created)
