"""V27: Only unprocessed entries are sent again

## What it does
Batches that bring unprocessed entries again: whether they also bring what had been done.

## Why it matters
Sending the whole batch again pays for the entries that were done a second time, and leaves less room for those that
were not: the batch comes back unprocessed again.

## Fails
```python
while client.batch_write_item(RequestItems=batch)["UnprocessedItems"]:
    time.sleep(1)  # and the whole batch again
```

## Passes
```python
for attempt in range(8):
    batch = client.batch_write_item(RequestItems=batch)["UnprocessedItems"]
    if not batch:
        break
    time.sleep(random.uniform(0.02, 0.1 * 2**attempt))
```

## What helps
Send UnprocessedItems as it came; the whole batch again does the work twice, and is throttled twice.

## Sources
- API reference of BatchWriteItem and BatchGetItem
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.leftovers import leftovers, resubmissions
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.scenario.phrases import counted

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    again = list(resubmissions(evidence.once(leftovers)))
    if not again:
        return nothing("nothing unprocessed was sent again")
    whole = [one for one in again if one.done_before]
    if whole:
        entries = sum(one.done_before for one in whole)
        why = f"{counted(len(whole), 'batch').replace('batchs', 'batches')} with {entries} entries that had been done already"
        return found(Status.WARN, [one.call for one in whole], why)
    return passed(f"{len(again)} resubmissions of nothing else than what was left")
