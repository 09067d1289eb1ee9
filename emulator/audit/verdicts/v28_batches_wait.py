"""V28: Batches wait before they are sent again

## What it does
Batches that bring unprocessed entries again: whether they wait 20 ms at least, whether the waits of a loop of eight
rounds or more grow, and whether it ever stops.

## Why it matters
Entries are unprocessed because capacity is short. Sent again at once, they find as little of it; DynamoDB's guide
strongly recommends exponential back-off. SDKs do not wait here, since the answer was a 200.

## Fails
```python
while unprocessed:
    unprocessed = client.batch_write_item(RequestItems=unprocessed)["UnprocessedItems"]  # at once, and for ever
```

## Passes
```python
for attempt in range(8):
    unprocessed = client.batch_write_item(RequestItems=unprocessed)["UnprocessedItems"]
    if not unprocessed:
        break
    time.sleep(random.uniform(0.02, 0.1 * 2**attempt))
```

## What helps
Wait before each resubmission, longer each time, and stop after some.

## Sources
- DynamoDB Developer Guide, Error handling: exponential back-off strongly recommended
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean

from emulator.audit.evidence import Evidence
from emulator.audit.leftovers import Leftover, Resubmission, leftovers, resubmissions
from emulator.audit.rulings import Ruling, Status, counted, found, milliseconds, nothing, passed, worst

GRADE = Status.FAIL

# A batch that comes sooner after the answer than this has not waited; the rest is the work of putting it together
_IMMEDIATE = 0.02
# So many unprocessed answers in a row, and the client still sends: nobody has told it to stop
_MOST_ROUNDS = 20
# Rounds after which growth shows: waits that double are sixteen times as long in the second half of eight
_ENOUGH_ROUNDS = 8
# Waits that grow no more than this from one half of the rounds to the other do not grow
_GROWTH = 1.5


def judge(evidence: Evidence) -> Ruling:
    left = evidence.once(leftovers)
    again = list(resubmissions(left))
    if not again:
        return nothing("nothing unprocessed was sent again")
    rulings = _endless(left)
    hasty = [one for one in again if one.gap < _IMMEDIATE]
    if hasty:
        rulings.append(_haste(hasty, len(again)))
    if not hasty or len(hasty) <= len(again) / 2:
        rulings += _constancy(left)
    shortest, longest = min(one.gap for one in again), max(one.gap for one in again)
    return worst(rulings, passed(f"{len(again)} resubmissions after {milliseconds(shortest)} to {milliseconds(longest)}"))


def _haste(hasty: list[Resubmission], of: int) -> Ruling:
    calls = [one.call for one in hasty]
    why = f"{len(hasty)} of {of} resubmissions came within {milliseconds(_IMMEDIATE)}"
    if all(call.client.is_resource for call in calls):
        return found(Status.WARN, calls, f"{why}, as boto3's batch_writer does; call batch_write_item yourself, with a wait")
    # One short wait may be the luck of a jittered one
    return found(Status.FAIL if len(hasty) > 1 and len(hasty) > of / 2 else Status.WARN, calls, why)


def _endless(left: list[Leftover]) -> list[Ruling]:
    endless = [one for one in left if one.depth > _MOST_ROUNDS]
    if not endless:
        return []
    most = max(one.depth for one in endless)
    return [found(Status.FAIL, [one.call for one in endless], f"{most} unprocessed answers in a row, and still sending")]


def _constancy(left: list[Leftover]) -> Iterator[Ruling]:
    """Waits between the rounds of a loop that are as long at its end as at its beginning."""
    flat = [rounds for rounds in _rounds(left) if len(rounds) >= _ENOUGH_ROUNDS and not _grows([one.gap for one in rounds])]
    if flat:
        gaps = [one.gap for rounds in flat for one in rounds]
        # A single loop may be the luck of the draw
        status = Status.FAIL if len(gaps) >= 2 * _ENOUGH_ROUNDS else Status.WARN
        why = f"{counted(len(gaps), 'wait')} in {counted(len(flat), 'loop')} of about {milliseconds(mean(gaps))} that never grow"
        yield found(status, [one.call for rounds in flat for one in rounds], why)


def _rounds(left: list[Leftover]) -> list[list[Resubmission]]:
    """The resubmissions of each loop in order: each takes up what the round before had left."""
    first_calls = {one.call.id: one for one in left}
    loops: list[list[Resubmission]] = []
    taken: set[str] = set()
    for one in left:
        if one.call.id in taken:
            continue
        loop: list[Resubmission] = []
        current: Leftover | None = one
        while current is not None and current.resubmissions and current.call.id not in taken:
            taken.add(current.call.id)
            following = current.resubmissions[0]
            loop.append(following)
            current = first_calls.get(following.call.id)
        loops.append(loop)
    return loops


def _grows(gaps: Sequence[float]) -> bool:
    half = len(gaps) // 2
    return mean(gaps[-half:]) > _GROWTH * mean(gaps[:half])
