"""What came of many runs, in figures: kept as data, from which the page of the verdicts is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from math import exp
from pathlib import Path
from typing import Any

import orjson

from calibration.runs import FLAWS, NOISES, WORKERS, Cell, Result, documented_warnings

MEASURED = Path(__file__).parent / "measured.json"
# Detections are shown for runs with at least so many waits, and fewer than the next
WAITS = (0, 10, 30, 100)
_SURE = 0.05


@dataclass(slots=True)
class Tally:
    """How many runs there were, in how many of them a verdict failed and, of the others, in how many one warned."""

    runs: int = 0
    failed: int = 0
    warned: int = 0

    def add(self, failed: bool, warned: bool) -> None:
        self.runs += 1
        self.failed += failed
        self.warned += warned and not failed


@dataclass(slots=True)
class Measured:
    """`good`: false fails and warnings of good clients by noise and workers; `worst` the cell with the most of them. `flaws`: what the
    verdicts that are meant for a flaw say of it, by the number of waits."""

    seed: int = 0
    good: dict[str, dict[str, Tally]] = field(default_factory=lambda: {n: {str(w): Tally() for w in WORKERS} for n in NOISES})
    fails: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    worst: dict[str, Any] = field(default_factory=dict)
    flaws: dict[str, dict[str, Tally]] = field(default_factory=lambda: {name: {str(w): Tally() for w in WAITS} for name in FLAWS})

    @property
    def total(self) -> Tally:
        tallies = [tally for row in self.good.values() for tally in row.values()]
        return Tally(*(sum(getattr(tally, name) for tally in tallies) for name in ("runs", "failed", "warned")))


def measure(seed: int, results: Iterable[tuple[Cell, Result]]) -> Measured:
    """The figures of results in any order."""
    measured = Measured(seed)
    by_cell: dict[Cell, Tally] = {}
    fails, warnings = Counter[str](), Counter[str]()
    for cell, result in results:
        flaw = FLAWS.get(cell.client)
        if flaw is None:
            false = [name for name in result.warned if name not in documented_warnings(cell.client)]
            for tally in (measured.good[cell.noise][str(cell.workers)], by_cell.setdefault(cell, Tally())):
                tally.add(bool(result.failed), bool(false))
            fails.update(result.failed)
            warnings.update(false)
        else:
            meant = set(flaw.verdicts)
            bucket = max(least for least in WAITS if result.waits >= least)
            measured.flaws[cell.client][str(bucket)].add(bool(meant & set(result.failed)), bool(meant & set(result.warned)))
    measured.fails, measured.warnings = dict(fails), dict(warnings)
    worst = max(by_cell.items(), key=lambda one: (one[1].failed, one[1].warned / max(1, one[1].runs)), default=None)
    if worst is not None:
        measured.worst = {**asdict(worst[0]), **asdict(worst[1])}
    return measured


def save(measured: Measured, path: Path = MEASURED) -> None:
    """As the page of the verdicts reads it: `at_most` is the rate of false fails that the runs leave open, at 95 %."""
    total = measured.total
    flaws = {name: {"verdicts": FLAWS[name].verdicts, "by_waits": row} for name, row in measured.flaws.items()}
    found = {**asdict(measured), "total": asdict(total), "at_most": at_most(total.failed, total.runs), "flaws": flaws}
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")


def at_most(seen: int, runs: int) -> float:
    """The highest rate with which so few are seen in so many runs at least once in twenty times."""
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        low, high = (rate, high) if _chance(seen, rate * runs) > _SURE else (low, rate)
    return high


def _chance(most: int, expected: float) -> float:
    """Poisson: that no more are seen than `most`."""
    term = total = exp(-expected)
    for number in range(1, most + 1):
        term *= expected / number
        total += term
    return total
