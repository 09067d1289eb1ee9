"""V3: Lost connections are retried

## What it does
Calls that end when a connection is reset, closed, cut or given up, after which their client never tries again.

## Why it matters
Connections are reset, closed and cut in normal operation: by deployments, idle time-outs and load balancers. SDKs take
that for an error that passes; a client that does not shows its users a network error for each of them.

## Fails
```python
session.post(endpoint, data=body)  # ConnectionResetError goes to the caller
```

## Passes
```text
GetItem    connection reset
  21 ms    200, over a new connection
```

## What helps
Treat a reset, a close, a cut answer and a time-out like a server error, and go on with a new connection.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.retries import judge_retries
from emulator.audit.rulings import Ruling, Status
from emulator.journal.outcomes import ResponseClass

GRADE = Status.FAIL


def judge(evidence: Evidence) -> Ruling:
    return judge_retries(evidence, "lost connection", lambda answer: answer.outcome is ResponseClass.LOST)
