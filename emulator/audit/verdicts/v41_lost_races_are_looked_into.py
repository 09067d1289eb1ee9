"""V41: A lost race is looked into before the write comes again

## What it does
Writes whose condition compares an attribute with a value, that failed that condition, and that come again unchanged
although nobody has read the item in between. Conditions that wait for something to go (`attribute_not_exists`, `OR`)
are left out: a lock may be asked for again.

## Why it matters
An optimistic lock says that another writer was faster. The version that the write asks for is gone and does not come
back: the same write fails again, as often as it is sent, until the item is read and the change made anew.

## Fails
```python
while True:
    try:
        client.update_item(**change, ConditionExpression="version = :seen")  # the same version each time
        break
    except client.exceptions.ConditionalCheckFailedException:
        time.sleep(random.uniform(0, 1))
```

## Passes
```python
for attempt in range(5):
    item = client.get_item(TableName="orders", Key=key, ConsistentRead=True)["Item"]
    try:
        client.update_item(**changed(item), ConditionExpression="version = :seen")
        break
    except client.exceptions.ConditionalCheckFailedException:
        time.sleep(random.uniform(0, 0.1 * 2**attempt))
```

## What helps
Read the item, or ask for it with ReturnValuesOnConditionCheckFailure=ALL_OLD, and make the change to what it is now.

## Sources
- DynamoDB Developer Guide, Optimistic locking with version number
- DynamoDB Developer Guide, Error handling
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from emulator.audit.evidence import PATIENCE, Evidence
from emulator.audit.reads import reads_between
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.audit.seen import JudgedCall
from emulator.journal.writes import keys_in
from emulator.messages import Call
from emulator.scenario.phrases import counted

GRADE = Status.FAIL

_FAILED = "ConditionalCheckFailedException"
# `version = :seen`, or the other way round, and nothing that may come true by itself
_COMPARES = re.compile(r"[^<>\s]\s*=\s*:\w|:\w+\s*=\s*[^<>\s]")
_MAY_COME_TRUE = re.compile(r"\bOR\b|\bNOT\b|attribute_not_exists|<>|<|>", re.IGNORECASE)
# Once more may be an accident
_STUBBORN = 3


def judge(evidence: Evidence) -> Ruling:
    lost = [call for call in evidence.calls if call.answers[-1].error == _FAILED and _is_version_check(call.request)]
    if not lost:
        return nothing("no write lost a race for an item")
    rows = [row for row in _blind(evidence) if row[0] in lost]
    if not rows:
        return passed(f"{counted(len(lost), 'lost race')}, and no write sent again blindly")
    most = max(map(len, rows))
    why = f"{counted(len(rows), 'write')} sent again unchanged after a failed condition, up to {counted(most, 'time')}, and nobody looked"
    return found(Status.FAIL if most >= _STUBBORN else Status.WARN, [row[0] for row in rows], why)


def _is_version_check(call: Call) -> bool:
    expected = call.params.get("Expected")
    if isinstance(expected, dict) and call.params.get("ConditionalOperator") != "OR":
        return any(isinstance(one, dict) and "Value" in one and one.get("Exists") is not False for one in expected.values())
    condition = call.params.get("ConditionExpression") or ""
    return _COMPARES.search(condition) is not None and _MAY_COME_TRUE.search(condition) is None


def _blind(evidence: Evidence) -> Iterator[Sequence[JudgedCall]]:
    """The very same writes that failed their condition, one soon after the other, without a look at the item in between."""
    for chain in evidence.chains:
        row: list[JudgedCall] = [chain[0]]
        for before, after in pairwise(chain):
            if _is_blind(before, after, evidence):
                row.append(after)
            else:
                if len(row) > 1:
                    yield row
                row = [after]
        if len(row) > 1:
            yield row


def _is_blind(before: JudgedCall, after: JudgedCall, evidence: Evidence) -> bool:
    if before.answers[-1].error != _FAILED or not 0 <= after.started - before.ended <= PATIENCE:
        return False
    keys = keys_in(before.request, evidence.key_names)
    return not any(reads_between(target, before, after, evidence) for key in keys for target in (key, (key[0], None)))
