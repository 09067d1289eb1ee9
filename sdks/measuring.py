"""One step of the work list, done by one SDK against an emulator of its own; what came of it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dynafault import Emulator
from emulator.audit import evidence_of
from emulator.clock import SystemClock
from emulator.journal import Exchange
from emulator.journal.file import JournalWriter, read_journal
from emulator.journal.invocations import LogicalCall
from emulator.report import Report, build_report
from sdks.data import Condition
from sdks.installing import clean_environment
from sdks.work import Step

# What tells who a client is; of the system that it runs on nothing is kept
_TELLING = ("user-agent", "x-amz-user-agent", "amz-sdk-request", "amz-sdk-retry")
_SYSTEM = re.compile(r"\s*\b(?:os|lang|exec-env|Linux|Darwin|Windows[^/ ]*|md/(?:arch|pyimpl|GOARCH|GOOS|vendor|OpenJDK[^#]*))[/#]\S+")
_FEATURES = re.compile(r"\bm/([A-Za-z0-9+,-]+)")
# Ids of calls are other ones in each run
_CALL_ID = re.compile(r"(?<=\s)[0-9a-f]{8}\b")


class MeasuringError(Exception):
    """A program did not do what it was asked; says what it printed."""


@dataclass(frozen=True)
class Run:
    """What came of a step: `facts` as they are kept, who the client is, and what its program says of itself."""

    facts: dict[str, Any]
    headers: dict[str, str]
    version: str
    runtime: str


@dataclass(frozen=True)
class Files:
    """Where a run leaves what it is judged by, so that it can be judged again: the journal, and what the program said."""

    journal: Path
    said: Path

    @classmethod
    def of(cls, folder: Path, mode: str, step: str, condition: Condition) -> Files:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{mode} {step} {condition}".replace(", ", " ").replace(" ", "-")
        return cls(folder / f"{name}.jsonl", folder / f"{name}.json")

    def are_of(self, step: Step) -> bool:
        """Whether there are such files, of the step as it is now."""
        return self.said.exists() and json.loads(self.said.read_text("utf-8")).get("step") == step.fingerprint


def measure(step: Step, folder: Path, command: str, mode: Mapping[str, str], condition: Condition, files: Files) -> Run:
    """Have a program do a step. Raises MeasuringError where it printed nothing of itself, or where the fault never met it."""
    files.said.unlink(missing_ok=True)
    files.journal.unlink(missing_ok=True)
    with Emulator(step.scenario, clock=_ClockAhead(step.clock)) as emulator:
        writer = JournalWriter(files.journal, emulator.rules.list)
        emulator.core.observe(writer)
        environment = {**emulator.environment(clean_environment()), **_NO_FILES, **mode}
        ended, printed, complaints = _execute(step, folder, command, environment, condition.workers)
    writer.close()
    said = {"step": step.fingerprint, "ended": ended, "printed": printed, "complaints": complaints[-2000:]}
    files.said.write_text(json.dumps(said), "utf-8")
    return judge(step, files)


def judge(step: Step, files: Files) -> Run:
    """What a run that was made comes down to. Raises MeasuringError as `measure` does."""
    said = json.loads(files.said.read_text("utf-8"))
    saved = read_journal(files.journal)
    lines = _lines(said["printed"], said["complaints"])
    unfired = [rule.name for rule in saved.rules if not rule.fired]
    if unfired or not saved.entries:
        raise MeasuringError(f"{step.name}: {unfired or 'nothing'} never fired\n{said['printed'][-500:]}\n{said['complaints']}")
    report = build_report(saved.scenario, saved.seed, saved.rules, saved.entries, interrupted=not said["ended"])
    facts = {
        "step": step.fingerprint,
        "ended": said["ended"],
        "saw": _counted(_saw(line) for line in lines[1:]),
        "written": _written(saved.entries),
        "calls": _by_operation(report),
        "verdicts": _verdicts(report),
    }
    return Run(facts, _headers(saved.entries), lines[0]["version"], lines[0]["runtime"])


class _ClockAhead(SystemClock):
    """The clock of a service that is so many seconds ahead of its clients."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.machine = lambda: time.time() + seconds
        self._seconds = seconds

    def now(self) -> float:
        return super().now() + self._seconds

    def new(self) -> _ClockAhead:
        return _ClockAhead(self._seconds)


_NO_FILES = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}


def _execute(step: Step, folder: Path, command: str, environment: dict[str, str], workers: int) -> tuple[bool, str, str]:
    """(whether it ended by itself, what it printed, what it complained of)."""
    words = [*shlex.split(command), step.does, str(workers), str(step.calls if workers == 1 else 1), str(step.timeout)]
    # A relative program is looked up from here, not from the folder that it is to run in
    words[0] = str(folder / words[0]) if "/" in words[0] else words[0]
    with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            return True, *program.communicate(timeout=step.limit)
        except subprocess.TimeoutExpired:
            program.kill()
            return False, *program.communicate()


def _lines(printed: str, complaints: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    if not lines or "sdk" not in lines[0]:
        raise MeasuringError(f"the program said nothing of itself: {printed[-500:]}\n{complaints[-2000:]}")
    return lines


def _saw(line: Mapping[str, Any]) -> str:
    """What the application saw in the end, in one line."""
    if "error" not in line:
        return str(line["saw"])
    code = line.get("code")
    return f"{line['error']} ({code})" if code and code != line["error"] else str(line["error"])


def _written(entries: Iterable[Exchange]) -> dict[str, int]:
    """How many keys were written how often."""
    times = Counter(key for entry in entries if entry.written is not None for key in entry.written.keys)
    return _counted(str(count) for count in times.values())


def _by_operation(report: Report) -> dict[str, Any]:
    """Of a client that numbers nothing, the calls of several workers that ask the same cannot be told apart: `untold` is how many
    requests are left out for that."""
    told = {call.id for call in evidence_of(report.calls).calls}
    told |= {call.id for call in report.calls if call.first.call is not None and call.first.call.invocation}
    calls: dict[str, list[LogicalCall]] = {}
    for call in report.calls:
        assert call.first.call is not None
        calls.setdefault(call.first.call.operation, []).append(call)
    found = {}
    for operation in sorted(calls):
        known = [call for call in calls[operation] if call.id in told]
        untold = sum(call.attempts for call in calls[operation]) - sum(call.attempts for call in known)
        found[operation] = _facts(known) | ({"untold": untold} if untold else {})
    return found


def _facts(calls: list[LogicalCall]) -> dict[str, Any]:
    """Attempts and outcomes with how many calls had them; waits before each retry in milliseconds, the shortest first. `given_up_ms` is
    after how long an attempt was given up that had no answer."""
    longest = max((call.attempts for call in calls), default=1)
    waits = [sorted(_ms(call.gaps_ms[retry]) for call in calls if _has(call, retry)) for retry in range(longest - 1)]
    facts: dict[str, Any] = {
        "attempts": _counted(str(call.attempts) for call in calls),
        "outcomes": _counted(call.outcome for call in calls),
        "waits_ms": waits,
    }
    given_up = sorted(_ms(_took(entry) * 1000) for call in calls for entry in call.attempt_records if _was_given_up(entry))
    return facts | {"given_up_ms": given_up} if given_up else facts


def _has(call: LogicalCall, retry: int) -> bool:
    return retry < len(call.gaps_ms) and call.gaps_ms[retry] is not None


def _was_given_up(entry: Exchange) -> bool:
    return entry.delivery.how == "client-closed" and entry.delivery.ended is not None


def _took(entry: Exchange) -> float:
    assert entry.delivery.ended is not None
    return entry.delivery.ended - entry.request.arrived


def _ms(value: float | None) -> float:
    assert value is not None
    return round(value, 1) if value < 100 else round(value)


def _verdicts(report: Report) -> dict[str, Any]:
    """The ids of those that pass; what the others say, without ids of calls."""
    said: dict[str, Any] = {"pass": [finding.verdict.id for finding in report.audit if finding.status == "pass"]}
    for status in ("info", "warn", "fail"):
        found = {finding.verdict.id: _CALL_ID.sub("...", finding.ruling.why) for finding in report.audit if finding.status == status}
        if found:
            said[status] = found
    return said


def _headers(entries: Sequence[Exchange]) -> dict[str, str]:
    """Some SDKs tell their maximum with the second attempt only."""
    first = entries[0]
    headers = {name: _agent(first.request.headers[name]) for name in _TELLING if name in first.request.headers}
    maxima = (re.search(r"max=\s*(\d+)", entry.request.headers.get("amz-sdk-request", "")) for entry in entries)
    most = next((found[1] for found in maxima if found), "")
    if "amz-sdk-request" in headers:
        headers["amz-sdk-request"] = f"attempt=1; max={most}" if most else "attempt=1"
    return headers


def _agent(text: str) -> str:
    """A User-Agent without the system; feature ids, whose order is any, in one order."""
    return _FEATURES.sub(lambda found: f"m/{','.join(sorted(found[1].split(',')))}", _SYSTEM.sub("", text))


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
