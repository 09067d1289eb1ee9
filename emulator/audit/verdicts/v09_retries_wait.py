"""V9: Retries wait

## What it does
Retries within 5 ms of the answer before, or, of a slow client, as fast as its next calls come anyway; fails where the
documented jitter makes as many of them less likely than 1 in 100,000, and warns at 1 in 1,000.

## Why it matters
A retry that comes at once meets the same trouble, and adds to it: clients that do not wait turn a short peak into a
long one. Back-off gives the service the time to recover.

## Fails
```python
for attempt in range(5):
    if send(request).status < 500:
        break  # otherwise again, at once
```

## Passes
```python
for attempt in range(5):
    if send(request).status < 500:
        break
    time.sleep(random.uniform(0, min(20, 0.05 * 2**attempt)))
```

## What helps
Wait before each retry, longer each time. An SDK does; a loop around it has to.

## Sources
- DynamoDB Developer Guide, Error handling
- Amazon Builders' Library, Timeouts, retries, and backoff with jitter
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulator.audit.certainty import DOUBTFUL, SURE, at_least, sureness
from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed, worst
from emulator.audit.seen import ClientKey, Gap
from emulator.audit.waits import IMMEDIATE, calls_of, expected, longest_of
from emulator.sdks.retry_profiles import Jitter

GRADE = Status.FAIL

# No timer is shorter, in seconds
_AT_ONCE = 0.001
# A client that takes longer between its calls does something else there
_SLOWEST = 0.05


def judge(evidence: Evidence) -> Ruling:
    gaps = [gap for gap in evidence.gaps if gap.hint is None]
    if not gaps:
        return nothing("no call was tried again")
    rulings = [ruling for client, group in _by_client(gaps).items() for ruling in _haste(group, _immediate(evidence, client))]
    shortest, longest = min(gap.seconds for gap in gaps), max(gap.seconds for gap in gaps)
    return worst(rulings, passed(f"waits from {milliseconds(shortest)} to {milliseconds(longest)}"))


def _by_client(gaps: Iterable[Gap]) -> dict[ClientKey, list[Gap]]:
    """Clients are judged one by one: a careful one must not hide another."""
    groups: dict[ClientKey, list[Gap]] = {}
    for gap in gaps:
        groups.setdefault(gap.call.client_key, []).append(gap)
    return groups


def _immediate(evidence: Evidence, client: ClientKey) -> float:
    """A retry that comes as fast as a client's next call comes anyway has not waited: a slow client is no careful one."""
    seconds = 2 * evidence.turnarounds.get(client, 0.0)
    return seconds if IMMEDIATE < seconds <= _SLOWEST else IMMEDIATE


def _haste(gaps: list[Gap], immediate: float) -> Iterator[Ruling]:
    yield from _documented_haste([gap for gap in gaps if gap.retry < expected(gap).immediate and gap.seconds < immediate])
    others = [gap for gap in gaps if gap.retry >= expected(gap).immediate]
    limits = {_AT_ONCE, IMMEDIATE, immediate}
    chance, limit = min((len(limits) * _chance_of_so_many(others, limit), limit) for limit in limits)
    hasty = [gap for gap in others if gap.seconds < limit]
    if hasty:
        status = Status.FAIL if chance < SURE else Status.WARN if chance < DOUBTFUL else Status.INFO
        how_sure = "as jitter may do" if status is Status.INFO else sureness(chance)
        why = f"{len(hasty)} of {len(others)} retries came within {milliseconds(limit)}, {how_sure}"
        yield found(status, calls_of(hasty), why)


def _chance_of_so_many(gaps: list[Gap], limit: float) -> float:
    """The chance that of these waits so many are below a limit as are, if their client does back off."""
    return at_least(sum(gap.seconds < limit for gap in gaps), [_chance_of_haste(gap, limit) for gap in gaps])


def _documented_haste(gaps: list[Gap]) -> Iterator[Ruling]:
    if gaps:
        client = gaps[0].call.client
        why = f"{len(gaps)} first retries came at once, as {client.label} does{client.cure}"
        yield found(Status.WARN, calls_of(gaps), why)


def _chance_of_haste(gap: Gap, immediate: float) -> float:
    """The chance that a client which does back off waits so little."""
    profile = expected(gap)
    jitter = profile.throttling_jitter if gap.is_throttling else profile.jitter
    if jitter is Jitter.FULL:
        # A program of one's own need not wait longer after throttling than after other errors
        longest = longest_of(gap) if gap.call.profile is not None else profile.longest_wait(gap.retry, throttling=False)
        return min(1.0, immediate / longest)
    # Other jitter waits half of the longest at least
    return 0.001 if immediate < 0.4 * longest_of(gap) else 1.0
