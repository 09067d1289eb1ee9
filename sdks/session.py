"""A session of measuring: which runs are to be made, several at once, what is measured already left alone, what was found kept at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, product
from os import cpu_count
from pathlib import Path

from sdks.data import Condition, Measured, load
from sdks.installing import InstallError, build_of, install, missing
from sdks.measuring import Files, MeasuringError, Run, judge, measure
from sdks.work import WORKERS, Sdk, Step, load_steps

_BUSY_PER_CORE = 2
# Ends by itself when whoever began it is gone
_BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"


@dataclass(frozen=True)
class Plan:
    """`steps` and `modes` by name, all where they are empty; `load` is "idle", "loaded" or "both"; `again`: what is known, too;
    `deadline` in seconds of `time.monotonic()`."""

    steps: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    workers: tuple[int, ...] = WORKERS
    load: str = "both"
    again: bool = False
    newest: bool = False
    quick: bool = False
    deadline: float | None = None
    at_once: int = 4

    @property
    def loads(self) -> tuple[bool, ...]:
        return (False,) if self.quick else {"idle": (False,), "loaded": (True,), "both": (False, True)}[self.load]

    @property
    def is_over(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def runs(self, sdk: Sdk, version: str, loaded: bool) -> Iterator[tuple[str, Step, Condition]]:
        """(mode, step, condition), what takes longest first. A loaded machine and the newest release are asked for the default alone."""
        modes = ("default",) if loaded or self.quick or self.newest else sdk.versions[version]
        for step in sorted(load_steps(), key=lambda step: -step.limit):
            if not sdk.is_asked(step) or (self.steps and step.name not in self.steps) or (self.quick and not step.quick):
                continue
            for mode, workers in product(modes, (1,) if self.quick else step.workers):
                is_wanted = workers in self.workers and (not self.modes or mode in self.modes)
                if is_wanted and (workers == 1 or mode == "default" or step.crowd):
                    yield mode, step, Condition(loaded, workers)


class Session:
    """What is measured in this session, and what went wrong. The lock guards the data, which several runs add to."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.problems: list[str] = []
        self.measured: list[Measured] = []
        self._folder = folder
        self._lock = threading.Lock()

    def measure(self, sdk: Sdk) -> None:
        """All versions of an SDK, or its newest one. One whose runtime is not there is named and left out."""
        absent = missing(sdk)
        if absent:
            print(f"{sdk.name}: left out, there is no {' and no '.join(absent)} here", file=sys.stderr)
            return
        for version in [*sdk.versions][: 1 if self.plan.newest or self.plan.quick else None]:
            if self.plan.is_over:
                print(f"{sdk.name} {version}: left out, the time is over", file=sys.stderr)
                continue
            try:
                build = install(sdk, version, newest=self.plan.newest)
            except InstallError as error:
                self.problems.append(f"{sdk.name} {version} could not be installed: {error}")
                continue
            self._measure_version(sdk, version, build)

    def _measure_version(self, sdk: Sdk, version: str, build: Path) -> None:
        kept = self._kept(sdk, version)
        self.measured.append(kept)
        for loaded in self.plan.loads:
            with _busy(loaded), ThreadPoolExecutor(self.plan.at_once) as pool:
                for mode, step, condition in self.plan.runs(sdk, version, loaded):
                    known = kept.mode(mode).run(step.name, condition)
                    if known is None or known["step"] != step.fingerprint or self.plan.again:
                        run = partial(measure, step, build, sdk.run, sdk.modes[mode], condition)
                        pool.submit(self._one, run, kept, build, mode, step, condition)

    def judge_again(self, sdk: Sdk) -> None:
        """Judge again, by the rules of today, what this checkout still has the journals of. Nothing is installed and no program is run."""
        for version in [*sdk.versions][: 1 if self.plan.newest else None]:
            build, kept = build_of(sdk, version, newest=self.plan.newest), self._kept(sdk, version)
            self.measured.append(kept)
            for mode, step, condition in chain.from_iterable(self.plan.runs(sdk, version, loaded) for loaded in self.plan.loads):
                if self._files(build, mode, step, condition).are_of(step):
                    self._one(partial(judge, step), kept, build, mode, step, condition)

    def _kept(self, sdk: Sdk, version: str) -> Measured:
        path = self._folder / f"{sdk.name}-{version}.json"
        is_fresh = self.plan.newest or self.plan.quick or not path.exists()
        return Measured(sdk.name, version) if is_fresh else load(path)

    def _files(self, build: Path, mode: str, step: Step, condition: Condition) -> Files:
        # What is not kept is not judged again in place of what is
        return Files.of(build.with_name(f"{build.name}-{'quick' if self.plan.quick else 'runs'}"), mode, step.name, condition)

    def _one(self, make: Callable[[Files], Run], kept: Measured, build: Path, mode: str, step: Step, condition: Condition) -> None:
        if self.plan.is_over:
            return
        what = f"{kept.sdk} {kept.version}, {mode}: {step.name}, {condition}"
        try:
            run = make(self._files(build, mode, step, condition))
        except Exception as error:
            # In a thread, where whatever it is would be lost without a word
            self.problems.append(f"{what}: {error if isinstance(error, MeasuringError) else repr(error)}")
            return
        print(f"{what}: {run.facts['saw']}", file=sys.stderr, flush=True)
        with self._lock:
            self._keep(kept, mode, step, condition, run)

    def _keep(self, kept: Measured, mode: str, step: Step, condition: Condition, run: Run) -> None:
        if self.plan.newest:
            kept.version = run.version
        elif run.version != kept.version:
            self.problems.append(f"{kept.sdk} {kept.version}: its program says that it is {run.version}")
            return
        kept.runtime = run.runtime
        at = kept.mode(mode)
        if step.does == "get" or not at.headers:
            at.headers = run.headers
        conditions = at.runs.setdefault(step.name, {})
        conditions[str(condition)] = run.facts
        at.runs[step.name] = {name: conditions[name] for name in sorted(conditions, key=lambda name: ("loaded" in name, len(name), name))}
        if not self.plan.quick:
            kept.save(self._folder)


@contextmanager
def _busy(loaded: bool) -> Iterator[None]:
    """Two busy loops for each core, if it is to be loaded."""
    count = _BUSY_PER_CORE * (cpu_count() or 1) if loaded else 0
    loops = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
