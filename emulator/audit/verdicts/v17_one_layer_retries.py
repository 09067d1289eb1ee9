"""V17: Only one layer retries

## What it does
Calls that fail after retries, and are followed by the same call from the top; fails where writes are started again
twice or more that do not add up. Of loops without an SDK, whether their waits start over. The same read again and again at a steady pace
may be a poll, and is told, not judged.

## Why it matters
Layers that retry multiply: three of them with three attempts each send 27 requests for one, and the lowest layer, which
is in trouble, gets them all. One layer, mostly the SDK, should retry.

## Fails
```python
for attempt in range(3):  # times the four attempts of the SDK: twelve
    try:
        client.put_item(TableName="orders", Item=item)
        break
    except ClientError:
        time.sleep(1)
```

## Passes
```python
client.put_item(TableName="orders", Item=item)  # the SDK retries, and its error is final
```

## What helps
Retry in one place: take the loop around the SDK away, or turn the SDK's retries off. Layers multiply.

## Sources
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
- Well-Architected Framework REL05-BP03
"""

from __future__ import annotations

from collections.abc import Sequence

from emulator.audit.certainty import LIKELY, as_small_together
from emulator.audit.endings import endings
from emulator.audit.evidence import PATIENCE, Evidence, rows_of
from emulator.audit.redelivery import is_one_job, tries_of
from emulator.audit.rulings import Ruling, Status, found, nothing, passed, worst
from emulator.audit.seen import ApplicationLoop, Gap, JudgedCall
from emulator.audit.waits import CLOSE, GROWN, IMMEDIATE, MEASURABLE, SHARPEST
from emulator.scenario.phrases import counted

GRADE = Status.FAIL

_LAYERED = 3
# Loops of more attempts are not looked for
_MAX_PERIOD = 12


def judge(evidence: Evidence) -> Ruling:
    """An exhausted call of the SDK, and then the same from the top: somebody above the SDK retries as well."""
    exhausted = [end.call for end in evidence.once(endings) if end.call.attempts > 1]
    loops = [call for call in evidence.retried if not _is_of_an_sdk(call)]
    restarted = [(call, period) for call in loops if (period := _restarts_every(call.gaps, LIKELY / len(loops)))]
    if not exhausted and not restarted:
        return nothing("no retried call failed in the end")
    rows = [row for work in evidence.works for row in rows_of(work, _starts_again) if row[0].attempts > 1]
    is_certain = sum(len(row) - 1 for row in rows if is_one_job(row[0])) >= _LAYERED - 1
    rulings = [_layering(row, Status.FAIL if is_certain and is_one_job(row[0]) else Status.WARN) for row in rows]
    if len(rows) > _LAYERED:
        total = f"{sum(map(tries_of, rows)):,} attempts for {counted(len(rows), 'piece')} of work"
        rulings.insert(0, found(rulings[0].status, [row[0] for row in rows], f"{total}: the application retries what its SDK had retried"))
    rulings += [
        found(Status.WARN, [call], f"waits start over after every {period} attempts: one loop in another") for call, period in restarted
    ]
    polls = [call for call in exhausted if call.id in evidence.polls]
    if not rulings and polls:
        return found(Status.INFO, polls, f"{counted(len(polls), 'read')} failed and came again at a steady pace: a poll, or a loop")
    if not rulings:
        return passed(f"{counted(len(exhausted), 'call')} failed after retries, and nobody tried again from the top")
    return worst(sorted(rulings, key=lambda ruling: ruling.status is not Status.FAIL)[:_LAYERED], rulings[0])


def _is_of_an_sdk(call: JudgedCall) -> bool:
    return call.is_identified and not isinstance(call, ApplicationLoop)


def _starts_again(before: JudgedCall, after: JudgedCall) -> bool:
    """Whether a call goes on with one of an SDK that had failed; one whose retry quota is spent makes no attempts more."""
    return before.failed and _is_of_an_sdk(before) and 0 <= after.started - before.ended <= PATIENCE


def _layering(row: list[JudgedCall], status: Status) -> Ruling:
    attempts = sum(call.attempts for call in row)
    why = f"{attempts} attempts for one {row[0].operation}, as {' + '.join(str(call.attempts) for call in row[:6])}"
    return found(status, row, f"{why}: the application retries what its SDK had retried")


def _restarts_every(gaps: Sequence[Gap], likely: float) -> int:
    """After how many attempts the waits of a call start over, as a loop around a loop makes them; 0 if they do not seem to, or if chance
    does that with more than such a likelihood."""
    waits = [gap.seconds for gap in gaps]
    periods = range(2, min(len(waits) - 1, _MAX_PERIOD + 1))
    return next((period for period in periods if _repeats(waits, period, likely / len(periods))), 0)


def _repeats(waits: Sequence[float], period: int, likely: float) -> bool:
    if max(waits[:period]) < GROWN * min(waits[:period]) + MEASURABLE:
        return False
    pairs = zip(waits, waits[period:], strict=False)
    differences = [max(abs(before - after) - IMMEDIATE, 0.0) / max(before, after, IMMEDIATE) for before, after in pairs]
    return max(differences) <= CLOSE and as_small_together([max(difference, SHARPEST) for difference in differences]) < likely
