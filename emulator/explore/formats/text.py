"""An exploration on a terminal: the matrix, the findings with how each is made to happen, and what is to be known beside."""

from __future__ import annotations

import io
import shlex

from rich.console import Console
from rich.text import Text

from emulator.explore.findings import ExploredFinding
from emulator.explore.formats.matrix import COMPLAINT, LETTERS, LIKE_ANOTHER, Matrix, letter_of, matrix_of
from emulator.explore.reproduction import command_of
from emulator.explore.results import Result
from emulator.scenario.phrases import printable

_WIDTH = 140
_MAX_POINT = 44
_MAX_ROWS = 60
_MAX_NOTES = 20
_STYLES = {".": "green", COMPLAINT: "yellow", LIKE_ANOTHER: "dim", "C": "yellow", "G": "yellow", "H": "magenta"}
_SEVERITY = {"high": "bold red", "medium": "yellow", "low": "cyan"}


def render_text(result: Result, *, color: bool = False) -> str:
    """As text, with terminal colours if wanted."""
    out = io.StringIO()
    console = Console(file=out, width=_WIDTH, force_terminal=color, no_color=not color, highlight=False)
    _print_matrix(matrix_of(result), console)
    for finding in result.new:
        _print_finding(finding, result, console)
    if result.known:
        _print(console, Text(f"known by the baseline, and there again: {len(result.known)}", "dim"))
    for note in result.notes[:_MAX_NOTES]:
        _print(console, Text(f"note: {note}", "dim"))
    if result.masked:
        _print(console, Text(f"not compared, since it differs by itself: {', '.join(result.masked[:_MAX_NOTES])}", "dim"))
    _print(console, _summary(result))
    return out.getvalue()


def _print(console: Console, text: Text) -> None:
    """Whatever programs and scenarios put into it, nothing moves the cursor or changes the terminal."""
    text.plain = printable(text.plain)
    console.print(text, soft_wrap=True)


def _print_matrix(matrix: Matrix, console: Console) -> None:
    if not matrix.rows:
        return
    wide = min(_MAX_POINT, max(len(point.id) for point, _ in matrix.rows))
    numbers = [f"{number:>3}" for number in range(1, len(matrix.faults) + 1)]
    _print(console, Text(f"{'':{wide}} {''.join(numbers)}", "bold"))
    for point, cells in matrix.rows[:_MAX_ROWS]:
        line = Text(f"{point.id[:wide]:{wide}} ")
        for fault in matrix.faults:
            cell = cells.get(fault.id)
            letter = " " if cell is None else letter_of(cell)
            line.append(f"  {letter}", _STYLES.get(letter, "bold red"))
        _print(console, line)
    if len(matrix.rows) > _MAX_ROWS:
        _print(console, Text(f"... and {len(matrix.rows) - _MAX_ROWS} more points"))
    legend = [f"{number} {fault.title}" for number, fault in enumerate(matrix.faults, 1)]
    _print(console, Text(f"faults: {'; '.join(legend)}", "dim"))
    meanings = {**{letter: word for word, letter in LETTERS.items()}, COMPLAINT: "a verdict failed", LIKE_ANOTHER: "not tried"}
    _print(console, Text(", ".join(f"{letter} {word}" for letter, word in meanings.items()), "dim"))
    bad = [cell for cell in matrix.pairs if not cell.is_good]
    if matrix.pairs:
        _print(console, Text(f"pairs of faults: {len(matrix.pairs)}, {len(bad)} of them bad"))


def _print_finding(finding: ExploredFinding, result: Result, console: Console) -> None:
    line = Text("\n").append(f"{finding.outcome}", _SEVERITY[finding.severity]).append(f" ({finding.severity}): {finding.title}")
    _print(console, line)
    for why in finding.why:
        _print(console, Text(f"    {why}"))
    if finding.point:
        more = f", and in {len(finding.cells) - 1} more cells" if len(finding.cells) > 1 else ""
        _print(console, Text(f"    at {finding.point}, {finding.fault}{more}", "dim"))
    if finding.scenario:
        command = command_of(finding.scenario, result.parameters, shlex.join(result.command))
        _print(console, Text(f"    {command}", "bold"))


def _summary(result: Result) -> Text:
    found = f"{len(result.new)} finding{'' if len(result.new) == 1 else 's'}" if result.new else "nothing found"
    runs = f"{result.runs} run{'' if result.runs == 1 else 's'}"
    tried = sum(cell.outcome is not None for cell in result.cells)
    left = f", {result.left} cells are left (--resume goes on)" if result.left else ""
    how = "interrupted: " if result.interrupted else ""
    text = f"\n{how}{found} in {tried} cells of {len(result.points)} calls, with {runs} in {result.seconds:.0f} s{left}"
    return Text(text, "bold red" if result.new else "bold green")
