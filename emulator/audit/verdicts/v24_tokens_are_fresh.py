"""V24: A token is not used after ten minutes

## What it does
ClientRequestTokens that come again more than ten minutes later, by the emulated clock.

## Why it matters
A token protects for ten minutes after its request has finished. Afterwards it is a new request, and is carried out
again: a queue that delivers a message a second time an hour later doubles it.

## Fails
```text
10:00:00    TransactWriteItems, token order-1041    200
11:00:00    TransactWriteItems, token order-1041    200, and carried out again
```

## Passes
```text
10:00:00    TransactWriteItems, token order-1041    connection reset
10:00:01    TransactWriteItems, token order-1041    200, and carried out once
```

## What helps
After ten minutes a token is forgotten: read what became of the transaction before sending it again.

## Sources
- API reference of TransactWriteItems
"""

from __future__ import annotations

from itertools import pairwise

from emulator.audit.evidence import Evidence
from emulator.audit.request_tokens import TOKEN_LIFE, about_tokens, age, tokens_of
from emulator.audit.rulings import Ruling, Status, nothing, passed
from emulator.scenario.phrases import counted

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    tokens = tokens_of(evidence.calls)
    if not tokens:
        return nothing("no ClientRequestToken came twice")
    late = [pair for entries in tokens.values() for pair in pairwise(entries) if age(*pair) > TOKEN_LIFE]
    if late:
        return about_tokens(Status.WARN, late, "came again after ten minutes, when it no longer protects")
    return passed(f"{counted(len(tokens), 'token')} came again within ten minutes")
