"""`delay`: a wait before the answer, always the same or drawn from a distribution."""

from __future__ import annotations

from itertools import pairwise
from math import exp

from dynafault_dataclass import dataclass
from emulator.faults.chance import RequestRandom
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target, shown
from emulator.scenario.delays import Delay, FixedDelay, LognormalDelay, NormalDelay, PercentilesDelay, UniformDelay

_LEAST = 2.0**-54


@dataclass(frozen=True, slots=True)
class DelayEffect(Effect):
    """The delays of several rules add up."""

    delay: Delay

    @property
    def by_chance(self) -> bool:
        return not isinstance(self.delay, FixedDelay)

    def add(self, decision: Decision, target: Target) -> None:
        seconds = drawn(self.delay, target.random)
        decision.delay += seconds
        decision.texts.append(f"delay {shown(seconds)}")


def drawn(delay: Delay, random: RequestRandom) -> float:
    """A wait in seconds, never below nothing."""
    if isinstance(delay, FixedDelay):
        return delay.fixed
    share = random.uniform("delay")
    if isinstance(delay, UniformDelay):
        low, high = delay.uniform
        return low + (high - low) * share
    if isinstance(delay, PercentilesDelay):
        return _between(delay, share)
    # Which brings fractions and decimals with it
    from statistics import NormalDist

    deviation = NormalDist().inv_cdf(max(share, _LEAST))
    if isinstance(delay, NormalDelay):
        return max(0.0, delay.mean + delay.sd * deviation)
    return _cut(delay, delay.median * exp(delay.sigma * deviation))


def _cut(delay: LognormalDelay, seconds: float) -> float:
    return seconds if delay.max is None else min(seconds, delay.max)


def _between(delay: PercentilesDelay, share: float) -> float:
    """What a share of the waits does not exceed, on the straight lines between the points; flat after the last."""
    points = delay.percentiles if delay.percentiles[0][0] == 0.0 else ((0.0, 0.0), *delay.percentiles)
    for (low, short), (high, long) in pairwise(points):
        if share < high:
            return short + (long - short) * (share - low) / (high - low)
    return points[-1][1]
