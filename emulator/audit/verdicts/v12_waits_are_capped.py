"""V12: Waits are capped

## What it does
The longest waits, against 20 seconds, or the cap of the client's own SDK.

## Why it matters
Doubling has no end: the tenth wait of a client that begins with 100 ms is almost a minute. A client that sleeps so long
does not notice that the service is back.

## Fails
```python
time.sleep(random.uniform(0, 0.1 * 2**attempt))  # the tenth time up to 51 s
```

## Passes
```python
time.sleep(random.uniform(0, min(20, 0.1 * 2**attempt)))
```

## What helps
Cap each wait at 20 seconds, 25 where the server asks for more.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.noise import stretch
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed
from emulator.audit.seen import Gap
from emulator.audit.waits import MAX_HINT, NEW, SLACK, calls_of
from emulator.scenario.phrases import counted
from emulator.sdks.retry_profiles import PROFILES

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    if not evidence.gaps:
        return nothing("no call was tried again")
    beyond = [gap for gap in evidence.gaps if gap.seconds > _cap(gap) and not gap.call.client.is_adaptive]
    longest = max(gap.seconds for gap in evidence.gaps)
    if beyond:
        return found(
            Status.WARN, calls_of(beyond), f"{counted(len(beyond), 'wait')} beyond the usual 20 s, the longest {milliseconds(longest)}"
        )
    return passed(f"the longest wait was {milliseconds(longest)}")


def _cap(gap: Gap) -> float:
    documented = PROFILES["go-v1"].cap * 2 if gap.call.profile is PROFILES["go-v1"] else NEW.cap
    return documented + (0 if gap.hint is None else MAX_HINT) + SLACK + stretch(gap)
