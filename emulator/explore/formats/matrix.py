"""The cells as a matrix: a row for each point, a column for each fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dynafault_dataclass import dataclass
from emulator.explore.kinds import KINDS, FaultKind
from emulator.explore.points import Point
from emulator.explore.results import CellResult, Result
from emulator.explore.run_outcomes import RunOutcome

# One letter for each outcome
LETTERS: Mapping[str, str] = {
    RunOutcome.SURVIVED.value: ".",
    RunOutcome.CRASHED.value: "C",
    RunOutcome.GAVE_UP.value: "G",
    RunOutcome.HUNG.value: "H",
    RunOutcome.WRONG.value: "W",
    RunOutcome.LOST.value: "L",
    RunOutcome.DOUBLED.value: "D",
}
# Survived, though a verdict or an expectation of the scenario failed; not tried, for what another cell has shown
COMPLAINT, LIKE_ANOTHER = "!", "="


@dataclass(frozen=True, slots=True)
class Matrix:
    """`faults` are those that are for one point at least; `rows` are points with their cells by fault, without those of pairs."""

    faults: Sequence[FaultKind]
    rows: Sequence[tuple[Point, Mapping[str, CellResult]]]
    pairs: Sequence[CellResult]


def matrix_of(result: Result) -> Matrix:
    singles = [cell for cell in result.cells if cell.second is None]
    by_point: dict[str, dict[str, CellResult]] = {}
    for cell in singles:
        by_point.setdefault(cell.point, {})[cell.fault] = cell
    asked = {cell.fault for cell in singles}
    return Matrix(
        [kind for kind in KINDS if kind.id in asked],
        [(point, by_point[point.id]) for point in result.points if point.id in by_point],
        [cell for cell in result.cells if cell.second is not None],
    )


def letter_of(cell: CellResult) -> str:
    if cell.outcome is None:
        return LIKE_ANOTHER
    return COMPLAINT if cell.outcome == RunOutcome.SURVIVED.value and not cell.is_good else LETTERS[cell.outcome]
