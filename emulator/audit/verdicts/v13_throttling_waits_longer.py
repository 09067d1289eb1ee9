"""V13: Throttling is waited for longer than trouble

## What it does
The mean waits before first retries, after throttling and after server errors.

## Why it matters
A server error mostly passes within milliseconds; throttled capacity comes back with the seconds. A client that waits
alike after both is too slow for the one or too fast for the other.

## Fails
```text
GetItem    ThrottlingException
  14 ms    200
GetItem    InternalServerError
  22 ms    200
```

## Passes
```text
GetItem    ThrottlingException
 612 ms    200
GetItem    InternalServerError
  22 ms    200
```

## What helps
Since 2026 SDKs start from 1,000 ms after throttling and 25 ms after other errors; older modes wait alike.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from statistics import mean

from emulator.audit.evidence import Evidence
from emulator.audit.noise import noise_of
from emulator.audit.rulings import Ruling, Status, milliseconds, nothing, passed
from emulator.audit.waits import ENOUGH
from emulator.journal.outcomes import ResponseClass

GRADE = Status.INFO


def judge(evidence: Evidence) -> Ruling:
    first = [gap for gap in evidence.gaps if gap.retry == 0 and gap.hint is None]
    noise = evidence.once(noise_of)
    slow = [gap.seconds for gap in first if gap.is_throttling]
    fast = [gap.seconds for gap in first if gap.after.outcome is ResponseClass.TRANSIENT]
    if not slow or not fast:
        return nothing("it takes first retries after throttling and after server errors")
    why = (
        f"mean wait {milliseconds(mean(slow))} after throttling ({len(slow)}), {milliseconds(mean(fast))} after server errors ({len(fast)})"
    )
    if min(len(slow), len(fast)) < ENOUGH:
        return Ruling(Status.INFO, f"{why}; too few to be sure")
    # Noise makes the short waits longer, and hides that they are
    planned = mean(max(0.0, gap.seconds - noise.within(gap)) for gap in first if gap.after.outcome is ResponseClass.TRANSIENT)
    return passed(why) if mean(slow) > 2 * planned else Ruling(Status.INFO, why)
