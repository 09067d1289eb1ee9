"""V25: A transaction in progress is given time

## What it does
Transactions that are told to be in progress: whether one attempt comes five seconds after the first or later.

## Why it matters
TransactionInProgressException says that the same transaction, sent before, is still being worked on: it is neither done
nor refused. Who gives up within five seconds does not learn which.

## Fails
```text
TransactWriteItems    connection reset
   40 ms              TransactionInProgressException
   90 ms              TransactionInProgressException
                      (given up)
```

## Passes
```text
TransactWriteItems    connection reset
  500 ms              TransactionInProgressException
 5200 ms              200
```

## What helps
Back off from 500 ms, and let one attempt come five seconds after the first or later.

## Sources
- API reference of TransactionInProgressException
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ResponseClass
from emulator.scenario.phrases import counted

GRADE = Status.WARN

_IN_PROGRESS = "TransactionInProgressException"
# "allow a retry 5 seconds or more after the first attempt"
_PROGRESS_WAIT = 5.0


def judge(evidence: Evidence) -> Ruling:
    calls = list(_in_progress(evidence))
    if not calls:
        return nothing("no transaction was in progress when it came again")
    spans = {call: call.entries[-1].request.arrived - call.started for call in calls}
    short = [call for call, span in spans.items() if span < _PROGRESS_WAIT and call.answers[-1].outcome is not ResponseClass.SUCCESS]
    if short:
        longest = milliseconds(max(spans[call] for call in short))
        why = f"{counted(len(short), 'transaction')} given up while in progress, {longest} after the first attempt at the latest"
        return found(Status.WARN, short, why)
    return passed(f"{counted(len(calls), 'transaction')} in progress waited for")


def _in_progress(evidence: Evidence) -> Iterator[JudgedCall]:
    return (call for call in evidence.calls if any(answer.error == _IN_PROGRESS for answer in call.answers))
