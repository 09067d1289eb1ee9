"""V18: Retries multiply the load a few times at most

## What it does
Attempts of calls whose first attempt failed, divided by those calls; ten of them at least.

## Why it matters
When most calls fail, each of them brings all of its attempts: with ten attempts, a service that could carry the normal
load meets ten times as much, and stays down.

## Fails
```python
Config(retries={"total_max_attempts": 10})
```

## Passes
```python
Config(retries={"total_max_attempts": 4})
```

## What helps
Make fewer attempts: four are the documented default for DynamoDB.

## Sources
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, counted, found, nothing, passed
from emulator.outcomes import RETRYABLE
from emulator.retry_profiles import PROFILES

GRADE = Status.WARN

_ENOUGH_CALLS = 10
# The documented attempts of a DynamoDB client
_AMPLIFICATION = float(PROFILES["standard-2026"].attempts)


def judge(evidence: Evidence) -> Ruling:
    hit = [call for call in evidence.calls if call.told[0].outcome in RETRYABLE]
    if len(hit) < _ENOUGH_CALLS:
        return nothing(f"it takes {_ENOUGH_CALLS} calls that failed at first; there were {len(hit)}")
    attempts = sum(call.attempts for call in hit)
    ratio = attempts / len(hit)
    why = f"{attempts} attempts for {counted(len(hit), 'failing call')}, {ratio:.1f} each"
    if ratio <= _AMPLIFICATION:
        return passed(why)
    client = max(hit, key=lambda call: call.attempts).client
    hint = f"; {client.label} makes that many{client.cure}" if client.sdk else ""
    return found(Status.WARN, sorted(hit, key=lambda call: -call.attempts), f"{why}, more than {_AMPLIFICATION:g}{hint}")
