"""V23: A token stands for one transaction

## What it does
ClientRequestTokens that come twice within ten minutes: whether the transaction is the same.

## Why it matters
The service takes a token for the name of one transaction, and refuses another one under it with
IdempotentParameterMismatchException. A token that is made from too little, such as the customer's number alone, blocks
the next order.

## Fails
```python
client.transact_write_items(TransactItems=first, ClientRequestToken="customer-7")
client.transact_write_items(TransactItems=second, ClientRequestToken="customer-7")
```

## Passes
```python
client.transact_write_items(TransactItems=first, ClientRequestToken="order-1041")
client.transact_write_items(TransactItems=second, ClientRequestToken="order-1042")
```

## What helps
Make a new ClientRequestToken whenever the transaction changes.

## Sources
- API reference of TransactWriteItems
"""

from __future__ import annotations

from itertools import pairwise

from emulator.audit.evidence import Evidence
from emulator.audit.request_tokens import TOKEN_LIFE, about_tokens, age, tokens_of
from emulator.audit.rulings import Ruling, Status, nothing, passed
from emulator.journal import Exchange
from emulator.scenario.phrases import counted

GRADE = Status.FAIL


def judge(evidence: Evidence) -> Ruling:
    tokens = tokens_of(evidence.calls)
    if not tokens:
        return nothing("no ClientRequestToken came twice")
    reused = [pair for entries in tokens.values() for pair in pairwise(entries) if _differ(*pair) and age(*pair) <= TOKEN_LIFE]
    if reused:
        return about_tokens(Status.FAIL, reused, "came again with other parameters")
    return passed(f"{counted(len(tokens), 'token')} came again, each with the same transaction")


def _differ(before: Exchange, after: Exchange) -> bool:
    return before.call is not None and after.call is not None and before.call.params != after.call.params
