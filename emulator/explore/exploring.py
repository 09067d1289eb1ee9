"""The exploration itself: the clean runs, then one run for each cell, several at a time, until all is known or the bounds are reached."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from emulator.clock import Clock, SystemClock
from emulator.explore.cells import CellRun, CellRunner
from emulator.explore.clean import CleanRunFailed, clean_runs
from emulator.explore.findings import ExploredFinding, same_flaw
from emulator.explore.plan import Known, Planned, pairs, planned
from emulator.explore.points import Point, points_of
from emulator.explore.results import CellResult, Result
from emulator.explore.run_outcomes import Clean, RunOutcome
from emulator.explore.runs import ExploredProgram, Ran
from emulator.explore.saved_cells import Saved
from emulator.explore.settings import ExploreSettings

# How often to look whether runs have ended or time is up, in seconds
_LOOK = 0.2
# Longer than boto3, and most others, wait for an answer
_LONG_SILENCE = "70s"


class ExplorationWatcher(Protocol):
    """Is told how the exploration goes on; called from the thread that explores."""

    def planned(self, runs: int) -> None:
        """The number of runs that are planned so far."""

    def trying(self, cells: Sequence[str]) -> None:
        """The ids of the cells that are running now."""

    def done(self, cell: CellResult, finding: ExploredFinding | None) -> None:
        """A cell has ended; `finding` is what it shows that no cell has shown before."""


class Exploration:
    """One exploration of a program. `sources` are the user's scenarios, `parameters` what was given for theirs.

    Raises EmulatorError where the clean run fails."""

    def __init__(
        self,
        program: ExploredProgram,
        sources: Sequence[Path],
        parameters: Mapping[str, Any],
        settings: ExploreSettings,
        watcher: ExplorationWatcher,
        clock: Clock | None = None,
    ) -> None:
        self._program = program
        self._sources = sources
        self._parameters = parameters
        self._settings = settings
        self._watcher = watcher
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._cells: list[CellResult] = []
        self._findings: dict[str, ExploredFinding] = {}
        self._known = Known()
        self._runs = 0
        self._interrupted = False

    def explore(self) -> Result:
        began = self._clock.monotonic()
        settings = self._settings
        program, clean, ran = self._clean_runs()
        points = points_of(clean.calls)
        bounds = replace(settings.bounds, seconds=max(settings.bounds.seconds, settings.slowness * ran.ended.seconds))
        # In fast time a program may wait for longer than most SDKs wait for an answer
        tuning = replace(settings.tuning, hang=_LONG_SILENCE) if program.fast else settings.tuning
        settings = replace(settings, bounds=bounds, tuning=tuning)
        runner = CellRunner(program, self._sources, self._parameters, settings, clean, self._stop)
        saved = Saved.open(settings.found, self._program.command, resume=settings.resume)
        for finding in runner.of_the_clean_run():
            self._findings[finding.id] = replace(finding, known=finding.id in settings.known)
        queue = planned(points, exhaustive=settings.exhaustive) + (pairs(points) if settings.pairs else [])
        left = self._take_up(queue, saved)
        deadline = None if settings.seconds is None else began + settings.seconds
        try:
            self._work(left, runner, saved, deadline)
        except KeyboardInterrupt:
            self._interrupted = True
        finally:
            saved.close()
        return self._result(points, queue, clean, ran.report.scenario, runner, self._clock.monotonic() - began)

    def _result(
        self, points: list[Point], queue: Sequence[Planned], clean: Clean, scenario: str, runner: CellRunner, seconds: float
    ) -> Result:
        order = {one.id: place for place, one in enumerate(queue)}
        findings, cells = self._told()
        return Result(
            command=self._program.command,
            scenario=scenario,
            points=points,
            cells=sorted(cells, key=lambda cell: order[cell.id]),
            findings=findings,
            notes=[*clean.notes, *runner.notes],
            masked=sorted(runner.mask.paths),
            runs=self._runs,
            left=len(queue) - len(self._cells),
            seconds=seconds,
            interrupted=self._interrupted,
            parameters=self._parameters,
        )

    def _clean_runs(self) -> tuple[ExploredProgram, Clean, Ran]:
        """Makes the clean runs. Returns also the program as it is run from then on: in real time where fast time does not suit it."""
        program = self._program
        if not program.fast:
            return program, *self._clean_in(program)
        slow = replace(program, fast=False)
        try:
            clean, ran = self._clean_in(program)
        except CleanRunFailed as failure:
            clean, ran = self._clean_in(slow)
            note = f"COMMAND fails in fast time alone, so it runs in real time: {str(failure).strip().splitlines()[-1]}"
            return slow, replace(clean, notes=(*clean.notes, note)), ran
        return program if ran.was_fast else slow, clean, ran

    def _clean_in(self, program: ExploredProgram) -> tuple[Clean, Ran]:
        return clean_runs(program, self._sources, self._parameters, self._settings, self._stop, self._clock)

    def _told(self) -> tuple[list[ExploredFinding], list[CellResult]]:
        """The findings, each flaw once, with their cells, and all cells with their findings."""
        same = same_flaw(list(self._findings.values()))
        cells = [replace(cell, finding=same.get(cell.finding, cell.finding)) for cell in self._cells]
        for one in same:
            Path(self._findings[one].scenario).unlink(missing_ok=True)
        left = [finding for finding in self._findings.values() if finding.id not in same]
        return [replace(one, cells=tuple(cell.id for cell in cells if cell.finding == one.id)) for one in left], cells

    def _take_up(self, queue: Sequence[Planned], saved: Saved) -> list[Planned]:
        """The part of the plan that an earlier exploration has not done yet."""
        left = []
        for one in queue:
            done = saved.cells.get(one.id)
            if done is None:
                left.append(one)
            else:
                self._note(one, done, saved.findings.get(done.finding), resumed=True)
        self._watcher.planned(len(queue))
        return left

    def _work(self, left: list[Planned], runner: CellRunner, saved: Saved, deadline: float | None) -> None:
        running: dict[Future[CellRun], Planned] = {}
        queue = list(reversed(left))
        with ThreadPoolExecutor(self._settings.jobs, thread_name_prefix="exploring") as pool:
            try:
                while queue or running:
                    is_late = deadline is not None and self._clock.monotonic() > deadline
                    if is_late or self._is_spent():
                        # What is running is let finish; nothing new begins
                        if not running:
                            break
                    else:
                        self._begin(queue, running, runner, pool)
                    for future in wait(running, _LOOK, FIRST_COMPLETED).done:
                        one = running.pop(future)
                        run = future.result()
                        if run.cell is not None:
                            saved.add(run.cell, run.finding)
                            self._note(one, run.cell, run.finding)
            except BaseException:
                self._stop.set()
                raise

    def _is_spent(self) -> bool:
        return self._stop.is_set() or (self._settings.most_runs is not None and self._runs >= self._settings.most_runs)

    def _begin(self, queue: list[Planned], running: dict[Future[CellRun], Planned], runner: CellRunner, pool: ThreadPoolExecutor) -> None:
        while queue and len(running) < self._settings.jobs and not self._is_spent():
            one = queue.pop()
            why = "" if self._settings.exhaustive else self._known.says(one)
            if why:
                self._note(one, CellResult(one.id, one.point.id, one.fault.id, None, why), None)
                continue
            self._runs += 1
            running[pool.submit(runner.run, one)] = one
            self._watcher.trying([planned.id for planned in running.values()])

    def _note(self, one: Planned, cell: CellResult, finding: ExploredFinding | None, *, resumed: bool = False) -> None:
        self._cells.append(cell)
        if cell.outcome is not None:
            self._known.add(one, is_good=cell.is_good, changed=cell.changed, hung=cell.outcome == RunOutcome.HUNG.value)
        new = None
        if finding is not None and finding.id not in self._findings:
            new = self._findings[finding.id] = replace(finding, known=finding.id in self._settings.known)
        self._watcher.done(cell, None if resumed else new)
