"""V33: Attempts are numbered sanely

## What it does
amz-sdk-request and its older forms: whether numbers rise by one, the maximum stays, and the deadline lies ahead.

## Why it matters
amz-sdk-request says of each request which attempt it is, of how many, and until when its caller waits. Services and
people read it when they look for retries; numbers that jump or a deadline that has passed lead them astray.

## Fails
```text
GetItem    amz-sdk-request: attempt=1; max=4    InternalServerError
           amz-sdk-request: attempt=1; max=4    200
```

## Passes
```text
GetItem    amz-sdk-request: attempt=1; max=4    InternalServerError
           amz-sdk-request: attempt=2; max=4    200
```

## What helps
Number attempts from 1, keep invocation id and maximum; a hole points to a failure between client and service.

## Sources
- sources of the SDKs: amz-sdk-request
"""

from __future__ import annotations

from itertools import pairwise

from emulator.audit.clock_skew import blames_the_clock
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted
from emulator.sdks.detection import signed_at

GRADE = Status.WARN

# Deadlines are whole seconds, and so is the server's clock by which SDKs correct theirs
_COARSE = 1.0


def judge(evidence: Evidence) -> Ruling:
    numbered = [call for call in evidence.calls if call.headers[0].number is not None]
    if not numbered:
        return nothing("no client numbers its attempts")
    complaints = (
        (Status.WARN, "whose numbers do not rise by one", _is_disordered),
        (Status.WARN, "whose maximum changes from attempt to attempt", _changes_maximum),
        (Status.WARN, "whose deadline had passed, or moved back", _has_bad_deadline),
        (Status.INFO, "with a number left out: that attempt never reached the server", _has_hole),
    )
    rulings = []
    for status, what, is_wrong in complaints:
        calls = [call for call in numbered if is_wrong(call)]
        if calls:
            rulings.append(found(status, calls, f"{counted(len(calls), 'call')} {what}"))
    return worst(rulings, passed(f"{counted(len(numbered), 'numbered call')}"))


def _has_hole(call: JudgedCall) -> bool:
    """Whether the client's numbers skip attempts that the server never saw."""
    seen = [header.number for header in call.headers if header.number is not None]
    return any(after > before + 1 for before, after in pairwise(seen))


def _is_disordered(call: JudgedCall) -> bool:
    seen = [header.number for header in call.headers]
    return any(before is None or after is None or after <= before for before, after in pairwise(seen))


def _changes_maximum(call: JudgedCall) -> bool:
    # Some SDKs do not send it with the first attempt
    return len({header.most for header in call.headers if header.most is not None}) > 1


def _has_bad_deadline(call: JudgedCall) -> bool:
    pairs = [(header.ttl, number) for number, header in enumerate(call.headers) if header.ttl is not None]
    if not pairs or any(blames_the_clock(entry, answer) for entry, answer in zip(call.entries, call.answers, strict=True)):
        return False
    passed_by = any((set_at := _deadline_set(call, number)) is not None and ttl < set_at - _COARSE for ttl, number in pairs)
    return passed_by or any(after < before - _COARSE for (before, _), (after, _) in pairwise(pairs))


def _deadline_set(call: JudgedCall, number: int) -> float | None:
    """When an attempt's deadline was set at the earliest, by the client's clock: some SDKs do that before they wait."""
    entry, signed = call.entries[number], signed_at(call.entries[number])
    ended = call.entries[number - 1].ended if number else None
    return signed if signed is None or ended is None else signed - max(0.0, entry.request.arrived - ended)
