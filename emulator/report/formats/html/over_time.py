"""Requests over the time of the run, stacked by what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from dynafault_dataclass import dataclass
from emulator.audit import JudgedCall
from emulator.report.call_notes import KeyNames
from emulator.report.fates import FATES, fate_of
from emulator.report.formats.html.scale import plain, step_for, ticks_for

WIDTH, HEIGHT = 1000, 180
_MAX_BINS = 125


@dataclass(frozen=True, slots=True)
class Tick:
    place: float
    label: str


@dataclass(frozen=True, slots=True)
class OverTime:
    """The chart: one SVG path for each fate, with how many requests it stands for."""

    paths: tuple[tuple[str, str, int], ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    bin: str


def over_time(calls: Sequence[JudgedCall], names: KeyNames) -> OverTime | None:
    """None where there is nothing to show; `names` are the key attributes of tables."""
    found = [
        (entry.request.arrived, fate_of(entry, answer, names))
        for call in calls
        for entry, answer in zip(call.entries, call.answers, strict=True)
    ]
    if not found:
        return None
    start = min(arrived for arrived, _ in found)
    span = max(max(arrived for arrived, _ in found) - start, 0.05)
    # Bins of a round length, so that their label can be read
    length = step_for(span, _MAX_BINS)
    bins = int(span / length) + 1
    counts = {fate: [0] * bins for fate in FATES}
    for arrived, fate in found:
        counts[fate][int((arrived - start) / length)] += 1
    most = max(map(sum, zip(*counts.values(), strict=True)))
    return OverTime(
        paths=tuple(_paths(counts, most, WIDTH / bins)),
        across=tuple(Tick(round(at / (length * bins) * WIDTH, 1), plain(at)) for at in ticks_for(span, 8)),
        up=tuple(Tick(round(HEIGHT - at / most * HEIGHT, 1), f"{at:g}") for at in ticks_for(most, 4)),
        bin=plain(length),
    )


def _paths(counts: dict[str, list[int]], most: int, wide: float) -> list[tuple[str, str, int]]:
    below = [0] * len(counts["ok"])
    paths = []
    for fate, counted in counts.items():
        parts = []
        for place, count in enumerate(counted):
            if count:
                high = count / most * HEIGHT
                bottom = HEIGHT - below[place] / most * HEIGHT
                parts.append(f"M{place * wide:.1f} {bottom:.1f}h{wide - 1:.2f}v{-high:.1f}h{1 - wide:.2f}z")
                below[place] += count
        if parts:
            paths.append((fate, "".join(parts), sum(counted)))
    return paths
