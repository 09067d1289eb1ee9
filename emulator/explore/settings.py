"""How a program is explored: what its user can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path

from dynafault_dataclass import dataclass
from emulator.explore.kinds import Tuning
from emulator.explore.runs import Bounds


@dataclass(frozen=True, slots=True)
class ExploreSettings:
    """How it is explored. `recover`: a program that failed is run again; `jobs` runs go on at a time; `most_runs` and `seconds` bound them;
    `found` is the folder for the scenarios of what is found; `slowness` is by how many times the clean run's time a run may take;
    `ignored` are globs over "table.attribute", or over attributes of any table; `known` the ids of findings that are accepted; `resume`:
    go on with what is in `found`; `stories`: keep what the page shows of each run."""

    found: Path = Path("found")
    recover: bool = True
    exhaustive: bool = False
    pairs: bool = False
    jobs: int = 2
    most_runs: int | None = None
    seconds: float | None = None
    slowness: float = 20.0
    seed: int | None = None
    ignored: Sequence[str] = ()
    known: frozenset[str] = frozenset()
    bounds: Bounds = field(default_factory=Bounds)
    tuning: Tuning = field(default_factory=Tuning)
    resume: bool = False
    stories: bool = False
