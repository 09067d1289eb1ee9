"""V32: A broken answer is no success

## What it does
Answers with status 200 and a body that is cut, empty or not the service's: whether another attempt follows, and whether
the program goes on.

## Why it matters
A 200 whose body is cut, empty or a proxy's page holds no answer. A client that reads it as an empty one takes an item
for missing, and goes on to create it anew.

## Fails
```python
item = client.get_item(TableName="orders", Key=key).get("Item")  # 200 with an empty body
if item is None:
    client.put_item(TableName="orders", Item=new)
```

## Passes
```text
GetItem    200, and a body that is cut
  16 ms    200
```

## What helps
Check that what you read is there: several SDKs make an empty result of a 200 with an empty or a foreign body.

## Sources
- measured with botocore
"""

from __future__ import annotations

from collections.abc import Iterable

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.audit.seen import ClientKey, JudgedCall
from emulator.journal.outcomes import ResponseClass
from emulator.scenario.phrases import counted

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    corrupt = [call for call in evidence.calls if any(_is_corrupt(call, number) for number in range(call.attempts))]
    if not corrupt:
        return nothing("no successful answer was cut, empty or not the service's")
    ended = [call for call in corrupt if _is_corrupt(call, call.attempts - 1)]
    if not ended:
        return passed(f"{counted(len(corrupt), 'call')} tried again after a broken answer")
    last = _last_begun(evidence.everything)
    went_on = [call for call in ended if last[call.client_key] >= call.ended]
    if went_on:
        why = f"{counted(len(went_on), 'call')} ended at a 200 with a broken body, and the program went on"
        return found(Status.WARN, went_on, why)
    return found(Status.INFO, ended, f"{counted(len(ended), 'call')} ended at a 200 with a broken body, and the program with it")


def _is_corrupt(call: JudgedCall, number: int) -> bool:
    answer = call.answers[number]
    return answer.outcome is ResponseClass.CORRUPT and not answer.crc_wrong and answer.status < 300


def _last_begun(calls: Iterable[JudgedCall]) -> dict[ClientKey, float]:
    """When each client began its last call."""
    last: dict[ClientKey, float] = {}
    for call in calls:
        last[call.client_key] = max(call.started, last.get(call.client_key, call.started))
    return last
