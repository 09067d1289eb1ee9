"""V7: Calls are not given up early

## What it does
Calls that end before the attempts which the client declares, or its SDK is documented with, are used up; a spent quota,
a deadline and a write that is not safe to repeat are reasons to end.

## Why it matters
Attempts that are configured and never made are an error where there need be none. Mostly a time-out around the call, or
an exception in a hook, ends it before its retries are used up.

## Fails
```text
GetItem    attempt=1; max=4    InternalServerError
  20 ms    attempt=2; max=4    InternalServerError
           (nothing more, though two attempts were left)
```

## Passes
```text
GetItem    attempt=1; max=4    InternalServerError
  20 ms    attempt=2; max=4    InternalServerError
  41 ms    attempt=3; max=4    InternalServerError
  73 ms    attempt=4; max=4    InternalServerError
```

## What helps
Use up the attempts that are configured; look for a time-out around the SDK that cuts its retries short.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from emulator.audit.endings import Reason, endings, retried_errors
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.scenario.phrases import counted

GRADE = Status.FAIL


def judge(evidence: Evidence) -> Ruling:
    again = evidence.once(retried_errors)
    ended = evidence.once(endings)
    early = [end for end in ended if end.reason is Reason.GAVE_UP and (end.call.client_key, end.call.answers[-1].error) in again]
    rulings = []
    for declares in (True, False):
        calls = [end.call for end in early if (end.call.declared is not None) is declares and evidence.limit(end.call) is not None]
        if calls:
            limit = evidence.limit(calls[0])
            source = "it declares" if declares else "its SDK is documented with"
            why = f"{counted(len(calls), 'call')} ended after {calls[0].attempts} attempts of the {limit} that {source}"
            rulings.append(found(Status.FAIL if declares else Status.WARN, calls, why))
    cut = [end.call for end in ended if end.reason is Reason.CUT]
    if cut:
        rulings.append(found(Status.INFO, cut, f"{counted(len(cut), 'call')} cut: the program ended before it"))
    judged = sum(end.reason is not Reason.UNSAFE for end in ended) + sum(not call.failed for call in evidence.retried)
    if not judged:
        return nothing("no call had to go on")
    return worst(rulings, passed(_reasons([end.reason for end in ended])))


def _reasons(reasons: list[Reason]) -> str:
    if not reasons:
        return "every retried call got through"
    counts = {reason: reasons.count(reason) for reason in Reason if reason in reasons}
    return "calls ended because " + ", ".join(f"{reason.value} ({count})" for reason, count in counts.items())
