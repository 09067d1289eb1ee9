"""V9: Retries wait

## What it does
Retries within 1 to 20 ms of the answer before, or, of a slow client, as fast as its next calls come anyway. Fails where
so many of them are less likely than 1 in 100,000 for a client that backs off, and warns at 1 in 1,000: an SDK by its documented
waits, any other client by waits that begin with 10 ms before the second retry, double, and are jittered over their whole
range. The first retry of such a client may come at once, and nobody is accused whose waits before later retries are
long enough, or grow.

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
from statistics import median

from emulator.audit.certainty import DOUBTFUL, LIKELY, SURE, at_least, sureness
from emulator.audit.evidence import Evidence
from emulator.audit.haste import ChanceOfLess, chance_of_haste, drawn_from_least
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed, worst
from emulator.audit.seen import ClientKey, Gap
from emulator.audit.waits import IMMEDIATE, calls_of, longest_of
from emulator.sdks.retry_profiles import Jitter

GRADE = Status.FAIL
# Seconds between the beginnings of waits that the same stall may have shortened
_TOGETHER = 0.05


def judge(evidence: Evidence) -> Ruling:
    gaps = [gap for gap in evidence.gaps if gap.hint is None]
    if not gaps:
        return nothing("no call was tried again")
    groups = _by_client(_seen_to_begin(gaps))
    rulings = [ruling for client, group in groups.items() for ruling in _of_one(group, evidence.turnarounds.get(client, 0.0))]
    shortest, longest = min(gap.seconds for gap in gaps), max(gap.seconds for gap in gaps)
    return worst(rulings, passed(f"waits from {milliseconds(shortest)} to {milliseconds(longest)}"))


def _seen_to_begin(gaps: Iterable[Gap]) -> list[Gap]:
    """A client's wait after it gave up begins when its time-out is over, and shows only when its connection closes. What holds it up then
    shortens all of its waits that begin with it, so they count as the longest of them."""
    seen: list[Gap] = []
    given_up: list[Gap] = []
    for gap in gaps:
        (given_up if gap.call.entries[gap.retry].delivery.how == "client-closed" else seen).append(gap)
    together: dict[ClientKey, list[Gap]] = {}
    for gap in sorted(given_up, key=lambda gap: gap.until - gap.seconds):
        group = together.setdefault(gap.call.client_key, [])
        if group and gap.until - gap.seconds > max(one.until - one.seconds for one in group) + _TOGETHER:
            seen.append(max(group, key=lambda one: one.seconds))
            group.clear()
        group.append(gap)
    return [*seen, *(max(group, key=lambda one: one.seconds) for group in together.values() if group)]


def _by_client(gaps: Iterable[Gap]) -> dict[ClientKey, list[Gap]]:
    """Judges clients one by one: a careful one must not hide another."""
    groups: dict[ClientKey, list[Gap]] = {}
    for gap in gaps:
        groups.setdefault(gap.call.client_key, []).append(gap)
    return groups


def _of_one(gaps: list[Gap], turnaround: float) -> Iterator[Ruling]:
    """What is said of one client, which takes so many seconds from the end of a call to the next one."""
    first = [gap for gap in gaps if gap.retry < _immediate_retries(gap)]
    later = [gap for gap in gaps if gap.retry >= _immediate_retries(gap)]
    chance, limit = _chance_of_haste(later, turnaround)
    yield from _haste_at_first([gap for gap in first if gap.seconds < max(limit, IMMEDIATE)], bool(later))
    hasty = [gap for gap in later if gap.seconds < limit]
    if hasty:
        waits = _wait_later([gap for gap in later if gap.retry > _immediate_retries(gap)], turnaround, limit) or _grow(gaps)
        status = Status.INFO if chance >= DOUBTFUL or waits else Status.FAIL if chance < SURE else Status.WARN
        how_sure = sureness(chance) if status is not Status.INFO else "and those after them wait" if waits else "as jitter may do"
        why = f"{len(hasty)} of {len(later)} retries came within {milliseconds(limit)}, {how_sure}"
        yield found(status, calls_of(hasty), why)


def _wait_later(last: list[Gap], turnaround: float, limit: float) -> bool:
    """Whether the waits before later retries, mostly longer ones, show no haste."""
    return bool(last) and median(gap.seconds for gap in last) > limit and _chance_of_haste(last, turnaround)[0] >= DOUBTFUL


def _grow(gaps: list[Gap]) -> bool:
    """Whether the last wait of a call is so often longer than its first that these cannot be waits of the same length."""
    calls: dict[str, list[float]] = {}
    for gap in gaps:
        calls.setdefault(gap.call.id, []).append(gap.seconds)
    ladders = [waits for waits in calls.values() if len(waits) > 1]
    return at_least(sum(waits[-1] > waits[0] for waits in ladders), [0.5] * len(ladders)) < LIKELY


def _chance_of_haste(gaps: list[Gap], turnaround: float) -> tuple[float, float]:
    return chance_of_haste([(gap.seconds, _chance_of_less(gap)) for gap in gaps], turnaround)


def _immediate_retries(gap: Gap) -> int:
    """How many retries may come at once: those that an SDK is documented to make so, and the first of any other client."""
    profile = gap.call.profile
    return 1 if profile is None else profile.immediate


def _haste_at_first(gaps: list[Gap], others: bool) -> Iterator[Ruling]:
    if not gaps:
        return
    call = gaps[0].call
    why = f"{len(gaps)} first retries came at once"
    if call.profile is not None:
        yield found(Status.WARN, calls_of(gaps), f"{why}, as {call.client.label} does{call.client.remedy}")
    elif not others:
        yield found(Status.INFO, calls_of(gaps), f"{why}; whether the next would have waited did not show")


def _chance_of_less(gap: Gap) -> ChanceOfLess:
    profile = gap.call.profile
    if profile is None:
        return drawn_from_least(gap.retry - 1)
    jitter = profile.throttling_jitter if gap.is_throttling else profile.jitter
    longest = longest_of(gap)
    if jitter is Jitter.FULL:
        return lambda limit: min(1.0, limit / longest)
    # Other jitter waits half of the longest at least
    return lambda limit: 0.001 if limit < 0.4 * longest else 1.0
