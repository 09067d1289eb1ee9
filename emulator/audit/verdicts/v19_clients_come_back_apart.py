"""V19: Clients that failed together come back apart

## What it does
Eight calls or more that are throttled within 50 ms: whether over half of them come back within 50 ms.

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

from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.rulings import Ruling, Status, counted, found, milliseconds, nothing, passed

GRADE = Status.WARN

_BIN = 0.05
_COHORT = 8
_BURST = 0.5


def judge(evidence: Evidence) -> Ruling:
    cohorts = list(_cohorts(evidence))
    if not cohorts:
        return nothing(f"it takes {_COHORT} calls that are throttled within {milliseconds(_BIN)} of each other")
    bursts = [(share, calls) for share, calls in map(_fullest, cohorts) if share > _BURST]
    if not bursts:
        return passed(f"{counted(len(cohorts), 'group')} of calls that failed together came back apart")
    share, calls = max(bursts, key=lambda burst: burst[0])
    return found(
        Status.WARN, calls, f"of {counted(len(calls), 'call')} that failed together, {share:.0%} came back within {milliseconds(_BIN)}"
    )


def _cohorts(evidence: Evidence) -> Iterator[list[tuple[float, SeenCall]]]:
    """Returns (arrival, call) after throttling that ended within one bin. Waits as short as the bin say nothing."""
    gaps = sorted((gap for gap in evidence.gaps if gap.is_throttling and gap.hint is None), key=lambda gap: _failed_at(gap.call, gap.retry))
    start = 0
    ends = [_failed_at(gap.call, gap.retry) for gap in gaps]
    while start < len(gaps):
        stop = bisect_right(ends, ends[start] + _BIN)
        cohort = gaps[start:stop]
        if len(cohort) >= _COHORT and sorted(gap.seconds for gap in cohort)[len(cohort) // 2] >= 2 * _BIN:
            yield [(gap.call.entries[gap.retry + 1].request.arrived, gap.call) for gap in cohort]
        start = stop


def _failed_at(call: SeenCall, number: int) -> float:
    return call.entries[number].ended or 0.0


def _fullest(cohort: list[tuple[float, SeenCall]]) -> tuple[float, list[SeenCall]]:
    arrivals = sorted(arrival for arrival, _ in cohort)
    most = max(bisect_right(arrivals, arrival + _BIN) - place for place, arrival in enumerate(arrivals))
    return most / len(arrivals), [call for _, call in cohort]
