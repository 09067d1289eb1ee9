"""V26: Unprocessed entries are sent again

## What it does
Entries that batches gave back unprocessed: whether each comes again, in a batch or alone.

## Why it matters
A batch answers 200 though it has done only a part: the rest stands in UnprocessedItems or UnprocessedKeys. A program
that does not look there loses writes, or takes items for missing, without any error.

## Fails
```python
client.batch_write_item(RequestItems={"orders": puts})  # 200, with half of them unprocessed
```

## Passes
```python
unprocessed = {"orders": puts}
for attempt in range(8):
    unprocessed = client.batch_write_item(RequestItems=unprocessed)["UnprocessedItems"]
    if not unprocessed:
        break
    time.sleep(random.uniform(0.02, 0.1 * 2**attempt))
else:
    raise Unfinished(unprocessed)
```

## What helps
A batch that answers 200 may have done half of its work: send UnprocessedItems or UnprocessedKeys again until it is
empty.

## Sources
- API reference of BatchWriteItem and BatchGetItem
- DynamoDB Developer Guide, Error handling
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.leftovers import Leftover, leftovers
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.scenario.phrases import counted

GRADE = Status.FAIL

_NO_LEFTOVERS = "no batch came back with unprocessed entries"


def judge(evidence: Evidence) -> Ruling:
    left = evidence.once(leftovers)
    if not left:
        return nothing(_NO_LEFTOVERS)
    losing = [one for one in left if one.lost]
    dropped = [one for one in losing if one.depth == 1]
    given_up = [one for one in losing if one.depth > 1]
    rulings = []
    if dropped:
        rulings.append(found(Status.FAIL, [one.call for one in dropped], f"{_lost(dropped)} never sent again, such as {_example(dropped)}"))
    if given_up:
        rounds = max(one.depth for one in given_up)
        why = f"{_lost(given_up)} given up after {counted(rounds, 'round')}, such as {_example(given_up)}: its caller has to know"
        rulings.append(found(Status.WARN, [one.call for one in given_up], why))
    return worst(rulings, passed(f"{sum(len(one.left) for one in left)} unprocessed entries of {counted(len(left), 'answer')} sent again"))


def _lost(left: list[Leftover]) -> str:
    lost = {key for one in left for key in one.lost}
    return f"{len(lost)} unprocessed {'entry' if len(lost) == 1 else 'entries'}"


def _example(left: list[Leftover]) -> str:
    table, key = min(key for one in left for key in one.lost)
    return f"{table} {key}"
