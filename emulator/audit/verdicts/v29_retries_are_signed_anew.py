"""V29: Retries are signed anew

## What it does
X-Amz-Date of each attempt: whether it keeps up with the time between the attempts.

## Why it matters
A signature holds the time at which it was made, and the service refuses one that is more than five minutes old. A
client that signs once and then retries the same bytes works in tests, and fails when retries take long.

## Fails
```python
signed = sign(request)
while send(signed).status >= 500:
    time.sleep(60)
```

## Passes
```python
while send(sign(request)).status >= 500:
    time.sleep(60)
```

## What helps
Sign inside the retry loop: a signature is good for five minutes.

## Sources
- sources of the SDKs
- IAM User Guide, Signature Version 4
"""

from __future__ import annotations

from itertools import pairwise

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted
from emulator.sdks.detection import signed_at

GRADE = Status.FAIL

# The service refuses what was signed longer ago
_STALE = 300.0
# Signatures have whole seconds; a retry later than this must carry a new one
_NEW_SECOND = 2.0


def judge(evidence: Evidence) -> Ruling:
    retried = [call for call in evidence.retried if all(signed_at(entry) is not None for entry in call.entries)]
    if not retried:
        return nothing("no call was tried again with a signature that says when")
    late = {call: _staleness(call) for call in retried}
    stale = [call for call, seconds in late.items() if seconds > _STALE]
    # A client that ever signed a retry anew was held up before it sent what it had signed. An adaptive one waits there on purpose
    anew = {call.client_key for call in retried if _is_anew(call)}
    same = [
        call for call in retried if call not in stale and call.client_key not in anew and not call.client.is_adaptive and _is_reused(call)
    ]
    rulings = []
    if stale:
        why = f"{counted(len(stale), 'call')} with a signature up to {max(late.values()):.0f} s older than its attempt"
        rulings.append(found(Status.FAIL, stale, why))
    if same:
        rulings.append(found(Status.WARN, same, f"{counted(len(same), 'call')} tried again with the signature of the attempt before"))
    return worst(rulings, passed(f"{counted(len(retried), 'retried call')} signed anew"))


def _staleness(call: JudgedCall) -> float:
    """By how much the signing times fell behind the attempts since the first one: no clock has to be right for that."""
    first, began = signed_at(call.entries[0]) or 0.0, call.started
    return max((entry.request.arrived - began) - ((signed_at(entry) or 0.0) - first) for entry in call.entries[1:])


def _is_anew(call: JudgedCall) -> bool:
    return any(signed_at(after) != signed_at(before) for before, after in pairwise(call.entries))


def _is_reused(call: JudgedCall) -> bool:
    return any(
        after.request.arrived - before.request.arrived > _NEW_SECOND and signed_at(after) == signed_at(before)
        for before, after in pairwise(call.entries)
    )
