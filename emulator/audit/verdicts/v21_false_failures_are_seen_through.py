"""V21: A failed condition after a lost acknowledgement is looked into

## What it does
Conditional writes that are carried out, not acknowledged, and refused when repeated: whether somebody reads the item
afterwards.

## Why it matters
A conditional write that was carried out and not acknowledged fails its own condition when it is retried. Who takes that
for a failure tells a customer that an order was refused which has been placed.

## Fails
```python
try:
    client.put_item(TableName="orders", Item=order, ConditionExpression="attribute_not_exists(id)")
except client.exceptions.ConditionalCheckFailedException:
    raise DuplicateOrder  # it may be this very order
```

## Passes
```python
try:
    client.put_item(TableName="orders", Item=order, ConditionExpression="attribute_not_exists(id)")
except client.exceptions.ConditionalCheckFailedException:
    there = client.get_item(TableName="orders", Key={"id": order["id"]}, ConsistentRead=True)["Item"]
    if there != order:
        raise DuplicateOrder
```

## What helps
Read the item with ConsistentRead, or ask for it with ReturnValuesOnConditionCheckFailure=ALL_OLD: the write may be your
own.

## Sources
- DynamoDB Developer Guide, Error handling
- [github.com/aws/aws-sdk-java/issues/2667](https://github.com/aws/aws-sdk-java/issues/2667)
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.audit.acknowledgements import is_unacknowledged
from emulator.audit.evidence import Evidence
from emulator.audit.reads import was_read
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    failures = list(_false_failures(evidence))
    if not failures:
        return nothing("no repeated write failed its own condition")
    doubted = [call for call in failures if call.request.params.get("ReturnValuesOnConditionCheckFailure") != "ALL_OLD"]
    blind = [call for call in doubted if not was_read(call, evidence)]
    stale = [call for call in doubted if call not in blind and not was_read(call, evidence, consistently=True)]
    rulings = []
    if blind:
        why = f"{counted(len(blind), 'write')} had got through, failed its own condition when repeated, and nobody looked"
        rulings.append(found(Status.WARN, blind, why))
    if stale:
        rulings.append(found(Status.WARN, stale, f"{counted(len(stale), 'item')} looked at without ConsistentRead"))
    return worst(rulings, passed(f"{counted(len(failures), 'false failure')} seen through"))


def _false_failures(evidence: Evidence) -> Iterator[JudgedCall]:
    """Calls that say "condition failed" although one of their attempts, or the call whose work they go on with, was carried out."""
    for call in evidence.calls:
        last: JudgedCall | None = call
        if is_unacknowledged(call) and call.failed:
            last = evidence.next_try(call)
        if last is not None and is_unacknowledged(call) and last.answers[-1].error == "ConditionalCheckFailedException":
            yield last
