"""V31: Checksums are compared

## What it does
Answers whose x-amz-crc32 does not fit their body: whether another attempt follows.

## Why it matters
x-amz-crc32 is the checksum of the answer's body. Where it does not fit, the body was damaged on its way, and what the
program would work on is not what is in the table.

## Fails
```text
GetItem    200, x-amz-crc32 does not fit
           (taken as it was)
```

## Passes
```text
GetItem    200, x-amz-crc32 does not fit
  16 ms    200
```

## What helps
Leave the SDK's check of x-amz-crc32 on; botocore in standard mode returns the bad body after its last attempt.

## Sources
- sources of the SDKs
- measured with botocore
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ResponseClass
from emulator.scenario.phrases import counted

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    wrong = [call for call in evidence.calls if any(_is_wrong(call, number) for number in range(call.attempts))]
    if not wrong:
        return nothing("no answer had a wrong checksum")
    accepted = [call for call in wrong if _is_wrong(call, call.attempts - 1)]
    if not accepted:
        return passed(f"{counted(len(wrong), 'call')} tried again after a wrong checksum")
    blind = [call for call in accepted if call.client.sdk is not None and not call.client.sdk.checks_crc]
    last = [call for call in accepted if call not in blind and call.attempts > 1]
    never = [call for call in accepted if call not in blind and call.attempts == 1]
    rulings = []
    if never:
        rulings.append(found(Status.WARN, never, f"{counted(len(never), 'answer')} with a wrong checksum taken as it was"))
    if last:
        rulings.append(
            found(Status.WARN, last, f"{counted(len(last), 'call')} ended with a wrong checksum, which some SDKs take as a success")
        )
    if blind:
        rulings.append(found(Status.INFO, blind, f"{blind[0].client.label} never looks at checksums"))
    return worst(rulings, rulings[0])


def _is_wrong(call: JudgedCall, number: int) -> bool:
    return call.answers[number].outcome is ResponseClass.CORRUPT and call.answers[number].crc_wrong
