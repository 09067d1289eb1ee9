"""The waits between attempts against what SDKs are documented to wait: what several verdicts measure them by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulator.audit.seen import Gap, JudgedCall
from emulator.sdks.retry_profiles import PROFILES, RetryProfile

# A retry that comes sooner after the answer than this has not waited; the rest is the network and the client's own work
IMMEDIATE = 0.005
# A new client's first wait takes longer by what it has to set up; no clock tells waits apart better than the other
CLOSE = 0.3
SHARPEST = 0.01
# A client that waits this many times as long as at first backs off, even if its waits stay there
GROWN = 1.5
# The least number of waits that can show a pattern
ENOUGH = 8
# Below that, what the machine adds to waits hides whether they are the same
MEASURABLE = 0.02
# What the network and a busy machine may add to a wait, in seconds
SLACK = 0.25
# So many times, and so large a share of the waits, is more than a machine that stands still now and then
_MOMENTS = 2
_SHARE = 0.05
_MAX_SHARE = 0.5
# A server's wish makes a wait longer by so much at most
MAX_HINT = 5.0
NEW = PROFILES["standard-2026"]


def expected(gap: Gap) -> RetryProfile:
    """The documented behaviour of the client; for a client that is not known, that of all SDKs since 2026."""
    return gap.call.profile or NEW


def longest_of(gap: Gap) -> float:
    return expected(gap).longest_wait(gap.retry, gap.is_throttling)


def calls_of(gaps: Iterable[Gap]) -> list[JudgedCall]:
    return [gap.call for gap in gaps]


def may_be_a_stall(late: list[Gap], all_gaps: Sequence[Gap]) -> bool:
    """Whether waits that are too long look like a machine that stood still now and then, and not like a client that waits so long:
    all in one moment, few among many, or in two moments and not the half of them."""
    moments, share = _moments(late), len(late) / len(all_gaps)
    return moments < _MOMENTS or share < _SHARE or (moments == _MOMENTS and share < _MAX_SHARE)


def _moments(gaps: list[Gap]) -> int:
    """How many of these waits follow one another: those that overlap are stopped by the same stall."""
    moments, until = 0, float("-inf")
    for gap in sorted(gaps, key=lambda gap: gap.until):
        if gap.until - gap.seconds >= until:
            moments, until = moments + 1, gap.until
    return moments
