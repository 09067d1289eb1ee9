"""The waits between attempts: that there are any, that they grow and differ. Chance plays a part: verdicts say how sure they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf
from statistics import mean, median

from emulator.audit.certainty import LIKELY, as_small_together, at_least, at_most, spread_of, sureness
from emulator.audit.evidence import ClientKey, Evidence, Gap, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed, worst
from emulator.retry_profiles import PROFILES, Jitter, RetryProfile

# A retry that comes sooner after the answer than this has not waited; the rest is the network and the client's own work
IMMEDIATE = 0.005
# A client that takes longer between its calls does something else there
_SLOWEST = 0.05
# Waits this close to each other, in shares of the longer one, are the same wait
_ALIKE = 0.1
# The chance that two jittered waits, the second from twice the range, are that close; and where the machine adds its part to both
_CHANCE_OF_ALIKE = 0.1
_CHANCE_OF_ALIKE_IF_SHORT = 0.25
# A new client's first wait takes longer by what it has to set up; no clock tells waits apart better than the other
_CLOSE = 0.3
_SHARPEST = 0.01
# Who waits so many times as long as at first backs off, though it stays there
_GROWN = 1.5
# Loops of more attempts are not looked for
_LONGEST_PERIOD = 12
# The middle half of jittered waits is at least a third of their median wide (equal jitter)
_NARROW = 0.15
ENOUGH = 8
# Below that, what the machine adds to waits hides whether they are the same
_MEASURABLE = 0.02

GUIDE = "SDK reference guide, Retry behavior"
_LIBRARY = "Amazon Builders' Library, Timeouts, retries, and backoff with jitter"
NEW = PROFILES["standard-2026"]


def expected(gap: Gap) -> RetryProfile:
    """The documented behaviour of the client; for a client that is not known, that of all SDKs since 2026."""
    return gap.call.profile or NEW


def longest_of(gap: Gap) -> float:
    return expected(gap).longest_wait(gap.retry, gap.is_throttling)


# --- V9


def _backs_off(evidence: Evidence) -> Ruling:
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
    chance, limit = min((_chance_of_so_many(others, limit), limit) for limit in {IMMEDIATE, immediate})
    hasty = [gap for gap in others if gap.seconds < limit]
    if hasty:
        is_sure = chance < LIKELY
        how_sure = sureness(chance) if is_sure else "as jitter may do"
        why = f"{len(hasty)} of {len(others)} retries came within {milliseconds(limit)}, {how_sure}"
        yield found(Status.FAIL if is_sure else Status.INFO, calls_of(hasty), why)


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
        return min(1.0, immediate / longest_of(gap))
    # Other jitter waits half of the longest at least
    return 0.001 if immediate < 0.4 * longest_of(gap) else 1.0


def calls_of(gaps: Iterable[Gap]) -> list[SeenCall]:
    return [gap.call for gap in gaps]


# --- V10


def _grows(evidence: Evidence) -> Ruling:
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
    close = [after for before, after in pairs if _difference(before, after) <= _CLOSE]
    alike = [after for before, after in pairs if _difference(before, after) <= _ALIKE]
    by_number = at_least(len(alike), [_chance_of_likeness(after) for _, after in pairs]) if len(alike) > len(pairs) / 2 else 1.0
    if by_number < LIKELY or len(close) < len(pairs):
        return by_number, alike
    # A few waits are told by how close they are, since the first of them is often late by what a new client has to set up
    return as_small_together([max(_difference(*pair), _chance_at_best(pair[1])) for pair in pairs]), close


def restarts_every(gaps: Sequence[Gap]) -> int:
    """After how many attempts the waits of a call start over, as a loop around a loop makes them; 0 if they do not seem to."""
    waits = [gap.seconds for gap in gaps]
    periods = range(2, min(len(waits) - 1, _LONGEST_PERIOD + 1))
    return next((period for period in periods if _repeats(waits, period, LIKELY / len(periods))), 0)


def _repeats(waits: Sequence[float], period: int, likely: float) -> bool:
    if max(waits[:period]) < _GROWN * min(waits[:period]) + _MEASURABLE:
        return False
    pairs = zip(waits, waits[period:], strict=False)
    differences = [max(abs(before - after) - IMMEDIATE, 0.0) / max(before, after, IMMEDIATE) for before, after in pairs]
    return max(differences) <= _CLOSE and as_small_together([max(difference, _SHARPEST) for difference in differences]) < likely


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
    if call.profile is not None or not call.gaps or longest < _GROWN * call.gaps[0].seconds:
        return inf
    return (1 - _ALIKE) * longest


def _chance_of_likeness(gap: Gap) -> float:
    return _CHANCE_OF_ALIKE if gap.seconds >= _MEASURABLE else _CHANCE_OF_ALIKE_IF_SHORT


def _chance_at_best(gap: Gap) -> float:
    return _SHARPEST if gap.seconds >= _MEASURABLE else _CHANCE_OF_ALIKE_IF_SHORT


def _chance_of_growth(gap: Gap) -> float:
    """Full jitter over 0..w and then over 0..g*w: the second is longer with a chance of 1 - 1/2g. Other jitter only does better."""
    return 1 - 1 / (2 * expected(gap).growth)


# --- V11


def _is_jittered(evidence: Evidence) -> Ruling:
    kinds: dict[tuple[object, bool, int], list[Gap]] = {}
    for gap in evidence.gaps:
        if gap.hint is None:
            kinds.setdefault((gap.call.client_key, gap.is_throttling, gap.retry), []).append(gap)
    # The kind as a whole: picking long waits one by one would make jittered ones look alike
    measurable = [gaps for gaps in kinds.values() if median(gap.seconds for gap in gaps) >= _MEASURABLE]
    if not measurable:
        return nothing("there was no wait that could be measured")
    judged = [gaps for gaps in measurable if len(gaps) >= ENOUGH]
    if not judged:
        return Ruling(Status.INFO, f"it takes {ENOUGH} calls that waited before the same retry; there were {max(map(len, measurable))}")
    narrow = [gaps for gaps in judged if spread_of([gap.seconds for gap in gaps]) < _NARROW]
    # Among many kinds a narrow one may be chance
    if len(narrow) <= len(judged) / 2:
        return passed(f"{counted(sum(map(len, judged)), 'wait')} differ from call to call")
    client = narrow[0][0].call.client
    profile = narrow[0][0].call.profile
    documented = profile is not None and profile.jitter is Jitter.NONE
    hint = f"; {client.label} has no jitter{client.cure}" if documented else ""
    gaps = max(narrow, key=len)
    return found(Status.WARN, calls_of(gaps), f"{len(gaps)} calls waited the same {milliseconds(mean(gap.seconds for gap in gaps))}{hint}")


VERDICTS = (
    Verdict(
        "V9",
        "Retries wait",
        "Retries within 5 ms of the answer before, or, of a slow client, as fast as its next calls come anyway; fails where the documented "
        "jitter makes as many of them less likely than 1 in 100.",
        Status.FAIL,
        f"DynamoDB Developer Guide, Error handling; {_LIBRARY}",
        "Wait before each retry, longer each time. An SDK does; a loop around it has to.",
        _backs_off,
    ),
    Verdict(
        "V10",
        "Waits grow exponentially",
        "Neighbouring waits of a call: whether they are alike, and how often the second is longer; fails where "
        "chance makes that less likely than 1 in 100.",
        Status.FAIL,
        f"DynamoDB Developer Guide, Error handling; {GUIDE}",
        "Double the range of the wait with each retry, up to 20 seconds.",
        _grows,
    ),
    Verdict(
        "V11",
        "Waits are jittered",
        "Waits before the same retry in eight calls or more: whether their middle half is narrower than any jitter makes it.",
        Status.WARN,
        _LIBRARY,
        "Draw each wait from 0 up to the exponential bound, so that clients which failed together do not come back together.",
        _is_jittered,
    ),
)
