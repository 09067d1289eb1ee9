"""V28: Batches wait before they are sent again

## What it does
Batches that bring unprocessed entries again: whether so many come within 1 to 20 ms, or as fast as the client's next call
comes anyway, as of a hundred thousand clients that back off not one would send; whether the waits of a loop of eight rounds
or more grow, and whether it ever stops. Warns at one in a thousand, and where only the first round comes at once.

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

from emulator.audit.certainty import DOUBTFUL, SURE, sureness
from emulator.audit.evidence import Evidence
from emulator.audit.haste import chance_of_haste, drawn_from_least
from emulator.audit.leftovers import Leftover, Resubmission, leftovers, resubmissions
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed, worst
from emulator.audit.seen import ClientKey
from emulator.scenario.phrases import counted

GRADE = Status.FAIL

# A client that still sends after so many unprocessed answers in a row has no limit
_MAX_ROUNDS = 20
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
    rulings += [*_haste(left, evidence), *_constancy(left)]
    shortest, longest = min(one.gap for one in again), max(one.gap for one in again)
    return worst(rulings, passed(f"{len(again)} resubmissions after {milliseconds(shortest)} to {milliseconds(longest)}"))


def _haste(left: list[Leftover], evidence: Evidence) -> Iterator[Ruling]:
    clients: dict[ClientKey, list[tuple[int, Resubmission]]] = {}
    for one in left:
        for again in one.resubmissions:
            clients.setdefault(one.call.client_key, []).append((one.depth - 1, again))
    for client, rounds in clients.items():
        turnaround = evidence.turnarounds.get(client, 0.0)
        chance, limit = _chance_of_haste(rounds, turnaround)
        hasty = [one.call for _, one in rounds if one.gap < limit]
        why = f"{len(hasty)} of {len(rounds)} resubmissions came within {milliseconds(limit)}"
        if hasty and all(call.client.is_resource for call in hasty):
            yield found(Status.WARN, hasty, f"{why}, as boto3's batch_writer does; call batch_write_item yourself, with a wait")
        elif hasty:
            later, _ = _chance_of_haste([one for one in rounds if one[0]], turnaround)
            status = Status.INFO if chance >= DOUBTFUL else Status.FAIL if later < SURE else Status.WARN
            yield found(status, hasty, f"{why}, {'as jitter may do' if status is Status.INFO else sureness(chance)}")


def _chance_of_haste(rounds: list[tuple[int, Resubmission]], turnaround: float) -> tuple[float, float]:
    return chance_of_haste([(one.gap, drawn_from_least(depth)) for depth, one in rounds], turnaround)


def _endless(left: list[Leftover]) -> list[Ruling]:
    endless = [one for one in left if one.depth > _MAX_ROUNDS]
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
