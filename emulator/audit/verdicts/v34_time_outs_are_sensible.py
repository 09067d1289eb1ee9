"""V34: Time-outs are sensible

## What it does
Answers that are held back: how long the client waits before it closes the connection.

## Why it matters
A service that has stopped answering holds every thread that waits for it. With a time-out of a minute, or none, a few
such answers stop a whole program; with one that is too short, good answers are thrown away and asked for again.

## Fails
```python
Config(read_timeout=60)  # what botocore does if nobody says anything
```

## Passes
```python
Config(connect_timeout=1, read_timeout=5)
```

## What helps
Set the time-outs for connecting and reading a little above the slowest answers you are used to; the defaults of SDKs go
up to a minute, or for ever.

## Sources
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.scenario.phrases import counted

GRADE = Status.WARN

_MAX_WAIT = 30.0
# "requestTimeout 1 second or more": TransactionInProgressException
_SHORTEST_WAIT = 1.0


def judge(evidence: Evidence) -> Ruling:
    waits = [(seconds, call, hung) for call in evidence.calls for seconds, hung in _waits(call)]
    if not waits:
        return nothing("no answer was held until the client gave up")
    endless = [call for seconds, call, hung in waits if seconds > _MAX_WAIT]
    hasty = [call for seconds, call, hung in waits if not hung and seconds < _SHORTEST_WAIT]
    given_up = [seconds for seconds, _, hung in waits if not hung]
    rulings = []
    if endless:
        longest = milliseconds(max(seconds for seconds, _, _ in waits))
        rulings.append(
            found(Status.WARN, endless, f"{counted(len(endless), 'answer')} waited for more than {_MAX_WAIT:g} s, {longest} at most")
        )
    if hasty:
        rulings.append(found(Status.INFO, hasty, f"{counted(len(hasty), 'attempt')} given up within {milliseconds(min(given_up))}"))
    if not given_up:
        return worst(rulings, nothing("no client gave up in the time that the answers were held"))
    return worst(rulings, passed(f"gave up after {milliseconds(min(given_up))} to {milliseconds(max(given_up))}"))


def _waits(call: JudgedCall) -> list[tuple[float, bool]]:
    """(seconds that an answer was held, whether the client was still there at the end)."""
    held = [entry for entry in call.entries if entry.delivery.how in ("client-closed", "hung") and entry.ended is not None]
    return [((entry.ended or 0.0) - entry.request.arrived, entry.delivery.how == "hung") for entry in held]
