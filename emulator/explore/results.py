"""What an exploration has come to: its cells, its findings, and what is to be known of both. Plain values, as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from dynafault_dataclass import dataclass
from emulator.explore.findings import ExploredFinding, ranked
from emulator.explore.points import Point


@dataclass(frozen=True, slots=True)
class CellResult:
    """One fault at one point. `outcome` is one of the words of `run_outcomes.RunOutcome`, None where the fault was not tried, or hit no
    request: `note` says why. `is_good`: nothing speaks against the program; `changed`: the calls that followed were other ones. `finding`
    is the id of the finding that it shows, "" for none; `seconds` how long the program ran, `differences` how the tables differ (see
    `differences.TableDifference.to_json`), `story` what the page shows when the cell is opened, as markup."""

    id: str
    point: str
    fault: str
    outcome: str | None
    note: str = ""
    is_good: bool = True
    changed: bool = True
    finding: str = ""
    seconds: float = 0.0
    why: Sequence[str] = ()
    differences: Sequence[Mapping[str, Any]] = ()
    second: Mapping[str, str] | None = None
    story: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "point": self.point,
            "fault": self.fault,
            "second": None if self.second is None else dict(self.second),
            "outcome": self.outcome,
            "finding": self.finding or None,
            "note": self.note,
            "seconds": round(self.seconds, 3),
            "why": list(self.why),
            "differences": list(self.differences),
        }


@dataclass(frozen=True, slots=True)
class Result:
    """`command` is the program's command line; `points` those of the clean run, `cells` in the order in which they were run, `left`
    how many runs there was no room for. `notes` are what else its user should know; `interrupted`: it was ended before its time.
    `parameters` are those of the scenario that were given."""

    command: Sequence[str]
    scenario: str
    points: Sequence[Point]
    cells: Sequence[CellResult]
    findings: Sequence[ExploredFinding]
    notes: Sequence[str] = ()
    masked: Sequence[str] = ()
    runs: int = 0
    left: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def new(self) -> list[ExploredFinding]:
        """The findings that the baseline does not have, the worst first."""
        return [one for one in ranked(self.findings) if not one.known]

    @property
    def known(self) -> list[ExploredFinding]:
        return [one for one in self.findings if one.known]

    def to_json(self) -> dict[str, Any]:
        """The published form; times in seconds."""
        return {
            "version": 1,
            "command": list(self.command),
            "scenario": self.scenario,
            "findings": [one.to_json() for one in ranked(self.findings)],
            "cells": [cell.to_json() for cell in self.cells],
            "points": [
                {"id": one.id, "operation": one.kind.operation, "tables": list(one.kind.tables), "site": one.kind.site or None}
                for one in self.points
            ],
            "masked": list(self.masked),
            "notes": list(self.notes),
            "runs": self.runs,
            "left": self.left,
            "seconds": round(self.seconds, 1),
            "interrupted": self.interrupted,
        }
