"""V22: A transaction keeps its token over retries

## What it does
Transactions that are sent again: whether their ClientRequestToken is there and the same.

## Why it matters
ClientRequestToken makes a transaction safe to repeat: with the same one, the service answers for what it has already
done. With a new one, or none, the transaction is carried out a second time.

## Fails
```python
for attempt in range(3):
    try:
        client.transact_write_items(TransactItems=items, ClientRequestToken=str(uuid4()))
        break
    except HTTPClientError:
        continue
```

## Passes
```python
token = str(uuid4())  # one for the business operation
for attempt in range(3):
    try:
        client.transact_write_items(TransactItems=items, ClientRequestToken=token)
        break
    except HTTPClientError:
        time.sleep(random.uniform(0, 0.05 * 2**attempt))
```

## What helps
Make the ClientRequestToken once for each business operation, outside the retry loop.

## Sources
- API reference of TransactWriteItems
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.request_tokens import TRANSACTIONS, token_of
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ResponseClass
from emulator.scenario.phrases import counted

GRADE = Status.FAIL


def judge(evidence: Evidence) -> Ruling:
    transactions = [call for call in evidence.calls if call.operation in TRANSACTIONS]
    repeated = [call for call in transactions if call.attempts > 1]
    again = [(call, following) for call in transactions if _is_unknown(call) and (following := evidence.repetition(call)) is not None]
    if not repeated and not again:
        return nothing("no transaction was sent again")
    missing = [call for call in repeated if not call.token]
    changed = [call for call in repeated if len({token_of(entry) for entry in call.entries}) > 1]
    renewed = [following for call, following in again if not call.token or call.token != following.token]
    rulings = [
        found(Status.FAIL, calls, f"{counted(len(calls), 'transaction')} {why}")
        for calls, why in (
            (missing, "tried again without a ClientRequestToken"),
            (changed, "tried again with another ClientRequestToken"),
            (renewed, "sent again with a new ClientRequestToken although it may have been carried out"),
        )
        if calls
    ]
    return worst(rulings, passed(f"{counted(len(repeated) + len(again), 'transaction')} sent again with the same token"))


def _is_unknown(call: JudgedCall) -> bool:
    """Whether its client cannot know if it was carried out."""
    return call.answers[-1].outcome in (ResponseClass.LOST, ResponseClass.TRANSIENT, ResponseClass.CORRUPT)
