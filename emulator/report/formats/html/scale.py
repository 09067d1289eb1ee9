"""Axes: round steps, and times in words."""

from __future__ import annotations

from math import ceil, log10


def step_for(largest: float, ticks: int) -> float:
    """The smallest of 1, 2, 5, 10, 20 ... that reaches `largest` in at most so many steps."""
    if largest <= 0:
        return 1.0
    least = largest / ticks
    power = 10.0 ** ceil(log10(least) - 1)
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999999)


def ticks_for(largest: float, ticks: int) -> list[float]:
    """Round values from 0 to `largest`."""
    step = step_for(largest, ticks)
    return [number * step for number in range(int(largest / step + 1e-9) + 1)]


def duration(seconds: float) -> str:
    """A time in as few characters as say it."""
    if seconds < 0.0095:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {seconds % 60:.0f} s"


def plain(seconds: float) -> str:
    """A round time, as axes have them."""
    return f"{seconds:g} s" if seconds >= 1 or not seconds else f"{seconds * 1000:g} ms"
