"""V8: A call ends within a minute

## What it does
Calls whose last attempt comes more than a minute after the first.

## Why it matters
Who asked has mostly gone after a minute, and the answer is for nobody. DynamoDB's guide says that retries should stop
around one minute.

## Fails
```python
Config(retries={"mode": "standard", "total_max_attempts": 12})  # 20 s at most before each of the last retries
```

## Passes
```python
Config(retries={"mode": "standard", "total_max_attempts": 4})
```

## What helps
Lower the number of attempts or the cap of the waits, so that retries stop around one minute after the first attempt.

## Sources
- DynamoDB Developer Guide, Error handling
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed
from emulator.scenario.phrases import counted

GRADE = Status.WARN

# "Set the maximum number of retries to stop around one minute"
_MAX_CALL = 60.0


def judge(evidence: Evidence) -> Ruling:
    if not evidence.retried:
        return nothing("no call was tried again")
    took = {call: call.entries[-1].request.arrived - call.started for call in evidence.retried}
    slow = [call for call, seconds in took.items() if seconds > _MAX_CALL]
    longest = milliseconds(max(took.values()))
    if slow:
        return found(Status.WARN, slow, f"{counted(len(slow), 'call')} went on for more than {_MAX_CALL:g} s, the longest for {longest}")
    return passed(f"the longest call went on for {longest}")
