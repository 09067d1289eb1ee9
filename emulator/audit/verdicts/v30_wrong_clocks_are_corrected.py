"""V30: A wrong clock is corrected, once

## What it does
Answers that refuse the signing time and show another one: whether the next attempt is signed with that.

## Why it matters
A machine whose clock is wrong is refused with every request. The answer's Date says what time it is: most SDKs sign
once more with that. Trying again with the same wrong time is in vain.

## Fails
```text
GetItem    X-Amz-Date 10:00:00    RequestTimeTooSkewed, Date 10:20:00
           X-Amz-Date 10:00:01    RequestTimeTooSkewed, Date 10:20:01
           X-Amz-Date 10:00:02    RequestTimeTooSkewed, Date 10:20:02
```

## Passes
```text
GetItem    X-Amz-Date 10:00:00    RequestTimeTooSkewed, Date 10:20:00
           X-Amz-Date 10:20:00    200
```

## What helps
Take the time from the answer's Date and sign once more; if that is refused too, stop.

## Sources
- sources of the SDKs
"""

from __future__ import annotations

from emulator.audit.clock_skew import CODES, NOTICEABLE, clock_offset
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted
from emulator.sdks.detection import signed_at

GRADE = Status.FAIL


def judge(evidence: Evidence) -> Ruling:
    blamed = [call for call in evidence.calls if _first_blame(call) is not None]
    if not blamed:
        return nothing("no request was refused for its signing time")
    rulings = []
    wrong = [call for call in blamed if call.client.sdk is not None and call.client.sdk.corrects_clock and not _is_corrected(call)]
    stubborn = [call for call in blamed if call.attempts - (_first_blame(call) or 0) > 2 and call.answers[-1].error in CODES]
    if wrong:
        rulings.append(found(Status.FAIL, wrong, f"{counted(len(wrong), 'call')} not sent again with the time that the answer told"))
    if stubborn:
        rulings.append(found(Status.FAIL, stubborn, f"{counted(len(stubborn), 'call')} sent again and again with a wrong time"))
    fixed = sum(map(_is_corrected, blamed))
    if not fixed:
        why = f"{counted(len(blamed), 'call')} refused for the signing time; this client does not correct its clock"
        return worst(rulings, found(Status.INFO, blamed, why))
    return worst(rulings, passed(f"{fixed} of {counted(len(blamed), 'call')} sent again with a corrected time"))


def _first_blame(call: JudgedCall) -> int | None:
    """The attempt whose answer said that the clock is wrong, and whose `Date` shows by how much."""
    for number, (entry, answer) in enumerate(zip(call.entries, call.answers, strict=True)):
        offset = clock_offset(entry) if answer.error in CODES else None
        if offset is not None and abs(offset) >= NOTICEABLE:
            return number
    return None


def _is_corrected(call: JudgedCall) -> bool:
    number = _first_blame(call)
    if number is None or number + 1 >= call.attempts:
        return False
    offset, before, after = clock_offset(call.entries[number]), signed_at(call.entries[number]), signed_at(call.entries[number + 1])
    return None not in (offset, before, after) and abs((after or 0.0) - (before or 0.0) - (offset or 0.0)) < NOTICEABLE
