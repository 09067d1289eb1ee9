"""Whether waits before the same retry differ from call to call, judged by likelihood as growth is (see `growth`): waits that are all the
same, each predicted by the ones before it, against any jitter that is worth the name."""

from __future__ import annotations

from collections.abc import Sequence

from dynafault_dataclass import dataclass
from emulator.audit.likelihood import NEVER, WIDTHS, Step, best_jittered, distances, exact, mean_of

# Full and equal jitter, and the least that counts: spread over a quarter of the longest wait
_NARROWEST = 0.75
_LEASTS = (0.0, 0.5, _NARROWEST)
_MAX_STEPS = 300


@dataclass(frozen=True, slots=True)
class Spread:
    """Natural logarithm of the ratio of waits without jitter to jittered ones; `waits` how many there were to compare, `usable` how many
    of them noise leaves."""

    against: float
    waits: int
    usable: int


def spread_of(levels: Sequence[Sequence[Step]]) -> Spread:
    """The verdict on the waits of one client: those before each retry, in the order of their calls."""
    compared = [level[:_MAX_STEPS] for level in levels if len(level) > 1]
    usable = sum(not step.is_drowned for level in compared for step in level)
    if not compared:
        return Spread(0.0, 0, 0)
    off = [distances(level, lambda _: 1.0) for level in compared]
    same = mean_of([sum(exact(found, width) for found in off) for width in WIDTHS])
    jittered = sum(max(best_jittered(level, lambda _: 1.0, NEVER, least) for least in (*_LEASTS, _share(level))) for level in compared)
    return Spread(same - jittered, sum(map(len, compared)), usable)


def _share(level: Sequence[Step]) -> float:
    """The shortest of these waits, as a share of the longest: jitter between the two would explain them best."""
    longest = max(step.planned for step in level)
    return min(_NARROWEST, 0.99 * min(step.seen for step in level) / longest) if longest > 0 else 0.0
