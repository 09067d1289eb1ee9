"""Whether waits grow exponentially, judged by likelihood: constant or linear waits against every growing ladder that could have made them.

The best growing ladder is taken for what a good client does: doubled or otherwise multiplied, up to a cap, with any usual jitter, its
SDK's own one included, and with noise of any kind up to what the run shows. Against it stand predictions of constant and of linear waits,
each made before the wait that it predicts is looked at. Their ratio is an e-value: a good client reaches 1/p with a chance of p at most
(Wasserman, Ramdas and Balakrishnan, "Universal inference", PNAS 2020). It bounds, it does not estimate, so it holds for few waits, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf, log
from statistics import median

from dynafault_dataclass import dataclass
from emulator.audit.likelihood import (
    LOWEST_CAP,
    NEVER,
    WIDTHS,
    EvenSpread,
    Shape,
    Step,
    best_jittered,
    distances,
    exact,
    log_density,
    log_exact,
    mean_of,
)

_GROWTHS = (1.3, 1.5, 2.0, 3.0)
# No library that jitters over the whole range multiplies by less
_LEAST_JITTERED_GROWTH = 1.5
# After how many retries a ladder may have reached its cap
_CAPS = (2, 3, 4, 5, 6, 8, 12)
# A cap lies above the wait before it, by so much at least
_HIGHER = 1.15
_MAX_STEPS = 300
_HIGHEST_LEVEL = 60
# A client whose waits have grown this many times and then stop growing has reached a cap of its own
_GROWN, _NEAR = 1.5, 0.9
# Waits that become shorter are no better than constant ones
_FALL = 0.7
# Linear waits may begin with the second or third step of their ladder
_OFFSETS = (0, 1, 2)
# Full jitter and equal jitter: from none or from half of the longest wait on
_LEASTS = (0.0, 0.5)
# The longest waits, in seconds, that are tried for jittered ones: from a millisecond to two minutes
_UNITS = tuple(0.001 * 1.08**step for step in range(153))


@dataclass(frozen=True, slots=True)
class Window:
    """What an SDK plans before a retry: between `least` and `most` seconds; `excess` is the noise that its waits show."""

    least: float
    most: float
    excess: float = 0.0


@dataclass(frozen=True, slots=True)
class Growth:
    """Natural logarithms of ratios: `against` of the better of constant and linear waits to the best growing ladder, `lenient` the
    same where a cap that only the last retry shows counts as growth; `evident` of the best growing ladder to constant waits.
    `kind` is "constant" or "linear", whichever fits better; `waits` how many there were, `usable` how many of them noise leaves."""

    against: float
    lenient: float
    evident: float
    kind: str
    waits: int
    usable: int


def growth_of(ladders: Sequence[Sequence[Step]], window: Callable[[int], Window] | None = None) -> Growth:
    """The verdict on the waits of one client, a ladder for each call; `window` is what its SDK plans, None where nobody knows."""
    steps = _judged(ladders)
    if not steps:
        return Growth(0.0, 0.0, 0.0, "constant", 0, 0)
    usable = [step for step in steps if not step.is_drowned]
    constants = [_Alternative(steps, shape) for shape in (lambda level: 1.0, lambda level: _FALL**level)]
    linears = [_Alternative(steps, lambda level, offset=offset: level + 1.0 + offset) for offset in _OFFSETS]  # type: ignore[misc]
    constant, linear = (mean_of([one.foretold for one in shapes]) for shapes in (constants, linears))
    other = mean_of([constant, linear])
    last = max((step.level for step in usable), default=0)
    found = list(_ladders(steps, last, window))
    strict = max(value for cap, value in found if cap != last)
    best = max(value for _, value in found)
    kind = "constant" if constant >= linear else "linear"
    evident = best - max(one.best for one in constants)
    return Growth(other - strict, other - best, evident, kind, len(steps), len(usable))


def _judged(ladders: Sequence[Sequence[Step]]) -> list[Step]:
    """The steps in their order, without those at what seems to be the client's own cap, and no more than are needed."""
    longest = max((step.seen for ladder in ladders for step in ladder), default=0.0)
    first = [ladder[0].seen for ladder in ladders if ladder]
    near = _NEAR * longest if first and longest >= _GROWN * median(first) else inf
    found: list[Step] = []
    for ladder in ladders:
        before = 0.0
        for step in ladder:
            if min(before, step.seen) < near and step.level <= _HIGHEST_LEVEL:
                found.append(step)
            before = step.seen
        if len(found) >= _MAX_STEPS:
            break
    return found[:_MAX_STEPS]


# --- constant, falling and linear waits


class _Alternative:
    """How likely waits of a shape are, whatever their unit and their jitter: `foretold` by predictions, `best` with the unit that fits
    best."""

    def __init__(self, steps: Sequence[Step], shape: Shape) -> None:
        off = distances(steps, shape)
        seen = [step.seen / shape(step.level) for step in steps]
        units = [unit for unit in _UNITS if 0.9 * min(seen) <= unit <= 2.5 * max(seen)] or [_UNITS[-1]]
        together, first = (
            [spread.within(lambda level, unit=unit: unit * shape(level), least) for least in _LEASTS for unit in units]  # type: ignore[misc]
            for spread in (EvenSpread(steps), EvenSpread(steps[:1]))
        )
        exactly = [exact(off, width) for width in WIDTHS]
        jitters = mean_of(together, 2 * len(_UNITS)) - mean_of(first, 2 * len(_UNITS))
        self.foretold = mean_of([mean_of(exactly), jitters])
        self.best = max(*exactly, max(both - one for both, one in zip(together, first, strict=True)))


# --- growing ladders


def _ladders(steps: Sequence[Step], last: int, window: Callable[[int], Window] | None) -> Iterator[tuple[int, float]]:
    """(the level from which on a growing ladder is at its cap, its best likelihood); `last` is the highest level."""
    if window is not None:
        yield NEVER, _documented(steps, window)
    yield NEVER, _decorrelated(steps)
    # The first two of Fibonacci's numbers are the same
    for shape, lowest in (*((_powers(growth), 2) for growth in _GROWTHS), (_fibonacci, 3)):
        for cap in (*(cap for cap in _CAPS if lowest <= cap <= last), NEVER):
            capped = [step.seen for step in steps if step.level >= cap]
            if capped and median(capped) < LOWEST_CAP:
                continue
            if shape(2) >= _LEAST_JITTERED_GROWTH**2 or shape is _fibonacci:
                yield from ((cap, best_jittered(steps, shape, cap, least)) for least in _LEASTS)
            below = [step.seen for step in steps if step.level == cap - 1]
            if not capped or not below or median(capped) >= _HIGHER * median(below):
                for share in (0.0, 1.0):
                    off = distances(steps, shape, cap, share)
                    yield cap, max(exact(off, width) for width in WIDTHS)


def _powers(growth: float) -> Shape:
    return lambda level: growth**level


def _fibonacci(level: int) -> float:
    before, now = 0, 1
    for _ in range(level):
        before, now = now, before + now
    return float(now)


def _decorrelated(steps: Sequence[Step]) -> float:
    """Each wait is drawn between the first window and three times the one before it."""
    least = min(step.planned for step in steps)
    total, before = 0.0, None
    for step in steps:
        high = 3.0 * (before.seen if before is not None and step.level == before.level + 1 else max(least, 1e-4))
        inside = step.planned <= high
        if before is not None and not step.is_drowned:
            total += log_density(step.seen / max(1e-4, high - least) * inside)
        before = step
    return total


def _documented(steps: Sequence[Step], window: Callable[[int], Window]) -> float:
    """The SDK's own waits: exact ones by their distance, jittered ones by their window."""
    likely = dict.fromkeys(WIDTHS, 0.0)
    for step in steps[1:]:
        planned = window(step.level)
        if step.is_drowned:
            continue
        if planned.most > planned.least:
            inside = step.planned <= planned.most + planned.excess and step.seen >= planned.least * 0.99
            density = step.seen / (planned.most - planned.least)
            likely = {width: total + log_density(density * inside) for width, total in likely.items()}
            continue
        low, high = max(1e-6, planned.most), max(1e-6, planned.most + step.noise + planned.excess)
        off = max(0.0, log(low / step.seen), log(step.seen / high))
        likely = {width: total + log_exact(off, width) for width, total in likely.items()}
    return max(likely.values())
