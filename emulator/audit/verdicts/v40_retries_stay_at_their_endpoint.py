"""V40: Retries go where the call went

## What it does
Host, path and region of the attempts of a call.

## Why it matters
A retry that goes to another host or region may find another state: the write that got no answer may stand in the first
one, and its retry in the second.

## Fails
```text
PutItem    dynamodb.us-east-1.amazonaws.com    InternalServerError
           dynamodb.us-west-2.amazonaws.com    200
```

## Passes
```text
PutItem    dynamodb.us-east-1.amazonaws.com    InternalServerError
           dynamodb.us-east-1.amazonaws.com    200
```

## What helps
Look for a fail-over to another region or endpoint: what was written may be in the other one.

## Sources
- common practice
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted

GRADE = Status.INFO


def judge(evidence: Evidence) -> Ruling:
    if not evidence.retried:
        return nothing("no call was tried again")
    moved = [call for call in evidence.retried if len({_endpoint(call, number) for number in range(call.attempts)}) > 1]
    if moved:
        return found(Status.INFO, moved, f"{counted(len(moved), 'call')} went to another host, path or region when tried again")
    return passed(f"{counted(len(evidence.retried), 'retried call')} went to one endpoint each")


def _endpoint(call: JudgedCall, number: int) -> tuple[object, ...]:
    entry = call.entries[number]
    return entry.request.headers.get("host"), entry.request.target, entry.call.region if entry.call else ""
