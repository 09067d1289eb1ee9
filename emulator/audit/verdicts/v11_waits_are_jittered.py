"""V11: Waits are jittered

## What it does
Waits before the same retry in two calls or more: whether each is foretold by the ones before it so much better than any
jitter allows that of a thousand jittered clients not one would look like that. A jitter of less than a quarter of the
wait counts as none; waits that the noise of this machine drowns say nothing, and waits that begin together accuse as
one, since whatever holds up their client makes them all the same.

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

from emulator.audit.backoff import Jittering, jittering
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed, worst
from emulator.audit.waits import calls_of
from emulator.scenario.phrases import counted
from emulator.sdks.retry_profiles import Jitter

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    judged = evidence.once(jittering)
    if not judged:
        return nothing("no two calls waited before the same retry")
    bad = [_complaint(one) for one in judged if one.status is Status.WARN]
    shown = [one for one in judged if one.status is Status.PASS]
    if shown:
        return worst(bad, passed(f"{counted(sum(one.spread.waits for one in shown), 'wait')} differ from call to call"))
    waits = sum(one.spread.waits for one in judged)
    return worst(bad, Ruling(Status.INFO, f"{counted(waits, 'wait')} to compare: too few, or too short, to tell"))


def _complaint(one: Jittering) -> Ruling:
    call = one.gaps[0].call
    profile = call.profile
    documented = profile is not None and profile.jitter is Jitter.NONE
    hint = f"; {call.client.label} has no jitter{call.client.remedy}" if documented else ""
    levels: dict[int, list[float]] = {}
    for gap in one.gaps:
        levels.setdefault(gap.retry, []).append(gap.seconds)
    most = max(levels.values(), key=len)
    return found(Status.WARN, calls_of(one.gaps), f"{len(most)} calls waited the same {milliseconds(sum(most) / len(most))}{hint}")
