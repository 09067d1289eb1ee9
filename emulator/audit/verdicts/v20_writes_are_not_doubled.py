"""V20: A write is not carried out twice

## What it does
Writes that are carried out, not acknowledged, and carried out again: counters, appended lists, those that return the
old item, and items that are read, changed and written without a condition, twice by the same step; warns where the
first step was from no number at all.

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

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

import orjson

from emulator.audit.acknowledgements import is_unacknowledged, is_unread
from emulator.audit.evidence import Evidence
from emulator.audit.idempotency import accumulates, is_guarded, put_values, spoils_its_answer
from emulator.audit.reads import last_read_before, reads_between
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted
from emulator.wire.compression import plain_answer

GRADE = Status.FAIL

_NO_TRANSACTIONS = frozenset(("PutItem", "UpdateItem", "DeleteItem", "ExecuteStatement", "BatchExecuteStatement"))


class _Step(Enum):
    """What a number was changed from, the first time."""

    FROM_A_NUMBER = "a number"
    FROM_NOTHING = "nothing"


def judge(evidence: Evidence) -> Ruling:
    calls = [call for call in evidence.calls if call.operation in _NO_TRANSACTIONS and is_unacknowledged(call)]
    if not calls:
        return nothing("no acknowledgement of a write was lost")
    doubled = [call for call in calls if _times_applied(call, evidence) > 1]
    counters = [call for call in doubled if accumulates(call.request)]
    again = {call: step for call in calls if call not in counters and (step := _read_modify_write_again(call, evidence))}
    counters += [call for call, step in again.items() if step is _Step.FROM_A_NUMBER]
    counts = [call for call, step in again.items() if step is _Step.FROM_NOTHING]
    answers = [call for call in doubled if spoils_its_answer(call.request)]
    rulings = []
    if counters:
        why = f"{counted(len(counters), 'write')} that {'adds' if len(counters) == 1 else 'add'} up carried out more than once"
        rulings.append(found(Status.FAIL, counters, why))
    if counts:
        # The first number may as well be that of the attempt
        why = f"{counted(len(counts), 'write')} of a number that became twice as much when the item was read and written again"
        rulings.append(found(Status.WARN, counts, why))
    if answers:
        why = f"{counted(len(answers), 'write')} repeated for whose answer with the old item it was too late: it held the new one"
        rulings.append(found(Status.WARN, answers, why))
    return worst(rulings, passed(f"{counted(len(calls), 'lost acknowledgement')}, and no write that a second time would spoil"))


def _times_applied(call: JudgedCall, evidence: Evidence) -> int:
    times = sum(entry.applied is True for entry in call.entries)
    following = evidence.repetition(call)
    if following is not None and is_unread(call, call.attempts - 1):
        times += sum(entry.applied is True for entry in following.entries)
    return times


def _read_modify_write_again(call: JudgedCall, evidence: Evidence) -> _Step | None:
    """Whether a program read an item, wrote a number of it changed, and, since nobody told it that this had been done, read the item once
    more and changed the number by as much again."""
    again = evidence.next_try(call)
    if again is None or not is_unread(call, call.attempts - 1) or is_guarded(call.request):
        return None
    key = next(iter(call.entries[-1].written.keys), None) if call.entries[-1].written is not None else None
    if key is None or not any(entry.applied is True for entry in again.entries) or reads_between(key, call, again, evidence) != 1:
        return None
    first, second = last_read_before(key, call, evidence), last_read_before(key, again, evidence)
    if first is None or second is None or first is second:
        return None
    return _changed_alike(_item(first), _numbers(put_values(call.request)), _item(second), _numbers(put_values(again.request)))


def _changed_alike(
    before: Mapping[str, Decimal], once: Mapping[str, Decimal], between: Mapping[str, Decimal], twice: Mapping[str, Decimal]
) -> _Step | None:
    """Whether some number went the same step twice, the second time from where the first step had led."""
    zero = Decimal(0)
    names = [
        name
        for name in once
        if once[name] != (was := before.get(name, zero))
        and between.get(name) == once[name]
        and twice.get(name) == once[name] + (once[name] - was)
    ]
    if not names:
        return None
    return _Step.FROM_A_NUMBER if any(name in before for name in names) else _Step.FROM_NOTHING


def _item(read: JudgedCall) -> dict[str, Decimal]:
    try:
        body = orjson.loads(plain_answer(read.entries[-1].reply))
    except orjson.JSONDecodeError:
        return {}
    return _numbers(body.get("Item")) if isinstance(body, dict) else {}


def _numbers(item: Any) -> dict[str, Decimal]:
    """The numbers among the attributes of an item in wire form."""
    found: dict[str, Decimal] = {}
    for name, value in item.items() if isinstance(item, dict) else ():
        if isinstance(value, dict) and isinstance(value.get("N"), str):
            try:
                found[name] = Decimal(value["N"])
            except InvalidOperation:
                continue
    return found
