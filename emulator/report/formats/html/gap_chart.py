"""Waits by the number of the retry, beside the waits that the client's SDK documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import log10

from dynafault_dataclass import dataclass
from emulator.audit.seen import Gap
from emulator.report.formats.html.over_time import Tick
from emulator.report.formats.html.scale import plain
from emulator.sdks.retry_profiles import PROFILES, Jitter, RetryProfile

WIDTH, HEIGHT = 470, 200
# Waits from one millisecond to a hundred seconds; what lies outside is drawn at the edge
_LOWEST, _HIGHEST = -3.0, 2.0
_MAX_RETRIES = 12
_MAX_DOTS = 300
# Pixels of one step of the density
_STEP = 4
_MAX_PANELS = 6


@dataclass(frozen=True, slots=True)
class Panel:
    """The waits of one client after one kind of error. `dots`, `density` and `band` are SVG paths: few waits are dots, many are told by how
    wide they lie beside each other; `band` is what is documented, `profile` whose."""

    title: str
    count: int
    dots: str
    density: str
    band: str
    profile: str
    is_known: bool
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def gap_panels(gaps: Iterable[Gap]) -> list[Panel]:
    """A panel for each client and kind of error, those with the most waits first."""
    kinds: dict[tuple[str, str, bool], list[Gap]] = {}
    for gap in gaps:
        profile = gap.call.profile
        kinds.setdefault((gap.call.client.label, profile.name if profile else "", gap.is_throttling), []).append(gap)
    ranked = sorted(kinds.items(), key=lambda kind: -len(kind[1]))[:_MAX_PANELS]
    return [_panel(label, name, throttling, waits) for (label, name, throttling), waits in ranked]


def _panel(label: str, name: str, throttling: bool, gaps: list[Gap]) -> Panel:
    profile = PROFILES[name or "standard-2026"]
    columns = min(_MAX_RETRIES, max(gap.retry for gap in gaps) + 1)
    wide = WIDTH / columns
    has_many = len(gaps) > _MAX_DOTS
    return Panel(
        title=f"{label}, after {'throttling' if throttling else 'other failures'}",
        count=len(gaps),
        dots="" if has_many else "".join(_dots(gaps, wide)),
        density="".join(_density(gaps, wide)) if has_many else "",
        band=_band(profile, throttling, columns, wide),
        profile=profile.name,
        is_known=bool(name),
        across=tuple(Tick(round((retry + 0.5) * wide, 1), str(retry + 1)) for retry in range(columns)),
        up=tuple(Tick(_height(10.0**power), plain(10.0**power)) for power in range(-3, 3)),
    )


def _dots(gaps: Iterable[Gap], wide: float) -> Iterable[str]:
    """Strokes of no length: with round caps they are dots, and thousands of them one path."""
    for place, gap in enumerate(gaps):
        if gap.retry < _MAX_RETRIES:
            # Dots of one column lie beside each other, in an order that looks like none
            aside = (place * 0.618034) % 1.0
            yield f"M{(gap.retry + 0.2 + 0.6 * aside) * wide:.1f} {_height(gap.seconds)}h0"


def _density(gaps: Iterable[Gap], wide: float) -> Iterable[str]:
    """For each retry the waits as a column that is as wide as there are many of that length, the most frequent as wide as the column."""
    counts: dict[int, Counter[int]] = {}
    for gap in gaps:
        if gap.retry < _MAX_RETRIES:
            counts.setdefault(gap.retry, Counter())[min(HEIGHT // _STEP - 1, int(_height(gap.seconds) / _STEP))] += 1
    for retry, steps in sorted(counts.items()):
        most = max(steps.values())
        for step, count in sorted(steps.items()):
            width = max(1.5, 0.8 * wide * count / most)
            yield f"M{(retry + 0.5) * wide - width / 2:.1f} {step * _STEP}h{width:.1f}v{_STEP}h{-width:.1f}z"


def _band(profile: RetryProfile, throttling: bool, columns: int, wide: float) -> str:
    jitter = profile.throttling_jitter if throttling else profile.jitter
    parts = []
    for retry in range(columns):
        most = profile.longest_wait(retry, throttling)
        least = {Jitter.FULL: 0.0, Jitter.NONE: most * 0.9}.get(jitter, most / 2)
        top, bottom = _height(most * (1.1 if jitter is Jitter.NONE else 1.0)), _height(least)
        parts.append(f"M{(retry + 0.08) * wide:.1f} {top}h{0.84 * wide:.1f}V{bottom}h{-0.84 * wide:.1f}z")
    return "".join(parts)


def _height(seconds: float) -> float:
    power = min(_HIGHEST, max(_LOWEST, log10(seconds) if seconds > 0 else _LOWEST))
    return round(HEIGHT - (power - _LOWEST) / (_HIGHEST - _LOWEST) * HEIGHT, 1)
