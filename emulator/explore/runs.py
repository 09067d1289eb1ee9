"""One run of the user's program against an emulator of its own, and, if it failed, the second run that is to recover from that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.contents import TableContents
from emulator.clock import SystemClock
from emulator.explore.kinds import CLOCK_RULE, RULE_NAME
from emulator.explore.program import Ended, run_program
from emulator.journal import Exchange
from emulator.journal.invocations import LogicalCall, group
from emulator.report import Report
from emulator.scenario import Scenario
from emulator.server import Emulator


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a run counts as one that does not end: after `seconds`, plus `for_failure` for each call that failed, since its SDK takes time
    to retry; or after so many `requests`."""

    seconds: float = 60.0
    for_failure: float = 60.0
    requests: int = 20_000


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a run. `calls` are those of this run alone, `tables` what the tables held at its end, `hit` the exchanges that
    the fault met; `recovery` is how the program fared when it was run again, without the fault and on the same tables, None where it
    was not; `checked` is how the user's own check ended, None without one. `was_fast`: some of
    it was in fast time."""

    ended: Ended
    tables: Sequence[TableContents]
    report: Report
    calls: Sequence[LogicalCall]
    hit: Sequence[Exchange] = ()
    recovery: Ran | None = None
    checked: Ended | None = None
    was_fast: bool = False

    @property
    def failed(self) -> bool:
        """Whether the program said that it had failed, or did not end by itself."""
        return self.ended.status != 0

    @property
    def last(self) -> Ran:
        """The run after which the tables count."""
        return self.recovery or self


@dataclass(frozen=True, slots=True)
class ExploredProgram:
    """What is run. `check` is a command that is run at the end against the same emulator, and says by its status whether all is well;
    `fast`: what Python programs wait for takes no time."""

    command: Sequence[str]
    check: Sequence[str] = ()
    fast: bool = False

    def run(self, scenario: Scenario, bounds: Bounds, stop: threading.Event, *, seed: int | None, recover: bool) -> Ran:
        """Run it under a scenario. `recover`: run it again without the explored rules if it says that it has failed. Raises EmulatorError
        where it cannot be run."""
        with Emulator(scenario, seed=seed) as emulator, self._environment(emulator) as environment:

            def run(command: Sequence[str]) -> Ended:
                return run_program(command, environment, SystemClock(), _patience(emulator, bounds), stop)

            ran = _ran(emulator, run(self.command), 0)
            for rule in emulator.rules.list():
                if is_explored(rule.name):
                    emulator.rules.remove(rule.name)
            if recover and ran.hit and ran.ended.status not in (0, None) and not stop.is_set():
                before = len(emulator.journal)
                ran = replace(ran, recovery=_ran(emulator, run(self.command), before))
            if self.check and ran.ended.status is not None and not stop.is_set():
                ran = replace(ran, checked=run(self.check))
            return ran

    def _environment(self, emulator: Emulator) -> AbstractContextManager[dict[str, str]]:
        return emulator.fast_time_environment() if self.fast else nullcontext(emulator.environment())


def is_the_fault(rule: str) -> bool:
    """Whether a request that met this rule met the fault; a clock that is wrong for all requests is none by itself."""
    return is_explored(rule) and rule != CLOCK_RULE


def is_explored(rule: str) -> bool:
    """Whether it is one of the exploration's own rules."""
    return rule == RULE_NAME or rule.startswith(f"{RULE_NAME}-")


def _patience(emulator: Emulator, bounds: Bounds) -> Callable[[float], str]:
    before = len(emulator.journal)

    def why_end(seconds: float) -> str:
        if len(emulator.journal) - before > bounds.requests:
            return f"it had made {bounds.requests:,} requests"
        if seconds < bounds.seconds:
            return ""
        most = bounds.seconds + bounds.for_failure * _failures(emulator.calls())
        return f"it had not ended after {most:.0f} s" if seconds > most else ""

    return why_end


def _failures(calls: Sequence[LogicalCall]) -> int:
    """How many calls failed, or were tried again, those not counted that ask the same once more."""
    failed = (call for call in calls if call.attempts > 1 or call.outcome not in ("success", "cut"))
    return len({(call.first.operation, call.first.request.body) for call in failed})


def _ran(emulator: Emulator, ended: Ended, before: int) -> Ran:
    """The run whose exchanges follow the first `before` ones."""
    report = emulator.report(interrupted=ended.status is None or ended.status < 0)
    calls = group(emulator.journal.entries()[before:])
    hit = tuple(entry for call in calls for entry in call.attempt_records if is_the_fault(entry.rule))
    return Ran(ended, emulator.core.tables(), report, calls, hit, was_fast=emulator.fast_programs > 0)
