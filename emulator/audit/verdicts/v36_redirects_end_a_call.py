"""V36: Redirects and HTTP refusals end a call

## What it does
What follows an answer with a 3xx status or 413.

## Why it matters
DynamoDB never redirects. An answer with a 3xx status comes from a proxy or a wrong address, and a client that follows
it sends a signed request, and with it the data, to somebody else.

## Fails
```text
PutItem    307, Location: /elsewhere
   8 ms    200, from /elsewhere
```

## Passes
```text
PutItem    307, Location: /elsewhere
           (an error for the caller)
```

## What helps
DynamoDB never redirects; an answer that does comes from somewhere else, and following it sends credentials there.

## Sources
- sources of the SDKs
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.journal.outcomes import ResponseClass
from emulator.scenario.phrases import counted

GRADE = Status.INFO


def judge(evidence: Evidence) -> Ruling:
    odd = [(call, number) for call in evidence.calls for number, answer in enumerate(call.answers) if answer.outcome is ResponseClass.ODD]
    if not odd:
        return nothing("there was no redirect and no answer of that kind")
    followed = [call for call, number in odd if number + 1 < call.attempts]
    if followed:
        return found(Status.INFO, followed, f"{counted(len(followed), 'call')} went on after a redirect or a refusal of the HTTP layer")
    return passed(f"{counted(len(odd), 'redirect')} or refusals of the HTTP layer ended their calls")
