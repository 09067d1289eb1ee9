"""V11: Waits are jittered

## What it does
Waits before the same retry in eight calls or more: whether their middle half is narrower than any jitter makes it.

## Why it matters
Calls that fail together and wait the same come back together, and fail together again. Jitter spreads them over the
time that there is.

## Fails
```python
time.sleep(0.05 * 2**attempt)  # 50, 100, 200 ms, for every call
```

## Passes
```python
time.sleep(random.uniform(0, 0.05 * 2**attempt))
```

## What helps
Draw each wait from 0 up to the exponential bound, so that clients which failed together do not come back together.

## Sources
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
"""

from __future__ import annotations

from statistics import mean, median

from emulator.audit.certainty import spread_of
from emulator.audit.evidence import Evidence, Gap
from emulator.audit.rulings import Ruling, Status, counted, found, milliseconds, nothing, passed
from emulator.audit.waits import ENOUGH, MEASURABLE, calls_of
from emulator.retry_profiles import Jitter

GRADE = Status.WARN

# The middle half of jittered waits is at least a third of their median wide (equal jitter)
_NARROW = 0.15


def judge(evidence: Evidence) -> Ruling:
    kinds: dict[tuple[object, bool, int], list[Gap]] = {}
    for gap in evidence.gaps:
        if gap.hint is None:
            kinds.setdefault((gap.call.client_key, gap.is_throttling, gap.retry), []).append(gap)
    # The kind as a whole: picking long waits one by one would make jittered ones look alike
    measurable = [gaps for gaps in kinds.values() if median(gap.seconds for gap in gaps) >= MEASURABLE]
    if not measurable:
        return nothing("there was no wait that could be measured")
    judged = [gaps for gaps in measurable if len(gaps) >= ENOUGH]
    if not judged:
        return Ruling(Status.INFO, f"it takes {ENOUGH} calls that waited before the same retry; there were {max(map(len, measurable))}")
    narrow = [gaps for gaps in judged if spread_of([gap.seconds for gap in gaps]) < _NARROW]
    # Among many kinds a narrow one may be chance
    if len(narrow) <= len(judged) / 2:
        return passed(f"{counted(sum(map(len, judged)), 'wait')} differ from call to call")
    client = narrow[0][0].call.client
    profile = narrow[0][0].call.profile
    documented = profile is not None and profile.jitter is Jitter.NONE
    hint = f"; {client.label} has no jitter{client.cure}" if documented else ""
    gaps = max(narrow, key=len)
    return found(Status.WARN, calls_of(gaps), f"{len(gaps)} calls waited the same {milliseconds(mean(gap.seconds for gap in gaps))}{hint}")
