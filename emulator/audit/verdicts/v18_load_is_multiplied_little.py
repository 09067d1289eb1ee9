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

from collections.abc import Sequence

from emulator.audit.evidence import Evidence
from emulator.audit.redelivery import tries_of
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import RETRYABLE
from emulator.scenario.phrases import counted
from emulator.sdks.retry_profiles import PROFILES

GRADE = Status.WARN

_ENOUGH = 10
# The documented attempts of a DynamoDB client
_AMPLIFICATION = float(PROFILES["standard-2026"].attempts)


def judge(evidence: Evidence) -> Ruling:
    hit = [work for work in _works(evidence) if work[0].answers[0].outcome in RETRYABLE]
    requests = sum(map(tries_of, hit))
    # A few pieces of work that are sent again and again weigh as much as many
    if len(hit) < _ENOUGH and requests <= _ENOUGH * _AMPLIFICATION:
        return nothing(f"it takes {_ENOUGH} calls that failed at first; there were {len(hit)}")
    ratio = requests / len(hit)
    is_repeated = any(len(work) > 1 for work in hit)
    what = f"{counted(len(hit), 'piece')} of work that failed at first" if is_repeated else counted(len(hit), "failing call")
    why = f"{requests:,} attempts for {what}, {ratio:.1f} each"
    if ratio <= _AMPLIFICATION:
        return passed(why)
    worst_first = sorted(hit, key=tries_of, reverse=True)
    client = worst_first[0][0].client
    is_of_sdk = client.sdk is not None and len(worst_first[0]) == 1
    hint = f"; {client.label} makes that many{client.remedy}" if is_of_sdk else ""
    return found(Status.WARN, [work[0] for work in worst_first], f"{why}, more than {_AMPLIFICATION:g}{hint}")


def _works(evidence: Evidence) -> list[Sequence[JudgedCall]]:
    """The calls to judge by the work that they are for; a call by itself where nobody repeated it."""
    together = {call.id: work for work in evidence.repeated for call in work}
    found: dict[str, Sequence[JudgedCall]] = {}
    for call in evidence.calls:
        work = together.get(call.id, (call,))
        found.setdefault(work[0].id, work)
    return list(found.values())
