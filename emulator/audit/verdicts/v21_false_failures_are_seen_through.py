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
from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.rulings import Ruling, Status, counted, found, nothing, passed, worst
from emulator.writes import keys_in

GRADE = Status.WARN

_BY_KEY = frozenset(("GetItem", "BatchGetItem", "TransactGetItems"))
# An item's table and key, or a table as a whole
_Target = tuple[str, str | None]
_BY_TABLE = frozenset(("Query", "Scan", "ExecuteStatement"))


def judge(evidence: Evidence) -> Ruling:
    failures = list(_false_failures(evidence))
    if not failures:
        return nothing("no repeated write failed its own condition")
    seen, seen_well = _last_reads(evidence)
    doubted = [call for call in failures if call.request.params.get("ReturnValuesOnConditionCheckFailure") != "ALL_OLD"]
    blind = [call for call in doubted if not _was_read(call, seen, evidence)]
    stale = [call for call in doubted if call not in blind and not _was_read(call, seen_well, evidence)]
    rulings = []
    if blind:
        why = f"{counted(len(blind), 'write')} had got through, failed its own condition when repeated, and nobody looked"
        rulings.append(found(Status.WARN, blind, why))
    if stale:
        rulings.append(found(Status.WARN, stale, f"{counted(len(stale), 'item')} looked at without ConsistentRead"))
    return worst(rulings, passed(f"{counted(len(failures), 'false failure')} seen through"))


def _last_reads(evidence: Evidence) -> tuple[dict[_Target, float], dict[_Target, float]]:
    """When each item was last read, or its table searched; and when so with ConsistentRead."""
    seen: dict[_Target, float] = {}
    seen_well: dict[_Target, float] = {}
    for call in evidence.everything:
        if call.operation in _BY_KEY:
            targets: list[_Target] = [*keys_in(call.request, evidence.key_names)]
        else:
            targets = [(table, None) for table in call.request.tables] if call.operation in _BY_TABLE else []
        last = dict.fromkeys(targets, call.started)
        seen.update(last)
        if last and _is_consistent(call):
            seen_well.update(last)
    return seen, seen_well


def _was_read(write: SeenCall, reads: dict[_Target, float], evidence: Evidence) -> bool:
    targets = [*keys_in(write.request, evidence.key_names), *((table, None) for table in write.request.tables)]
    return any(reads.get(target, -1.0) >= write.ended for target in targets)


def _false_failures(evidence: Evidence) -> Iterator[SeenCall]:
    """Calls that say "condition failed" although one of their attempts, or the call that they repeat, was carried out."""
    for call in evidence.calls:
        last: SeenCall | None = call
        if is_unacknowledged(call) and call.failed:
            last = evidence.repetition(call)
        if last is not None and is_unacknowledged(call) and last.told[-1].error == "ConditionalCheckFailedException":
            yield last


def _is_consistent(read: SeenCall) -> bool:
    params = read.request.params
    if read.operation == "TransactGetItems" or params.get("ConsistentRead"):
        return True
    requests = params.get("RequestItems")
    return isinstance(requests, dict) and all(_asks_consistently(table) for table in requests.values())


def _asks_consistently(table: object) -> bool:
    return isinstance(table, dict) and bool(table.get("ConsistentRead"))
