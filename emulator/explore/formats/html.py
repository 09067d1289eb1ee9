"""An exploration as one HTML file: the matrix, the findings, and each cell to be opened with the story of its run and the rows of the
tables that differ, side by side."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.explore.differences import shown
from emulator.explore.formats.matrix import COMPLAINT, LETTERS, letter_of, matrix_of
from emulator.explore.results import Result
from emulator.report.formats.html.rendering import render_template
from emulator.report.formats.html.scale import duration
from emulator.version import __version__

_MAX_ROWS = 20
# The attributes of an item: name, value, whether it differs
Side = list[tuple[str, str, bool]]
_CLASSES = {".": "pass", "=": "soft", COMPLAINT: "warn", "C": "warn", "G": "warn", "H": "warn", "W": "fail", "L": "fail", "D": "fail"}


def render_html(result: Result) -> str:
    matrix = matrix_of(result)
    places = {cell.id: f"cell-{number}" for number, cell in enumerate(result.cells, 1)}
    findings = {one.id: one for one in result.findings}
    opened = [
        {
            "cell": cell,
            "place": places[cell.id],
            "mark": _CLASSES[letter_of(cell)],
            "finding": findings.get(cell.finding),
            "took": duration(cell.seconds),
            "tables": [_sides(difference) for difference in cell.differences],
        }
        for cell in sorted(result.cells, key=lambda one: (one.is_good, one.outcome == "survived"))
        if cell.outcome is not None
    ]
    return render_template(
        "exploration.html",
        result=result,
        command=shlex.join(result.command),
        matrix=matrix,
        letter=letter_of,
        styles=_CLASSES,
        places=places,
        opened=opened,
        letters={letter: word for word, letter in LETTERS.items()} | {COMPLAINT: "survived, but a verdict failed", "=": "not tried"},
        summary=_summary(result),
        tried=sum(cell.outcome is not None for cell in result.cells),
        version=__version__,
    )


def _summary(result: Result) -> list[tuple[str, str]]:
    return [
        ("calls", f"{len(result.points):,}"),
        ("cells", f"{sum(cell.outcome is not None for cell in result.cells):,}"),
        ("runs", f"{result.runs:,}"),
        ("findings", f"{len(result.new):,}"),
        ("took", duration(result.seconds)),
    ]


def _sides(difference: Mapping[str, Any]) -> dict[str, Any]:
    """A table that differs: rows of both sides, with the attributes that differ."""
    rows: list[tuple[Side, Side]] = [(_row(one, ()), []) for one in difference["missing"]]
    rows += [([], _row(one, ())) for one in difference["extra"]]
    rows += [(_row(one["clean"], one["attributes"]), _row(one["seen"], one["attributes"])) for one in difference["changed"]]
    return {**difference, "rows": rows[:_MAX_ROWS], "left": max(0, len(rows) - _MAX_ROWS)}


def _row(item: Mapping[str, Any], differing: Sequence[str]) -> Side:
    return [(name, shown(value), name in differing) for name, value in sorted(item.items())]
