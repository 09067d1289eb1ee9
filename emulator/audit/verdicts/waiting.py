"""The waits between attempts: that there are any, that they grow, differ, stay within bounds and heed the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import mean, median

from emulator.audit.certainty import LIKELY, at_least, at_most, spread_of, sureness
from emulator.audit.evidence import Evidence, Gap, SeenCall
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed, worst
from emulator.outcomes import Outcome
from emulator.retry_profiles import PROFILES, Jitter, RetryProfile

# A retry that comes sooner after the answer than this has not waited; the rest is the network and the client's own work
IMMEDIATE = 0.005
# What the network and a busy machine may add to a wait
SLACK = 0.25
# Waits this close to each other, in shares of the longer one, are the same wait
_ALIKE = 0.1
# The chance that two jittered waits, the second from twice the range, are that close; and where the machine adds its part to both
_CHANCE_OF_ALIKE = 0.1
_CHANCE_OF_ALIKE_IF_SHORT = 0.25
# The middle half of jittered waits is at least a third of their median wide (equal jitter)
_NARROW = 0.15
_ENOUGH = 8
# Below that, what the machine adds to waits hides whether they are the same
_MEASURABLE = 0.02
_HINT_MOST = 5.0
_EARLY = 0.005

_GUIDE = "SDK reference guide, Retry behavior"
_LIBRARY = "Amazon Builders' Library, Timeouts, retries, and backoff with jitter"
_NEW = PROFILES["standard-2026"]


def _expected(gap: Gap) -> RetryProfile:
    """The documented behaviour of the client; for a client that is not known, that of all SDKs since 2026."""
    return gap.call.profile or _NEW


def _longest(gap: Gap) -> float:
    return _expected(gap).longest_wait(gap.retry, gap.is_throttling)


# --- V9


def _backs_off(evidence: Evidence) -> Ruling:
    gaps = [gap for gap in evidence.gaps if gap.hint is None]
    if not gaps:
        return nothing("no call was tried again")
    rulings = [ruling for group in _by_client(gaps) for ruling in _haste(group)]
    shortest, longest = min(gap.seconds for gap in gaps), max(gap.seconds for gap in gaps)
    return worst(rulings, passed(f"waits from {milliseconds(shortest)} to {milliseconds(longest)}"))


def _by_client(gaps: Iterable[Gap]) -> list[list[Gap]]:
    """Clients are judged one by one: a careful one must not hide another."""
    groups: dict[object, list[Gap]] = {}
    for gap in gaps:
        groups.setdefault(gap.call.client_key, []).append(gap)
    return list(groups.values())


def _haste(gaps: list[Gap]) -> Iterator[Ruling]:
    documented = [gap for gap in gaps if gap.retry < _expected(gap).immediate and gap.seconds < IMMEDIATE]
    yield from _documented_haste(documented)
    others = [gap for gap in gaps if gap.retry >= _expected(gap).immediate]
    hasty = [gap for gap in others if gap.seconds < IMMEDIATE]
    if hasty:
        chance = at_least(len(hasty), [_chance_of_haste(gap) for gap in others])
        is_sure = chance < LIKELY
        how_sure = sureness(chance) if is_sure else "as jitter may do"
        why = f"{len(hasty)} of {len(others)} retries came within {IMMEDIATE * 1000:g} ms, {how_sure}"
        yield found(Status.FAIL if is_sure else Status.INFO, _calls(hasty), why)


def _documented_haste(gaps: list[Gap]) -> Iterator[Ruling]:
    if gaps:
        client = gaps[0].call.client
        assert client.sdk is not None
        why = f"{len(gaps)} first retries came at once, as {client.label} does; change that with {client.sdk.setting}"
        yield found(Status.WARN, _calls(gaps), why)


def _chance_of_haste(gap: Gap) -> float:
    """The chance that a client which does back off waits so little."""
    profile = _expected(gap)
    jitter = profile.throttling_jitter if gap.is_throttling else profile.jitter
    return min(1.0, IMMEDIATE / _longest(gap)) if jitter is Jitter.FULL else 0.001


def _calls(gaps: Iterable[Gap]) -> list[SeenCall]:
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
    alike = [after for before, after in pairs if abs(after.seconds - before.seconds) <= _ALIKE * max(before.seconds, after.seconds)]
    chance = at_least(len(alike), [_chance_of_likeness(after) for _, after in pairs]) if len(alike) > len(pairs) / 2 else 1.0
    if chance < LIKELY:
        why = f"{len(alike)} of {counted(len(pairs), 'wait')} were as long as the one before, about {milliseconds(alike[0].seconds)}"
        return found(Status.FAIL, _calls(alike), f"{why}, {sureness(chance)}")
    growing = sum(after.seconds > before.seconds for before, after in pairs)
    chance = at_most(growing, len(pairs), min(_chance_of_growth(after) for _, after in pairs))
    if chance < LIKELY:
        why = f"only {growing} of {counted(len(pairs), 'wait')} were longer than the one before, {sureness(chance)}"
        return found(Status.FAIL, _calls(after for _, after in pairs), why)
    why = f"{growing} of {counted(len(pairs), 'wait')} were longer than the one before"
    return passed(why) if len(pairs) >= _ENOUGH else Ruling(Status.INFO, f"{why}; too few to be sure")


def _comparable(call: SeenCall) -> Iterator[tuple[Gap, Gap]]:
    """Neighbouring waits of one kind, where the second should be longer: neither asked for by the server nor already at the cap."""
    for before, after in pairwise(call.gaps):
        same_kind = before.is_throttling is after.is_throttling and after.retry == before.retry + 1
        grows = before.retry >= _expected(before).immediate and _longest(after) > 1.2 * _longest(before)
        unknown_at_cap = call.profile is None and before.seconds >= _NEW.cap / 2
        if same_kind and grows and before.hint is None and after.hint is None and after.seconds >= IMMEDIATE and not unknown_at_cap:
            yield before, after


def _chance_of_likeness(gap: Gap) -> float:
    return _CHANCE_OF_ALIKE if gap.seconds >= _MEASURABLE else _CHANCE_OF_ALIKE_IF_SHORT


def _chance_of_growth(gap: Gap) -> float:
    """Full jitter over 0..w and then over 0..g*w: the second is longer with a chance of 1 - 1/2g. Other jitter only does better."""
    return 1 - 1 / (2 * _expected(gap).growth)


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
    judged = [gaps for gaps in measurable if len(gaps) >= _ENOUGH]
    if not judged:
        return Ruling(Status.INFO, f"it takes {_ENOUGH} calls that waited before the same retry; there were {max(map(len, measurable))}")
    narrow = [gaps for gaps in judged if spread_of([gap.seconds for gap in gaps]) < _NARROW]
    # Among many kinds a narrow one may be chance
    if len(narrow) <= len(judged) / 2:
        return passed(f"{counted(sum(map(len, judged)), 'wait')} differ from call to call")
    client = narrow[0][0].call.client
    profile = narrow[0][0].call.profile
    documented = profile is not None and profile.jitter is Jitter.NONE and client.sdk is not None
    hint = f"; {client.label} has no jitter, change that with {client.sdk.setting}" if documented and client.sdk else ""
    gaps = max(narrow, key=len)
    return found(Status.WARN, _calls(gaps), f"{len(gaps)} calls waited the same {milliseconds(mean(gap.seconds for gap in gaps))}{hint}")


# --- V12 to V15


def _is_capped(evidence: Evidence) -> Ruling:
    if not evidence.gaps:
        return nothing("no call was tried again")
    beyond = [gap for gap in evidence.gaps if gap.seconds > _cap(gap)]
    longest = max(gap.seconds for gap in evidence.gaps)
    if beyond:
        return found(
            Status.WARN, _calls(beyond), f"{counted(len(beyond), 'wait')} beyond the usual 20 s, the longest {milliseconds(longest)}"
        )
    return passed(f"the longest wait was {milliseconds(longest)}")


def _cap(gap: Gap) -> float:
    documented = PROFILES["go-v1"].cap * 2 if gap.call.profile is PROFILES["go-v1"] else _NEW.cap
    return documented + (0 if gap.hint is None else _HINT_MOST) + SLACK


def _throttling_waits_longer(evidence: Evidence) -> Ruling:
    first = [gap for gap in evidence.gaps if gap.retry == 0 and gap.hint is None]
    slow = [gap.seconds for gap in first if gap.is_throttling]
    fast = [gap.seconds for gap in first if gap.after.outcome is Outcome.TRANSIENT]
    if not slow or not fast:
        return nothing("it takes first retries after throttling and after server errors")
    why = (
        f"mean wait {milliseconds(mean(slow))} after throttling ({len(slow)}), {milliseconds(mean(fast))} after server errors ({len(fast)})"
    )
    if min(len(slow), len(fast)) < _ENOUGH:
        return Ruling(Status.INFO, f"{why}; too few to be sure")
    return passed(why) if mean(slow) > 2 * mean(fast) else Ruling(Status.INFO, why)


def _heeds_the_server(evidence: Evidence) -> Ruling:
    hinted = [gap for gap in evidence.gaps if gap.hint]
    if not hinted:
        return nothing("no answer asked for a wait that was followed by a retry")
    ignored = [gap for gap in hinted if not _is_heeded(gap)]
    if not ignored:
        return passed(f"{counted(len(hinted), 'wait')} as the server asked")
    bound = [gap for gap in ignored if gap.call.profile is not None and gap.call.profile.heeds_hint]
    example = f"{milliseconds(ignored[0].seconds)} for {milliseconds(ignored[0].hint or 0)}"
    why = f"{counted(len(ignored), 'wait')} other than the server asked, such as {example}"
    return found(Status.FAIL if bound else Status.INFO, _calls(bound or ignored), why)


def _is_heeded(gap: Gap) -> bool:
    """The header is heeded between the client's own wait and five seconds more."""
    assert gap.hint is not None
    least = min(gap.hint, _HINT_MOST) - _EARLY
    most = min(max(_longest(gap), gap.hint), _longest(gap) + _HINT_MOST) + SLACK
    return least <= gap.seconds and (gap.call.client.is_adaptive or gap.seconds <= most)


def _fits_its_profile(evidence: Evidence) -> Ruling:
    known = [call for call in evidence.retried if call.profile is not None]
    if not known:
        return nothing("no retried call of an SDK that is known")
    late = [gap for call in known for gap in call.gaps if gap.hint is None and _is_late(gap)]
    if late:
        gap = max(late, key=lambda gap: gap.seconds - _longest(gap))
        waits = f"{counted(len(late), 'wait')} longer than {_expected(gap).name} has them"
        return found(Status.WARN, _calls(late), f"{waits}: {milliseconds(gap.seconds)} instead of {milliseconds(_longest(gap))} at most")
    names = ", ".join(sorted({call.profile.name for call in known if call.profile is not None}))
    other = [call for call in known if call.profile is not None and call.declared not in (None, call.profile.attempts)]
    if other:
        return found(Status.INFO, other, f"as {names}, but with {other[0].declared} attempts instead of the default")
    return passed(f"attempts and waits as {names} is documented")


def _is_late(gap: Gap) -> bool:
    # An adaptive client also waits for its own rate limiter
    return not gap.call.client.is_adaptive and gap.seconds > 1.1 * _longest(gap) + SLACK


VERDICTS = (
    Verdict(
        "V9",
        "Retries wait",
        Status.FAIL,
        f"DynamoDB Developer Guide, Error handling; {_LIBRARY}",
        "Wait before each retry, longer each time. An SDK does; a loop around it has to.",
        _backs_off,
    ),
    Verdict(
        "V10",
        "Waits grow exponentially",
        Status.FAIL,
        f"DynamoDB Developer Guide, Error handling; {_GUIDE}",
        "Double the range of the wait with each retry, up to 20 seconds.",
        _grows,
    ),
    Verdict(
        "V11",
        "Waits are jittered",
        Status.WARN,
        _LIBRARY,
        "Draw each wait from 0 up to the exponential bound, so that clients which failed together do not come back together.",
        _is_jittered,
    ),
    Verdict("V12", "Waits are capped", Status.WARN, _GUIDE, "Cap each wait at 20 seconds, 25 where the server asks for more.", _is_capped),
    Verdict(
        "V13",
        "Throttling is waited for longer than trouble",
        Status.INFO,
        _GUIDE,
        "Since 2026 SDKs start from 1,000 ms after throttling and 25 ms after other errors; older modes wait alike.",
        _throttling_waits_longer,
    ),
    Verdict(
        "V14",
        "The server's x-amz-retry-after is heeded",
        Status.FAIL,
        _GUIDE,
        "Wait at least as many milliseconds as the header says, and at most five seconds longer than without it.",
        _heeds_the_server,
    ),
    Verdict(
        "V15",
        "The client behaves as its SDK and mode are documented",
        Status.WARN,
        "sources and documentation of the SDKs",
        "Look for what else waits or retries: a time-out, a rate limiter, a retry setting in the environment.",
        _fits_its_profile,
    ),
)
