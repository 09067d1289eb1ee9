"""V35: One attempt at a time

## What it does
Attempts of a call that begin before the one before has ended, and the same request sent again while the first is under
way. Writes are warned of; reads may be hedged, or belong to readers of their own.

## Why it matters
An attempt that is late is not lost: the service still works on it. A second one beside it may carry out a write twice,
and doubles the load of a service just when it is slow.

## Fails
```text
0.000 s    PutItem, attempt 1    answered after 3.0 s
1.000 s    PutItem, attempt 2    answered after 2.0 s
```

## Passes
```text
0.000 s    PutItem, attempt 1    given up after 5.0 s, its connection closed
5.021 s    PutItem, attempt 2    200
```

## What helps
Do not send a second attempt beside one that is only late: writes are done twice, and load doubles when it hurts most.

## Sources
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from emulator.audit.crowds import OVERLAP
from emulator.audit.evidence import Evidence
from emulator.audit.idempotency import accumulates
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import JudgedCall
from emulator.journal import Exchange
from emulator.scenario.phrases import counted

GRADE = Status.WARN

_PAIR = 2


def judge(evidence: Evidence) -> Ruling:
    twins = list(_twins(evidence))
    if not evidence.retried and not twins:
        return nothing("no call was tried again")
    overlapping = [call for call in evidence.retried if any(map(_overlap, pairwise(call.entries)))]
    rulings = []
    if overlapping:
        writes = [call for call in overlapping if call.is_write]
        why = f"{counted(len(overlapping), 'call')} with two attempts under way at once, {len(writes)} of them writes"
        rulings.append(found(Status.WARN if writes else Status.INFO, writes or overlapping, why))
    written = [call for call, is_surely_twin in twins if is_surely_twin]
    if written:
        why = f"{counted(len(written), 'write')} sent a second time while the first was under way"
        rulings.append(found(Status.WARN, written, why))
    others = [call for call, is_surely_twin in twins if not is_surely_twin]
    if others:
        what = "request" if any(call.is_write for call in others) else "read"
        why = f"{counted(len(others), what)} sent while the same was under way: hedged, or asked by workers of their own"
        rulings.append(found(Status.INFO, others, why))
    return worst(rulings, passed(f"{counted(len(evidence.retried), 'retried call')}, one attempt at a time"))


def _twins(evidence: Evidence) -> Iterator[tuple[JudgedCall, bool]]:
    """(request, whether it surely is a second one for the same work) of those that came while the same client's same request had been
    under way for a while: how hedging looks of a client that numbers no attempts."""
    for chain in evidence.chains:
        under_way: list[JudgedCall] = []
        for call in chain:
            under_way = [other for other in under_way if other.ended > call.started + OVERLAP]
            is_late = any(call.started - other.started >= OVERLAP for other in under_way)
            # Workers may well count in the same item at once; what they put there is not the same to the byte
            is_sure = call.is_write and (not accumulates(call.request) or (is_late and len(chain) == _PAIR))
            if under_way and (is_late or is_sure):
                yield call, is_sure
            under_way.append(call)


def _overlap(pair: tuple[Exchange, Exchange]) -> bool:
    before, after = pair
    return before.ended is None or after.request.arrived < before.ended - OVERLAP
