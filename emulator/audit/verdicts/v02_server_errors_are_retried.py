"""V2: Server errors are retried

## What it does
Calls that end at a 500, 502, 503 or 504, with a body or without, after which their client never tries again.

## Why it matters
A 5xx is trouble on the service's side, which mostly passes at once; DynamoDB's guide lets clients retry it immediately.
A proxy or load balancer on the way answers in HTML or with an empty body, so a client that first reads the error's code
fails where it should retry.

## Fails
```text
GetItem    503 <html>Service Unavailable</html>
           (the client raises an error of its JSON parser, and never tries again)
```

## Passes
```text
GetItem    503 <html>Service Unavailable</html>
  18 ms    200
```

## What helps
Retry 500, 502, 503 and 504 whatever their body is: a proxy answers in HTML, or with nothing.

## Sources
- DynamoDB Developer Guide, Error handling
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.retries import judge_retries
from emulator.audit.rulings import Ruling, Status
from emulator.journal.outcomes import ResponseClass

GRADE = Status.FAIL


def judge(evidence: Evidence) -> Ruling:
    return judge_retries(evidence, "server error", lambda answer: answer.outcome is ResponseClass.TRANSIENT)
