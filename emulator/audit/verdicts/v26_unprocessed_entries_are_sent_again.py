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
from emulator.audit.leftovers import leftovers
from emulator.audit.rulings import Ruling, Status, counted, found, nothing, passed

GRADE = Status.FAIL

_NO_LEFTOVERS = "no batch came back with unprocessed entries"


def judge(evidence: Evidence) -> Ruling:
    left = evidence.once(leftovers)
    if not left:
        return nothing(_NO_LEFTOVERS)
    losing = [one for one in left if one.lost]
    if losing:
        lost = {key for one in losing for key in one.lost}
        table, key = min(lost)
        why = f"{len(lost)} unprocessed {'entry' if len(lost) == 1 else 'entries'} never sent again, such as {table} {key}"
        return found(Status.FAIL, [one.call for one in losing], why)
    return passed(f"{sum(len(one.left) for one in left)} unprocessed entries of {counted(len(left), 'answer')} sent again")
