"""V1: Throttling is retried

## What it does
Calls that end at a throttling error after which their client never tries again in the whole run.

## Why it matters
Throttling says "not now": the same request succeeds when capacity is back, mostly within a second. A client that does
not retry it turns each short peak into an error of the application.

## Fails
```python
client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))
client.put_item(TableName="orders", Item=item)  # ThrottlingException, and never tried again
```

## Passes
```python
client = boto3.client("dynamodb", config=Config(retries={"mode": "standard"}))
client.put_item(TableName="orders", Item=item)  # ThrottlingException, then 200
```

## What helps
Retry ProvisionedThroughputExceededException, ThrottlingException and RequestLimitExceeded with exponential back-off;
best leave it to the SDK.

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
    return judge_retries(evidence, "throttled attempt", lambda answer: answer.outcome is ResponseClass.THROTTLED)
