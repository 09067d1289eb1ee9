"""Measurements in words and small pictures: what the page and the terminal say alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.sdks.retry_profiles import Jitter, RetryProfile
from sdks.data import Condition, Measured
from sdks.documented import is_throttling, profile_for
from sdks.work import WORKERS, Sdk, Step

# The width of what is documented, and of what lies beyond it by a quarter at most
_WIDTH, _BESIDE = 12, 3
_SHOWN_RETRIES = 3
_EMPTY, _DOT, _BEYOND, _BAR = "\u00b7", "\u25cf", "\u25b6", "\u2502"
# The operation that a step is about, where its program needs others, too
_SUBJECTS = {"records": "GetRecords"}
# Actions whose writes are counted
_WRITING = ("put", "add", "conditional", "transact", "batch")
_TIMES = {1: "once", 2: "twice"}


@dataclass(frozen=True)
class Row:
    """What one mode of one version did in a step. `strips` are the waits before the first retries; `worst` are verdicts that warn or
    fail, by id."""

    measured: Measured
    mode: str
    attempts: str
    strips: tuple[str, ...]
    longest: str
    saw: str
    written: str
    worst: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.measured.version if self.mode == "default" else f"{self.measured.version}, {self.mode}"


def rows(step: Step, sdk: Sdk, measured: Iterable[Measured]) -> Iterator[Row]:
    """A row for each mode in which the step was measured."""
    for one in measured:
        for mode, of_mode in one.modes.items():
            runs = [run for workers in WORKERS if (run := of_mode.run(step.name, Condition(False, workers))) is not None]
            runs = [run for run in runs if run["step"] == step.fingerprint]
            if runs and one.sdk == sdk.name:
                yield _row(step, one, mode, runs)


def _row(step: Step, one: Measured, mode: str, runs: Sequence[Mapping[str, Any]]) -> Row:
    waits = _waits(step, runs)
    worst = {verdict: grade for grade in ("warn", "fail") for run in runs for verdict in run["verdicts"].get(grade, ())}
    documented = profile_for(one, mode, step.service) if step.option == "attempts" else None
    return Row(
        one,
        mode,
        _attempts(step, runs),
        tuple(_strips(waits, documented, is_throttling(step.name, documented))),
        "" if not any(waits) else duration(max(max(values) for values in waits if values) / 1000),
        _saw(step, runs),
        _written(step, runs[0]),
        worst,
    )


def subject(step: Step, run: Mapping[str, Any]) -> Mapping[str, Any]:
    """The calls of the operation that a step is about."""
    calls: Mapping[str, Mapping[str, Any]] = run["calls"]
    name = _SUBJECTS.get(step.does) or next(iter(calls))
    return calls[name]


def most_attempts(step: Step, run: Mapping[str, Any]) -> int:
    return max(map(int, subject(step, run)["attempts"]))


def _attempts(step: Step, runs: Sequence[Mapping[str, Any]]) -> str:
    alone, *together = [_span([int(count) for count in subject(step, run)["attempts"]]) for run in runs]
    return alone if not together or together[0] == alone else f"{alone} ({together[0]} with {WORKERS[1]} workers)"


def _span(counts: list[int]) -> str:
    if not counts:
        return "nobody can tell"
    return str(counts[0]) if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"


def _waits(step: Step, runs: Sequence[Mapping[str, Any]]) -> list[list[float]]:
    """The waits before each retry of all runs."""
    each: list[list[list[float]]] = [subject(step, run)["waits_ms"] for run in runs]
    longest = max(map(len, each))
    return [[wait for waits in each if retry < len(waits) for wait in waits[retry]] for retry in range(longest)]


def _strips(waits: list[list[float]], profile: RetryProfile | None, throttling: bool) -> Iterator[str]:
    for retry, values in enumerate(waits[:_SHOWN_RETRIES]):
        if values and profile is not None:
            yield _strip([value / 1000 for value in values], *band(profile, retry, throttling))
        elif values:
            yield f"{duration(min(values) / 1000)} to {duration(max(values) / 1000)}" if len(values) > 1 else duration(values[0] / 1000)


def band(profile: RetryProfile, retry: int, throttling: bool) -> tuple[float, float]:
    """The documented waits before a retry (from 0): from, to, in seconds."""
    most = profile.longest_wait(retry, throttling)
    jitter = profile.throttling_jitter if throttling else profile.jitter
    return {Jitter.FULL: 0.0, Jitter.NONE: most}.get(jitter, most / 2), most


def _strip(values: list[float], least: float, most: float) -> str:
    """Dots where waits lie, on a line from nothing to beyond the longest documented wait, where a bar stands."""
    last = _WIDTH + _BESIDE
    cells = {min(int(value * _WIDTH / most) if most else last, last) for value in values}
    drawn = [_DOT if cell in cells else _EMPTY for cell in range(last)]
    picture = f"{''.join(drawn[:_WIDTH])}{_BAR}{''.join(drawn[_WIDTH:])}{_BEYOND if last in cells else ''}"
    told = duration(most) if least == most else f"{duration(least)} to {duration(most)}"
    # A line of its own for each picture, with its words
    return f"`{picture}` {told}".replace(" ", "\u00a0")


def duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s".replace(".0 s", " s")


def _saw(step: Step, runs: Sequence[Mapping[str, Any]]) -> str:
    told = [_seen(step, run) for run in runs]
    return told[0] if len(set(told)) == 1 else f"{told[0]} (with {WORKERS[1]} workers {told[1]})"


def _seen(step: Step, run: Mapping[str, Any]) -> str:
    seen = list(run["saw"])
    if not run["ended"]:
        seen.append(f"nothing yet after {step.limit} s")
    elif not seen:
        seen.append("nothing: the call never comes back")
    return " or ".join(seen)


def _written(step: Step, run: Mapping[str, Any]) -> str:
    """How often the keys were written."""
    if not step.does.startswith(_WRITING):
        return ""
    counted = Counter({int(times): keys for times, keys in run["written"].items()})
    return " or ".join(_TIMES.get(times, f"{times} times") for times in sorted(counted)) or "never"
