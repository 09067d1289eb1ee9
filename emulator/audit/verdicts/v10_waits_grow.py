"""V10: Waits grow exponentially

## What it does
All waits of a client, by the kind of error and by the retry before which they came, against every growing ladder that a
good client may have: multiplied by 1.3 or more, with any jitter, up to a cap of 100 ms or more, or as its SDK is
documented. Fails where constant or linear waits explain them so much better that of a hundred thousand good clients not one would
look like that; warns at one in a thousand, and where linear waits may as well be doubled ones that meet their cap at the
last retry. Waits that the noise of this machine drowns say nothing: few waits, or short ones, are told and not judged.

## Why it matters
A constant wait is too long for trouble that passes at once and too short for trouble that stays. Waits that double find
the right one by themselves, and let the load of a long outage fall.

## Fails
```python
for attempt in range(5):
    if send(request).status < 500:
        break
    time.sleep(0.2)  # the same each time, or 0.2 * (attempt + 1)
```

## Passes
```python
for attempt in range(5):
    if send(request).status < 500:
        break
    time.sleep(random.uniform(0, min(20, 0.05 * 2**attempt)))
```

## What helps
Double the range of the wait with each retry, up to 20 seconds.

## Sources
- DynamoDB Developer Guide, Error handling
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from statistics import median

from emulator.audit.backoff import Growing, growing
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed, worst
from emulator.audit.waits import calls_of
from emulator.scenario.phrases import counted

GRADE = Status.FAIL

_MAX_SHOWN = 6
_ODDS = {Status.FAIL: "1 in 100,000", Status.WARN: "1 in 1,000"}


def judge(evidence: Evidence) -> Ruling:
    judged = evidence.once(growing)
    if not judged:
        return nothing("no call had two waits of a kind")
    bad = [_complaint(one) for one in judged if one.status in _ODDS]
    shown = [one for one in judged if one.status is Status.PASS]
    if shown:
        return worst(bad, passed(f"{counted(sum(one.growth.waits for one in shown), 'wait')} grow as they should"))
    waits, usable = sum(one.growth.waits for one in judged), sum(one.growth.usable for one in judged)
    drowned = f", {waits - usable} of them no longer than this machine's noise" if usable < waits else ""
    return worst(bad, Ruling(Status.INFO, f"{counted(waits, 'wait')}{drowned}: too few to tell whether they grow"))


def _complaint(one: Growing) -> Ruling:
    levels: dict[int, list[float]] = {}
    for gap in one.gaps:
        levels.setdefault(gap.retry, []).append(gap.seconds)
    means = ", ".join(milliseconds(median(levels[retry])) for retry in sorted(levels)[:_MAX_SHOWN])
    more = ", ..." if len(levels) > _MAX_SHOWN else ""
    what = "do not grow" if one.growth.kind == "constant" else "grow by equal steps"
    if one.status is Status.WARN and one.growth.against > one.growth.lenient and one.growth.kind == "linear":
        odds = "unless the last of them is a cap"
    else:
        odds = f"which fewer than {_ODDS[one.status]} clients that back off would look like"
    why = f"{counted(one.growth.waits, 'wait')} {what} ({means}{more}), {odds}"
    return found(one.status, calls_of(one.gaps), why)
