"""V10: Waits grow exponentially

## What it does
Neighbouring waits of a call: whether they are alike, and how often the second is longer; fails where chance makes that
less likely than 1 in 100.

## Why it matters
A constant wait is too long for trouble that passes at once and too short for trouble that stays. Waits that double find
the right one by themselves, and let the load of a long outage fall.

## Fails
```python
for attempt in range(5):
    if send(request).status < 500:
        break
    time.sleep(0.2)  # the same each time
```

## Passes
```python
for attempt in range(5):
    if send(request).status < 500:
        break
    time.sleep(random.uniform(0, min(20, 0.05 * 2**attempt)))
```

## What helps
Double the range of the wait with each retry, up to 20 seconds.

## Sources
- DynamoDB Developer Guide, Error handling
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf

from emulator.audit.certainty import LIKELY, as_small_together, at_least, at_most, sureness
from emulator.audit.evidence import Evidence, Gap, SeenCall
from emulator.audit.rulings import Ruling, Status, counted, found, milliseconds, nothing, passed, worst
from emulator.audit.waits import CLOSE, ENOUGH, GROWN, IMMEDIATE, MEASURABLE, NEW, SHARPEST, calls_of, expected, longest_of

GRADE = Status.FAIL

# Waits this close to each other, in shares of the longer one, are the same wait
_ALIKE = 0.1
# The chance that two jittered waits, the second from twice the range, are that close; and where the machine adds its part to both
_CHANCE_OF_ALIKE = 0.1
_CHANCE_OF_ALIKE_IF_SHORT = 0.25


def judge(evidence: Evidence) -> Ruling:
    groups: dict[object, list[tuple[Gap, Gap]]] = {}
    for call in evidence.retried:
        if not call.client.is_adaptive:
            groups.setdefault(call.client_key, []).extend(_comparable(call))
    rulings = [_growth(pairs) for pairs in groups.values() if pairs]
    bad = [ruling for ruling in rulings if ruling.status is Status.FAIL]
    good = [ruling for ruling in rulings if ruling.status is Status.PASS]
    return worst(bad or good or rulings, nothing("no call had two waits of a kind"))


def _growth(pairs: list[tuple[Gap, Gap]]) -> Ruling:
    chance, alike = _likeness(pairs)
    if chance < LIKELY:
        why = f"{len(alike)} of {counted(len(pairs), 'wait')} were as long as the one before, about {milliseconds(alike[0].seconds)}"
        return found(Status.FAIL, calls_of(alike), f"{why}, {sureness(chance)}")
    growing = sum(after.seconds > before.seconds for before, after in pairs)
    chance = at_most(growing, len(pairs), min(_chance_of_growth(after) for _, after in pairs))
    if chance < LIKELY:
        why = f"only {growing} of {counted(len(pairs), 'wait')} were longer than the one before, {sureness(chance)}"
        return found(Status.FAIL, calls_of(after for _, after in pairs), why)
    why = f"{growing} of {counted(len(pairs), 'wait')} were longer than the one before"
    return passed(why) if len(pairs) >= ENOUGH else Ruling(Status.INFO, f"{why}; too few to be sure")


def _likeness(pairs: list[tuple[Gap, Gap]]) -> tuple[float, list[Gap]]:
    """(the chance that growing waits are as like each other as these, the waits that are like the one before)."""
    close = [after for before, after in pairs if _difference(before, after) <= CLOSE]
    alike = [after for before, after in pairs if _difference(before, after) <= _ALIKE]
    by_number = at_least(len(alike), [_chance_of_likeness(after) for _, after in pairs]) if len(alike) > len(pairs) / 2 else 1.0
    if by_number < LIKELY or len(close) < len(pairs):
        return by_number, alike
    # A few waits are told by how close they are, since the first of them is often late by what a new client has to set up
    return as_small_together([max(_difference(*pair), _chance_at_best(pair[1])) for pair in pairs]), close


def _difference(before: Gap, after: Gap) -> float:
    return abs(after.seconds - before.seconds) / max(before.seconds, after.seconds)


def _comparable(call: SeenCall) -> Iterator[tuple[Gap, Gap]]:
    """Neighbouring waits of one kind, where the second should be longer: neither asked for by the server nor already at the cap."""
    cap = _cap(call)
    for before, after in pairwise(call.gaps):
        same_kind = before.is_throttling is after.is_throttling and after.retry == before.retry + 1
        grows = before.retry >= expected(before).immediate and longest_of(after) > 1.2 * longest_of(before)
        at_cap = min(before.seconds, after.seconds) >= cap or (call.profile is None and before.seconds >= NEW.cap / 2)
        if same_kind and grows and before.hint is None and after.hint is None and after.seconds >= IMMEDIATE and not at_cap:
            yield before, after


def _cap(call: SeenCall) -> float:
    """From where on the waits of a client that is not known seem to have grown as far as they do."""
    longest = max((gap.seconds for gap in call.gaps), default=0.0)
    if call.profile is not None or not call.gaps or longest < GROWN * call.gaps[0].seconds:
        return inf
    return (1 - _ALIKE) * longest


def _chance_of_likeness(gap: Gap) -> float:
    return _CHANCE_OF_ALIKE if gap.seconds >= MEASURABLE else _CHANCE_OF_ALIKE_IF_SHORT


def _chance_at_best(gap: Gap) -> float:
    return SHARPEST if gap.seconds >= MEASURABLE else _CHANCE_OF_ALIKE_IF_SHORT


def _chance_of_growth(gap: Gap) -> float:
    """Full jitter over 0..w and then over 0..g*w: the second is longer with a chance of 1 - 1/2g. Other jitter only does better."""
    return 1 - 1 / (2 * expected(gap).growth)
