"""The bounds of the waits between attempts: the cap, the kind of error, the server's wish, what the SDK's documentation says."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from emulator.audit.evidence import Evidence, Gap
from emulator.audit.verdicts.verdict import Ruling, Status, Verdict, counted, found, milliseconds, nothing, passed
from emulator.audit.verdicts.waiting import ENOUGH, GUIDE, NEW, calls_of, expected, longest_of
from emulator.outcomes import ResponseClass
from emulator.retry_profiles import PROFILES

# What the network and a busy machine may add to a wait
SLACK = 0.25
# So many times, and so large a share of the waits, is more than a machine that stands still now and then
_MOMENTS = 2
_SHARE = 0.05
# A server's wish makes a wait longer by so much at most
_HINT_MOST = 5.0
# Clocks of client and server need not tick alike
_EARLY = 0.005


def _is_capped(evidence: Evidence) -> Ruling:
    if not evidence.gaps:
        return nothing("no call was tried again")
    beyond = [gap for gap in evidence.gaps if gap.seconds > _cap(gap) and not gap.call.client.is_adaptive]
    longest = max(gap.seconds for gap in evidence.gaps)
    if beyond:
        return found(
            Status.WARN, calls_of(beyond), f"{counted(len(beyond), 'wait')} beyond the usual 20 s, the longest {milliseconds(longest)}"
        )
    return passed(f"the longest wait was {milliseconds(longest)}")


def _cap(gap: Gap) -> float:
    documented = PROFILES["go-v1"].cap * 2 if gap.call.profile is PROFILES["go-v1"] else NEW.cap
    return documented + (0 if gap.hint is None else _HINT_MOST) + SLACK


def _throttling_waits_longer(evidence: Evidence) -> Ruling:
    first = [gap for gap in evidence.gaps if gap.retry == 0 and gap.hint is None]
    slow = [gap.seconds for gap in first if gap.is_throttling]
    fast = [gap.seconds for gap in first if gap.after.outcome is ResponseClass.TRANSIENT]
    if not slow or not fast:
        return nothing("it takes first retries after throttling and after server errors")
    why = (
        f"mean wait {milliseconds(mean(slow))} after throttling ({len(slow)}), {milliseconds(mean(fast))} after server errors ({len(fast)})"
    )
    if min(len(slow), len(fast)) < ENOUGH:
        return Ruling(Status.INFO, f"{why}; too few to be sure")
    return passed(why) if mean(slow) > 2 * mean(fast) else Ruling(Status.INFO, why)


def _heeds_the_server(evidence: Evidence) -> Ruling:
    hinted = [gap for gap in evidence.gaps if gap.hint]
    if not hinted:
        return nothing("no answer asked for a wait that was followed by a retry")
    ignored = [gap for gap in hinted if _is_early(gap) or _believes_too_much(gap)]
    late = [gap for gap in hinted if gap not in ignored and gap.seconds > _latest(gap) and not gap.call.client.is_adaptive]
    if not ignored and not late:
        return passed(f"{counted(len(hinted), 'wait')} as the server asked")
    sure = ignored if _may_be_a_stall(late, hinted) else ignored + late
    bound = [gap for gap in sure if gap.call.profile is not None and gap.call.profile.heeds_hint]
    seen = bound or sure or late
    example = f"{milliseconds(seen[0].seconds)} for {milliseconds(seen[0].hint or 0)}"
    why = f"{counted(len(seen), 'wait')} other than the server asked, such as {example}"
    return found(Status.FAIL if bound else Status.INFO, calls_of(seen), why)


def _is_early(gap: Gap) -> bool:
    return gap.seconds < min(gap.hint or 0, _HINT_MOST) - _EARLY


def _believes_too_much(gap: Gap) -> bool:
    """Whether the client waits as long as it is told, where that is longer than a server may ask."""
    return gap.hint is not None and gap.hint > longest_of(gap) + _HINT_MOST + SLACK and gap.seconds >= gap.hint - _EARLY


def _latest(gap: Gap) -> float:
    """The header is heeded between the client's own wait and five seconds more."""
    return min(max(longest_of(gap), gap.hint or 0), longest_of(gap) + _HINT_MOST) + SLACK


def _may_be_a_stall(late: list[Gap], all_gaps: Sequence[Gap]) -> bool:
    """Whether waits that are too long look like a machine that stood still now and then, and not like a client that waits so long:
    all in one moment, or few among many."""
    return _moments(late) < _MOMENTS or len(late) < _SHARE * len(all_gaps)


def _moments(gaps: list[Gap]) -> int:
    """How many of these waits follow one another: those that overlap are stopped by the same stall."""
    moments, until = 0, float("-inf")
    for gap in sorted(gaps, key=lambda gap: gap.until):
        if gap.until - gap.seconds >= until:
            moments, until = moments + 1, gap.until
    return moments


def _fits_its_profile(evidence: Evidence) -> Ruling:
    known = [call for call in evidence.retried if call.profile is not None]
    if not known:
        return nothing("no retried call of an SDK that is known")
    late = [gap for call in known for gap in call.gaps if gap.hint is None and _is_late(gap)]
    if late:
        gap = max(late, key=lambda gap: gap.seconds - longest_of(gap))
        waits = f"{counted(len(late), 'wait')} longer than {expected(gap).name} has them"
        why = f"{waits}: {milliseconds(gap.seconds)} instead of {milliseconds(longest_of(gap))} at most"
        if _may_be_a_stall(late, [gap for call in known for gap in call.gaps]):
            return found(Status.INFO, calls_of(late), f"{why}; a busy machine may do that")
        return found(Status.WARN, calls_of(late), why)
    names = ", ".join(sorted({call.profile.name for call in known if call.profile is not None}))
    other = [call for call in known if call.profile is not None and call.declared not in (None, call.profile.attempts)]
    if other:
        return found(Status.INFO, other, f"as {names}, but with {other[0].declared} attempts instead of the default")
    return passed(f"attempts and waits as {names} is documented")


def _is_late(gap: Gap) -> bool:
    # An adaptive client also waits for its own rate limiter
    return not gap.call.client.is_adaptive and gap.seconds > 1.1 * longest_of(gap) + SLACK


VERDICTS = (
    Verdict(
        "V12",
        "Waits are capped",
        "The longest waits, against 20 seconds, or the cap of the client's own SDK.",
        Status.WARN,
        GUIDE,
        "Cap each wait at 20 seconds, 25 where the server asks for more.",
        _is_capped,
    ),
    Verdict(
        "V13",
        "Throttling is waited for longer than trouble",
        "The mean waits before first retries, after throttling and after server errors.",
        Status.INFO,
        GUIDE,
        "Since 2026 SDKs start from 1,000 ms after throttling and 25 ms after other errors; older modes wait alike.",
        _throttling_waits_longer,
    ),
    Verdict(
        "V14",
        "The server's x-amz-retry-after is heeded",
        "Waits after answers that carry x-amz-retry-after; fails for SDKs and modes that are documented to heed it.",
        Status.FAIL,
        GUIDE,
        "Wait at least as many milliseconds as the header says, and at most five seconds longer than without it.",
        _heeds_the_server,
    ),
    Verdict(
        "V15",
        "The client behaves as its SDK and mode are documented",
        "Attempts and waits of SDKs that are known by their User-Agent, against the documentation of their retry mode. A wait or two "
        "that are too long may be a machine that stood still, and are only told.",
        Status.WARN,
        "sources and documentation of the SDKs",
        "Look for what else waits or retries: a time-out, a rate limiter, a retry setting in the environment.",
        _fits_its_profile,
    ),
)
