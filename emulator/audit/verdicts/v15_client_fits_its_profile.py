"""V15: The client behaves as its SDK and mode are documented

## What it does
Attempts and waits of SDKs that are known by their User-Agent, against the documentation of their retry mode. A wait or
two that are too long may be a machine that stood still, and are only told.

## Why it matters
Where an SDK does not behave as its mode is documented, something else is at work: a setting in the environment, a
limiter, a wrapper, a time-out. Better to know it before an outage does.

## Fails
```text
GetItem    attempt=1; max=4    InternalServerError
 4.10 s    attempt=2; max=4    InternalServerError     (documented: 25 ms at most)
 4.20 s    attempt=3; max=4    200                     (documented: 50 ms at most)
```

## Passes
```text
GetItem    attempt=1; max=4    InternalServerError
  18 ms    attempt=2; max=4    InternalServerError
  44 ms    attempt=3; max=4    200
```

## What helps
Look for what else waits or retries: a time-out, a rate limiter, a retry setting in the environment.

## Sources
- sources and documentation of the SDKs
"""

from __future__ import annotations

from emulator.audit.backoff import beyond
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed
from emulator.audit.waits import calls_of, expected, longest_of, may_be_a_stall
from emulator.scenario.phrases import counted

GRADE = Status.WARN


def judge(evidence: Evidence) -> Ruling:
    known = [call for call in evidence.retried if call.profile is not None]
    if not known:
        return nothing("no retried call of an SDK that is known")
    # An adaptive client also waits for its own rate limiter
    judged = [call for call in known if not call.client.is_adaptive]
    late = [gap for call in judged if call.profile is not None for gap in beyond(call.gaps, call.profile)]
    if late:
        gap = max(late, key=lambda gap: gap.seconds - longest_of(gap))
        waits = f"{counted(len(late), 'wait')} longer than {expected(gap).name} has them"
        why = f"{waits}: {milliseconds(gap.seconds)} instead of {milliseconds(longest_of(gap))} at most"
        if may_be_a_stall(late, [gap for call in known for gap in call.gaps]):
            return found(Status.INFO, calls_of(late), f"{why}; a busy machine may do that")
        if not any(gap.call.is_profile_sure for gap in late):
            return found(Status.INFO, calls_of(late), f"{why}; which profile it has is a guess by the attempts that it declares")
        return found(Status.WARN, calls_of(late), why)
    names = ", ".join(sorted({call.profile.name for call in known if call.profile is not None}))
    other = [call for call in known if call.profile is not None and call.declared not in (None, call.profile.attempts)]
    if other:
        return found(Status.INFO, other, f"as {names}, but with {other[0].declared} attempts instead of the default")
    return passed(f"attempts and waits as {names} is documented")
