"""V37: Work goes on when the outage is over

## What it does
The time from the last of five failures in a row to the client's next success.

## Why it matters
An outage should end for the user when it ends for the service. Circuit breakers that stay open, cached errors and waits
without a cap make it longer than it was.

## Fails
```text
10:00:00    GetItem    InternalServerError, five times, to 10:00:08
10:05:00    GetItem    200
```

## Passes
```text
10:00:00      GetItem    InternalServerError, five times, to 10:00:08
10:00:08.7    GetItem    200
```

## What helps
Look for circuit breakers and caches that hold on to an error longer than it lasts.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed
from emulator.audit.seen import JudgedCall
from emulator.audit.waits import SLACK
from emulator.journal.outcomes import RETRYABLE, ResponseClass
from emulator.scenario.phrases import counted
from emulator.sdks.retry_profiles import PROFILES

GRADE = Status.INFO

_FAILURES = 5


def judge(evidence: Evidence) -> Ruling:
    outages = list(_outages(evidence))
    if not outages:
        return nothing(f"no client failed {_FAILURES} times in a row and then succeeded")
    slow = [(waited, call) for waited, most, call in outages if waited > most]
    longest = max(waited for waited, _, _ in outages)
    why = f"first success {milliseconds(longest)} after the last failure at the latest"
    if slow:
        return found(Status.INFO, [call for _, call in slow], f"{why}, later than one back-off")
    return passed(f"{counted(len(outages), 'outage')}: {why}")


def _outages(evidence: Evidence) -> Iterator[tuple[float, float, JudgedCall]]:
    """(seconds from the last failure to the first success, the longest back-off, the call that succeeded)."""
    rows: dict[object, tuple[int, float]] = {}
    attempts = ((entry, call, answer) for call in evidence.calls for entry, answer in zip(call.entries, call.answers, strict=True))
    for entry, call, answer in sorted(attempts, key=lambda attempt: attempt[0].request.arrived):
        failures, last = rows.get(call.client_key, (0, 0.0))
        if answer.outcome in RETRYABLE:
            rows[call.client_key] = (failures + 1, max(last, entry.ended or entry.request.arrived))
        elif answer.outcome is ResponseClass.SUCCESS:
            rows[call.client_key] = (0, 0.0)
            if failures >= _FAILURES:
                profile = call.profile or PROFILES["standard-2026"]
                most = profile.longest_wait(max(0, call.attempts - 2), throttling=True)
                yield max(0.0, entry.request.arrived - last), most + SLACK + (entry.request.late or 0.0), call
