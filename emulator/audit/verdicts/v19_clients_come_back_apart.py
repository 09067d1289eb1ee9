"""V19: Clients that failed together come back apart

## What it does
Eight calls or more that are throttled within 50 ms: whether over half of them come back within 50 ms, and whether jitter
over the whole range of their waits, or over the part of it that their SDK uses, would bring so many together in fewer
than 1 of 1,000 such groups, this machine's stalls included.

## Why it matters
Clients that are throttled in one moment and all come back in another are a new peak, as high as the first one. Spread
over the time of the wait, the same retries find room.

## Fails
```text
10:00:00.000    8 x PutItem    ThrottlingException
10:00:00.400    8 x PutItem    ThrottlingException
```

## Passes
```text
10:00:00.000    8 x PutItem    ThrottlingException
10:00:00.060    1 x PutItem    200
10:00:00.190    1 x PutItem    200
10:00:00.270    2 x PutItem    200
10:00:00.420    1 x PutItem    200
...
```

## What helps
Jitter the waits over their whole range.

## Sources
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from emulator.audit.certainty import DOUBTFUL, at_least
from emulator.audit.evidence import Evidence
from emulator.audit.noise import lateness
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed
from emulator.audit.seen import Gap
from emulator.audit.waits import calls_of, longest_of
from emulator.scenario.phrases import counted
from emulator.sdks.retry_profiles import Jitter

GRADE = Status.WARN

_BIN = 0.05
_COHORT = 8
_BURST = 0.5


def judge(evidence: Evidence) -> Ruling:
    cohorts = list(_cohorts(evidence))
    if not cohorts:
        return nothing(f"it takes {_COHORT} calls that are throttled within {milliseconds(_BIN)} of each other")
    bursts = [(_fullest(cohort) / len(cohort), cohort) for cohort in cohorts if _is_burst(cohort, len(cohorts))]
    if not bursts:
        return passed(f"{counted(len(cohorts), 'group')} of calls that failed together came back apart")
    share, cohort = max(bursts, key=lambda burst: burst[0])
    why = f"of {counted(len(cohort), 'call')} that failed together, {share:.0%} came back within {milliseconds(_BIN)}"
    return found(Status.WARN, calls_of(cohort), why)


def _cohorts(evidence: Evidence) -> Iterator[list[Gap]]:
    """Waits after throttling that ended within one bin. Waits as short as the bin say nothing."""
    gaps = sorted((gap for gap in evidence.gaps if gap.is_throttling and gap.hint is None), key=_failed_at)
    start = 0
    ends = [_failed_at(gap) for gap in gaps]
    while start < len(gaps):
        stop = bisect_right(ends, ends[start] + _BIN)
        cohort = gaps[start:stop]
        if len(cohort) >= _COHORT and sorted(gap.seconds for gap in cohort)[len(cohort) // 2] >= 2 * _BIN:
            yield cohort
        start = stop


def _failed_at(gap: Gap) -> float:
    return gap.until - gap.seconds


def _is_burst(cohort: list[Gap], asked: int) -> bool:
    """Whether more come back together than full jitter lets, in any of so many groups: a bin that begins at one of them holds each of the
    others with a chance of its width among the longest wait. A stall lets all go at once that were due meanwhile."""
    most = _fullest(cohort)
    width = _BIN + max(map(lateness, cohort))
    seen = max(gap.seconds for gap in cohort)
    chances = [width / max(width, _range(gap, seen)) for gap in cohort[1:]]
    return most > _BURST * len(cohort) and len(cohort) * asked * at_least(most - 1, chances) < DOUBTFUL


def _fullest(cohort: list[Gap]) -> int:
    """How many come back within one bin, at most."""
    arrivals = sorted(gap.until for gap in cohort)
    return max(bisect_right(arrivals, arrival + _BIN) - place for place, arrival in enumerate(arrivals))


def _range(gap: Gap, seen: float) -> float:
    """Over how many seconds such a wait is spread at least, `seen` being the longest: jitter other than the full one leaves the first half
    out, and so may that of a client which is not known."""
    profile = gap.call.profile
    if profile is None:
        return seen / 2
    return longest_of(gap) * (1.0 if profile.throttling_jitter is Jitter.FULL else 0.5)
