"""Whether waits are too short for a client that backs off: how likely such a client draws so many short ones. Noise is left out, since it
only makes waits longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emulator.audit.certainty import at_least
from emulator.audit.likelihood import LOWEST_CAP

# Limits below which a wait may count as none, in seconds: from the shortest time of a timer to what a client needs on a busy machine
_AT_ONCE = (0.001, 0.002, 0.005, 0.01, 0.02)
# Limits for a client that takes longer, as multiples of what half of its turn-arounds take
_TURNAROUNDS = (1.0, 1.5, 2.0)
# A client that takes longer than this between its calls does something else there, in seconds
_SLOWEST = 0.05
# The shortest range, in seconds, from which a program of one's own draws a wait; it doubles from there
_LEAST = 0.01
_MAX_DOUBLINGS = 10
# A wait that most good clients would have shows nothing about this one
_SIGNIFICANT = 0.6

# The chance that a client which backs off waits less than so many seconds
ChanceOfLess = Callable[[float], float]


def chance_of_haste(waits: Sequence[tuple[float, ChanceOfLess]], turnaround: float) -> tuple[float, float]:
    """(the chance that a client which backs off has as many waits as these below a limit; that limit, in seconds: the one with the smallest
    chance). `turnaround` is how long the client takes from the end of a call to its next one: for a slow client, waits as short as that are
    no waits at all."""
    slow = (times * turnaround for times in _TURNAROUNDS)
    limits = {*_AT_ONCE, *(limit for limit in slow if _AT_ONCE[-1] < limit <= _SLOWEST)}
    return min((min(1.0, len(limits) * _chance(waits, limit)), limit) for limit in limits)


def _chance(waits: Sequence[tuple[float, ChanceOfLess]], limit: float) -> float:
    significant = [(seconds, chance) for seconds, chance_of_less in waits if (chance := chance_of_less(limit)) <= _SIGNIFICANT]
    return at_least(sum(seconds < limit for seconds, _ in significant), [chance for _, chance in significant])


def drawn_from_least(doublings: int) -> ChanceOfLess:
    """The chance for a client without a documented back-off, whose range has doubled so often: full jitter over the shortest range that
    counts as back-off."""
    longest = min(LOWEST_CAP, _LEAST * 2.0 ** min(doublings, _MAX_DOUBLINGS))
    return lambda limit: min(1.0, limit / longest)
