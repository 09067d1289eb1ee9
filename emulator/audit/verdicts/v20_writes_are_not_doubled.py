"""V20: A write is not carried out twice

## What it does
Writes that are carried out, not acknowledged, and carried out again: counters, appended lists, and those that return
the old item.

## Why it matters
A lost connection or a 500 does not say whether the write was carried out. Where it was, an update that adds up counts
twice when it is retried, and nobody sees an error.

## Fails
```python
client.update_item(
    TableName="accounts",
    Key=key,
    UpdateExpression="ADD balance :amount",  # carried out, its answer lost, carried out again
    ExpressionAttributeValues={":amount": {"N": "10"}},
)
```

## Passes
```python
client.update_item(
    TableName="accounts",
    Key=key,
    UpdateExpression="ADD balance :amount SET version = :new",
    ConditionExpression="version = :old",  # the second time it is another
    ExpressionAttributeValues={":amount": {"N": "10"}, ":old": {"N": "7"}, ":new": {"N": "8"}},
)
```

## What helps
Give writes that add up a ConditionExpression or a version number, or put them in a TransactWriteItems with a
ClientRequestToken.

## Sources
- DynamoDB Developer Guide, Error handling
"""

from __future__ import annotations

from emulator.audit.acknowledgements import UNKNOWN, is_unacknowledged
from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.idempotency import accumulates, spoils_its_answer
from emulator.audit.rulings import Ruling, Status, counted, found, nothing, passed, worst

GRADE = Status.FAIL

_NO_TRANSACTIONS = frozenset(("PutItem", "UpdateItem", "DeleteItem", "ExecuteStatement", "BatchExecuteStatement"))


def judge(evidence: Evidence) -> Ruling:
    calls = [call for call in evidence.calls if call.operation in _NO_TRANSACTIONS and is_unacknowledged(call)]
    if not calls:
        return nothing("no acknowledgement of a write was lost")
    doubled = [call for call in calls if _times_applied(call, evidence) > 1]
    counters = [call for call in doubled if accumulates(call.request)]
    answers = [call for call in doubled if spoils_its_answer(call.request)]
    rulings = []
    if counters:
        why = f"{counted(len(counters), 'write')} that {'adds' if len(counters) == 1 else 'add'} up carried out more than once"
        rulings.append(found(Status.FAIL, counters, why))
    if answers:
        why = f"{counted(len(answers), 'write')} repeated for whose answer with the old item it was too late: it held the new one"
        rulings.append(found(Status.WARN, answers, why))
    return worst(rulings, passed(f"{counted(len(calls), 'lost acknowledgement')}, and no write that a second time would spoil"))


def _times_applied(call: SeenCall, evidence: Evidence) -> int:
    times = sum(entry.applied is True for entry in call.entries)
    following = evidence.repetition(call)
    if following is not None and call.told[-1].outcome in UNKNOWN:
        times += sum(entry.applied is True for entry in following.entries)
    return times
