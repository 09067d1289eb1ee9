"""How likely it is that chance alone made what was seen. Statistical verdicts speak up only where that is next to impossible."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

# A verdict that fails a run has to be surer than this
LIKELY = 0.01
# Where every client of every run is asked: to fail a run, and to warn
SURE, DOUBTFUL = 1e-5, 1e-3
_MAX_EXACT = 300


def at_least(count: int, chances: Sequence[float]) -> float:
    """The chance that `count` or more of independent events happen, whose own chances these are; beyond some hundred events an upper
    bound of it."""
    if count <= 0:
        return 1.0
    if len(chances) > _MAX_EXACT:
        return _bound(count, sum(chances))
    spread = [1.0] + [0.0] * count
    for chance in chances:
        # The last place collects everything from `count` on
        spread[count] += spread[count - 1] * chance
        for place in range(count - 1, 0, -1):
            spread[place] = spread[place] * (1 - chance) + spread[place - 1] * chance
        spread[0] *= 1 - chance
    return spread[count]


def as_small_together(values: Sequence[float]) -> float:
    """The chance that as many numbers as these, drawn evenly from 0 to 1, have a product as small as theirs (Fisher's method). The values
    lie above 0."""
    sum_of_logs = -sum(map(log, values))
    term = total = 1.0
    for place in range(1, len(values)):
        term *= sum_of_logs / place
        total += term
    return min(1.0, exp(-sum_of_logs) * total)


def sureness(chance: float) -> str:
    """How sure a finding is, in words: in how many runs chance alone would make it."""
    return f"{min(99.9, 100 * (1 - chance)):.4g} % sure"


def _bound(count: int, expected: float) -> float:
    """Chernoff's bound for a sum of independent events."""
    if count <= expected:
        return 1.0
    return exp(count - expected + count * log(expected / count)) if expected else 0.0
