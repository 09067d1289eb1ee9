"""V5: A cancelled transaction is not retried blindly

## What it does
Cancelled transactions that come again within the call, or unchanged although a reason is neither a conflict nor
throttling.

## Why it matters
TransactionCanceledException has many reasons, one for each item. A conflict or throttling passes; a failed condition or
a wrong value does not. SDKs leave the decision to the application, which has to read the reasons.

## Fails
```python
for attempt in range(5):
    try:
        client.transact_write_items(TransactItems=items)
        break
    except client.exceptions.TransactionCanceledException:
        continue  # whatever the reasons are: here ConditionalCheckFailed
```

## Passes
```python
MAY_PASS = {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

for attempt in range(5):
    try:
        client.transact_write_items(TransactItems=items)
        break
    except client.exceptions.TransactionCanceledException as error:
        reasons = {reason["Code"] for reason in error.response["CancellationReasons"]}
        if attempt == 4 or not reasons <= MAY_PASS:
            raise
        time.sleep(random.uniform(0, 0.1 * 2**attempt))
```

## What helps
Read CancellationReasons: send it again, after a wait, only if every reason is a conflict or throttling.

## Sources
- DynamoDB Developer Guide, Transactions
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from emulator.audit.certainty import DOUBTFUL, sureness
from emulator.audit.evidence import Evidence
from emulator.audit.haste import chance_of_haste, drawn_from_least
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.journal import Exchange
from emulator.scenario.phrases import counted
from emulator.wire.compression import plain_answer

GRADE = Status.FAIL

_CANCELED = "TransactionCanceledException"
# After any of these, the same transaction may succeed as it is
_MAY_PASS = frozenset(("None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"))


def judge(evidence: Evidence) -> Ruling:
    canceled = [call for call in evidence.calls if any(answer.error == _CANCELED for answer in call.answers)]
    if not canceled:
        return nothing("no transaction was cancelled")
    rulings = []
    within = [call for call in canceled if call.is_identified and any(answer.error == _CANCELED for answer in call.answers[:-1])]
    if within:
        rulings.append(found(Status.FAIL, within, f"{counted(len(within), 'cancelled transaction')} tried again within the call"))
    repeated = [(call, again) for call in canceled if (again := _again(call, evidence)) is not None]
    hopeless = [call for call, _ in repeated if not _reasons(_canceled_entry(call)) <= _MAY_PASS]
    if hopeless:
        why = f"{counted(len(hopeless), 'transaction')} sent again unchanged after a condition or a check of it had failed"
        rulings.append(found(Status.FAIL, hopeless, why))
    rulings += _haste([(call, again - (_canceled_entry(call).ended or again)) for call, again in repeated if call not in hopeless])
    return worst(rulings, passed(f"{counted(len(canceled), 'cancelled transaction')}, none tried again in vain"))


def _haste(repeated: list[tuple[JudgedCall, float]]) -> Iterator[Ruling]:
    chance, limit = chance_of_haste([(wait, drawn_from_least(0)) for _, wait in repeated], 0.0)
    hasty = [call for call, wait in repeated if wait < limit]
    if hasty:
        status, how_sure = (Status.WARN, sureness(chance)) if chance < DOUBTFUL else (Status.INFO, "as jitter may do")
        why = f"{counted(len(hasty), 'cancelled transaction')} sent again within {milliseconds(limit)}, {how_sure}"
        yield found(status, hasty, why)


def _again(call: JudgedCall, evidence: Evidence) -> float | None:
    """When a cancelled transaction was sent again by the application: as another call, or, by a client whose calls only its tokens tell
    apart, as another attempt."""
    number = next(place for place, answer in enumerate(call.answers) if answer.error == _CANCELED)
    if not call.is_identified and number + 1 < call.attempts:
        return call.entries[number + 1].request.arrived
    following = evidence.repetition(call) if number + 1 == call.attempts else None
    return None if following is None else following.started


def _canceled_entry(call: JudgedCall) -> Exchange:
    return next(entry for entry, answer in zip(call.entries, call.answers, strict=True) if answer.error == _CANCELED)


def _reasons(entry: Exchange) -> set[str]:
    try:
        body = orjson.loads(plain_answer(entry.reply))
    except orjson.JSONDecodeError:
        return set()
    reasons = body.get("CancellationReasons") if isinstance(body, dict) else None
    return {str(reason.get("Code")) for reason in reasons or () if isinstance(reason, dict)}
