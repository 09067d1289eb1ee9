"""How likely the waits of one client are: predicted exactly, or spread evenly by jitter, under the noise of a machine.

All values are natural logarithms of densities on a logarithmic scale of time, given the first wait, which nothing predicts. A share of
waits may be strays, which nothing explains. Of a wait that noise drowns, only that it is short counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from math import exp, inf, log
from statistics import median
from typing import NamedTuple

# Relative widths of a wait without jitter around what is predicted
WIDTHS = (0.003, 0.01, 0.03, 0.1, 0.25)
# The share of waits that nothing explains, and how densely these lie on a logarithmic scale from a millisecond to a minute
_STRAY = 0.05
_STRAY_DENSITY = _STRAY / 11.0
_LOG_STRAY = log(_STRAY_DENSITY)
# No cap is lower, in seconds: what stays below it does not back off
LOWEST_CAP = 0.1
# Waits shorter than so many times the noise tell nothing but that they are short
DROWNED = 3.0
NEVER = 10**6
_RECENT = 5
# How much of the waits a window has to hold, of several tries
_SHARES = (1.0, 0.95, 0.85)
_SHORTEST = 1e-6

Shape = Callable[[int], float]


class Step(NamedTuple):
    """A wait: `level` counts retries from 0, `seen` is its length in seconds, of which `noise` may be the machine's."""

    level: int
    seen: float
    noise: float

    @property
    def is_drowned(self) -> bool:
        return self.seen < DROWNED * self.noise

    @property
    def planned(self) -> float:
        """The least that the client can have planned."""
        return max(0.0, self.seen - self.noise)


def mean_of(logs: Sequence[float], of: int = 0) -> float:
    """The logarithm of the mean of likelihoods, of which only the first so many have to be given: the others are next to nothing."""
    most = max(logs)
    return most + log(sum(exp(one - most) for one in logs) / max(of, len(logs)))


def log_density(density: float) -> float:
    """The density at a wait that may be a stray."""
    return log(_STRAY_DENSITY + (1.0 - _STRAY) * density)


def log_exact(off: float, width: float, scale: float = 1.0) -> float:
    """The density at a wait that lies this far from what is predicted."""
    return log_density(scale * exp(-abs(off) / width) / (2.0 * width))


class Distance(NamedTuple):
    """How far a wait is from the prediction, on a logarithmic scale: None where there was nothing to predict it by. `drowned`: whether
    the wait is, and whether the prediction is, too. `scale`: how much that scale is stretched where noise was taken off."""

    off: float | None
    drowned: bool
    expected_drowned: bool
    scale: float


def distances(steps: Sequence[Step], shape: Shape, cap: int = NEVER, share: float = 0.0) -> list[Distance]:
    """Of each wait from what the ones before it predict. From level `cap` on, waits are compared among themselves. `share` of its noise
    is taken off each wait."""
    recent: dict[bool, list[float]] = {False: [], True: []}
    found = []
    for step in steps:
        is_capped = step.level >= cap
        unit = 1.0 if is_capped else shape(step.level)
        planned = max(_SHORTEST, step.seen - share * step.noise)
        known = recent[is_capped][-_RECENT:]
        expected = median(known) * unit if known else 0.0
        off = log(planned / max(expected, _SHORTEST)) if known else None
        found.append(Distance(off, step.is_drowned, expected < DROWNED * step.noise, step.seen / planned))
        recent[is_capped].append(planned / unit)
    return found


def exact(found: Sequence[Distance], width: float) -> float:
    """The likelihood of waits without jitter."""
    total = 0.0
    for off, drowned, expected_drowned, scale in found:
        if drowned:
            total += 0.0 if expected_drowned or off is None else log(_STRAY + (1.0 - _STRAY) * 0.5 * exp(-abs(off) / width))
        elif off is not None:
            total += log_exact(off, width, scale)
    return total


class EvenSpread:
    """The likelihood of waits that are spread evenly between a share of the most and the most, for one window after another."""

    def __init__(self, steps: Sequence[Step]) -> None:
        levels: dict[int, list[float]] = {}
        for step in steps:
            if not step.is_drowned:
                levels.setdefault(step.level, []).append(step.seen)
        self._drowned = [(step.level, DROWNED * step.noise) for step in steps if step.is_drowned]
        self._levels = [(level, sorted(seen)) for level, seen in levels.items()]
        # Sums from the shortest on, so that a window costs two look-ups
        self._sums = [[0.0, *accumulate(log((1.0 - _STRAY) * max(one, _SHORTEST)) for one in seen)] for _, seen in self._levels]

    def within(self, most: Shape, least: float) -> float:
        total = 0.0
        for (level, seen), sums in zip(self._levels, self._sums, strict=True):
            high = most(level)
            low = least * high
            first, last = bisect_left(seen, low), bisect_right(seen, high)
            inside = last - first
            total += sums[last] - sums[first] - inside * log(high - low) + (len(seen) - inside) * _LOG_STRAY
        for level, below in self._drowned:
            high = most(level)
            low = least * high
            total += log(max(_STRAY, min(1.0, (below - low) / (high - low))))
        return total


def best_jittered(steps: Sequence[Step], shape: Shape, cap: int, least: float) -> float:
    """With the window that fits best, noise aside; a few waits may be strays above it."""
    units = sorted(step.planned / shape(step.level) for step in steps if step.level < cap and not step.is_drowned)
    capped = sorted(step.planned for step in steps if step.level >= cap and not step.is_drowned)
    if not units:
        return -inf if capped else 0.0
    best = -inf
    for share in _SHARES:
        unit = max(1e-4, units[int(share * (len(units) - 1))])
        top = max(LOWEST_CAP, unit * shape(cap - 1), capped[int(share * (len(capped) - 1))]) if capped else inf
        best = max(best, _within(steps, lambda level, unit=unit, top=top: top if level >= cap else unit * shape(level), least))  # type: ignore[misc]
    return best


def _within(steps: Sequence[Step], most: Shape, least: float) -> float:
    """The most that the likelihood of jittered waits can be under noise of any kind: what is added to an even spread over a window
    makes it nowhere denser."""
    total = 0.0
    for step in steps[1:]:
        high = most(step.level)
        density = 1.0 / (high * (1.0 - least))
        if step.is_drowned:
            total += log(max(_STRAY, min(1.0, DROWNED * step.noise * density)))
        else:
            inside = step.planned <= high * 1.0001 and step.seen >= least * high
            total += log_density(step.seen * density * inside)
    return total
