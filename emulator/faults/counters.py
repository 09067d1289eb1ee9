"""What the rule sets of one run share, counts included, and what happens to a request whatever the rules say: the phase that it is in,
denied actions, pages that go on, limits, reads of the past."""

from __future__ import annotations

import threading
from math import inf

from emulator.aws.errors import ServiceError
from emulator.clock import Clock
from emulator.faults.arrivals import Arrivals
from emulator.faults.buckets import CapacityOf
from emulator.faults.decision import Decision
from emulator.faults.effect import NO_PHASE, Skipped
from emulator.faults.keys import KeyNames, KeyScope
from emulator.faults.matching import WhenCondition, conditions
from emulator.faults.notes import Notes
from emulator.faults.page_tokens import PageTokens
from emulator.faults.throughput import ThroughputLimits, admit
from emulator.messages import Attempt, Call, HttpRequest
from emulator.scenario import Rule, Scenario
from emulator.scenario.phases import Phase
from emulator.scenario.when import Opened, When

_IAM_NAMES = {"streams": "dynamodb"}
_READS = frozenset(("GetItem", "Query", "Scan", "ExecuteStatement"))
# Each part says for itself how it is to be read
_READS_IN_PARTS = frozenset(("BatchGetItem", "BatchExecuteStatement"))


class Counters:
    """What the rule sets of one run share: the scenario's time and phases, limits, page tokens and notes, and the lock for all that
    counts. `started` is `Clock.elapsed()` in seconds."""

    def __init__(self, scenario: Scenario, clock: Clock, seed: int, key_names: KeyNames, capacity_of: CapacityOf) -> None:
        self.clock = clock
        self.seed = seed
        self.lock = threading.Lock()
        self.started = clock.elapsed()
        self.keys = KeyScope(key_names)
        self.tokens = PageTokens()
        # Whether there is, or was, a rule that may issue some
        self.has_pages = False
        self.arrivals = Arrivals()
        self.notes = Notes()
        self.phases = PhaseClock(scenario.phases, self.started) if scenario.phases else None
        self.denials = tuple(Denial(when) for when in scenario.auth.deny) if scenario.auth is not None else ()
        self.throughput: ThroughputLimits | None = None
        self.capacity_of = capacity_of
        if scenario.throughput:
            self.throughput = ThroughputLimits(scenario.throughput, scenario.tables, clock, key_names, capacity_of)
        self.lag = scenario.consistency.lag if scenario.consistency is not None else 0.0

    @property
    def is_about_all(self) -> bool:
        """Whether something here may happen to any request."""
        return bool(self.phases is not None or self.denials or self.has_more)

    @property
    def has_more(self) -> bool:
        """Whether `with_limits` may find something."""
        return bool(self.throughput is not None or self.lag or self.has_pages)

    def is_denied(self, call: Call, attempt: Attempt) -> bool:
        return any(denial.is_about(call, attempt) for denial in self.denials)

    def inactive(self, rule: Rule, call: Call, phase: str | None, now: float) -> Skipped | None:
        """What keeps a rule from applying at a time, in seconds of `Clock.elapsed()`, if something does."""
        if rule.in_ is not None and phase not in rule.in_:
            return "in", phase or NO_PHASE
        during, elapsed = rule.during, now - self.started
        if during is not None and elapsed not in during:
            return "during", elapsed
        return self._other_connection(rule.when, call.request)

    def _other_connection(self, when: When, request: HttpRequest) -> Skipped | None:
        """What keeps a rule from being about requests on this connection, if something does."""
        if when.idle is None and when.opened is None:
            return None
        if request.opened is None or request.idle_since is None:
            return "idle" if when.idle is not None else "opened", "unknown"
        at = self.clock.elapsed_at
        idle = at(request.arrived) - at(request.idle_since)
        if when.idle is not None and idle not in when.idle:
            return "idle", idle
        if when.opened is None:
            return None
        began = None if self.phases is None else self.phases.began.get(when.opened.phase)
        if began is None:
            return "opened", f"before {when.opened.phase} has begun"
        was_before = at(request.opened) < began
        return None if was_before == when.opened.before else ("opened", str(Opened(was_before, when.opened.phase)))

    def with_limits(self, call: Call, decision: Decision | None) -> Decision | None:
        """What happens to a request whatever the rules say: pages that go on, limits, reads of the past."""
        if self.tokens:
            resumed = self.tokens.resumption(call)
            if resumed is not None:
                decision = decision or Decision()
                decision.rewrites.insert(0, resumed)
        if self.throughput is not None and (decision is None or decision.applied):
            admission = self.throughput.admit(call)
            if admission is not None:
                decision = decision or Decision()
                admit(decision, call, admission)
        if self.lag and _may_lag(call):
            decision = decision or Decision()
            decision.lag = self.lag
        return decision


class PhaseClock:
    """The phases of one scenario, in order, from the time `now` on, in seconds of `Clock.elapsed()`.
    After the last one, if that ends, there is none. `present` is until when nothing changes, whatever comes, and the phase until then; it
    may be read without the lock."""

    def __init__(self, phases: tuple[Phase, ...], now: float) -> None:
        self._phases = phases
        self._index = 0
        self._began = now
        # When the phases that have begun did so; None stands for the time after the last one
        self.began: dict[str | None, float] = {phases[0].name: now} if phases else {}
        self._calls: set[str] = set()
        self.present: tuple[float, str | None] = (now, None)

    def at(self, now: float, call_id: str | None) -> str | None:
        """The name of the phase at a time, in seconds. `call_id`: a request of this logical call has come; the first one
        beyond a phase's calls begins the next phase, and so counts in that."""
        while self._index < len(self._phases) and self._is_over(now, call_id):
            phase = self._phases[self._index]
            self._began = now if phase.for_ is None else self._began + phase.for_
            self._index += 1
            self.began[self._phases[self._index].name if self._index < len(self._phases) else None] = self._began
            self._calls.clear()
        if self._index == len(self._phases):
            self.present = (inf, None)
            return None
        phase = self._phases[self._index]
        if phase.calls is None:
            self.present = (inf if phase.for_ is None else self._began + phase.for_, phase.name)
        elif call_id is not None:
            self._calls.add(call_id)
        return phase.name

    def _is_over(self, now: float, call_id: str | None) -> bool:
        phase = self._phases[self._index]
        if phase.calls is not None:
            return call_id is not None and len(self._calls) >= phase.calls and call_id not in self._calls
        return phase.for_ is not None and now >= self._began + phase.for_


class Denial:
    """One entry of `deny`."""

    def __init__(self, when: When) -> None:
        self._conditions: tuple[WhenCondition, ...] = conditions(when)

    def is_about(self, call: Call, attempt: Attempt) -> bool:
        return all(condition.holds(call, attempt) for condition in self._conditions)


def denied(call: Call) -> Decision:
    """AccessDeniedException, in the words of the live service (seen in sst#4469 and napari-hub#1048, 2023 and 2024)."""
    action = f"{_IAM_NAMES.get(call.service, call.service)}:{call.operation}"
    resource = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{call.tables[0]}" if call.tables else "*"
    user = f"arn:aws:iam::{call.account}:user/{call.access_key}"
    whom = f"User: {user} is not authorized to perform: {action} on resource: {resource}"
    text = f"{whom} because no identity-based policy allows the {action} action"
    error = ServiceError("AccessDeniedException", text, service=call.service)
    return Decision(texts=["access denied"], error=error, applied=False)


def _may_lag(call: Call) -> bool:
    """Whether some of what a call reads may be behind; which part of it, the service knows. A transaction never is."""
    if call.service != "dynamodb":
        return False
    if call.operation in _READS:
        return not call.params.get("ConsistentRead", False)
    return call.operation in _READS_IN_PARTS
