"""`dynafault explore`: a command run once for each call that it makes and each way that call can fail."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from emulator.aws.errors import EmulatorError
from emulator.cli import options
from emulator.explore.exploring import Exploration
from emulator.explore.findings import ExploredFinding
from emulator.explore.formats.text import render_text
from emulator.explore.results import CellResult, Result
from emulator.explore.runs import ExploredProgram
from emulator.explore.saved_cells import read_baseline
from emulator.explore.settings import ExploreSettings
from emulator.scenario.phrases import printable

STDOUT = "-"
_MAX_JOBS = 64


class _Output(click.ParamType):  # type: ignore[type-arg]
    """A file to write, "-" for standard output. A scenario is refused, since it would be overwritten."""

    name = "FILE"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        if str(value).endswith((".yaml", ".yml")):
            self.fail(f"{value!r} looks like a scenario, and would be overwritten", parameter, context)
        # Said before the exploration, which may take long
        if value != STDOUT and not Path(value).absolute().parent.is_dir():
            self.fail(f"there is no folder for {value!r}", parameter, context)
        return str(value)


class _Time(click.ParamType):  # type: ignore[type-arg]
    """A duration; a bare number counts seconds."""

    name = "DURATION"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        is_bare = isinstance(value, str) and value.isdecimal()
        return options.DURATION.convert(f"{value}s" if is_bare else value, parameter, context)


def _file_option(name: str, what: str) -> Callable[[options.Function], options.Function]:
    return click.option(
        name,
        type=_Output(),
        is_flag=False,
        flag_value=STDOUT,
        metavar="[FILE]",
        help=f"Write {what} to FILE; without FILE, to the terminal.",
    )


@click.command("explore", options_metavar="[OPTIONS]")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO ...] -- COMMAND ...")
@options.scenario_options
@_file_option("--json", "all cells and findings as JSON")
@_file_option("--junit", "all cells as JUnit XML")
@click.option("--html", type=_Output(), metavar="FILE", help="Write all cells and findings to FILE as an HTML page.")
@click.option(
    "--found",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("found"),
    show_default=True,
    metavar="FOLDER",
    help="The folder for the scenarios that reproduce the findings.",
)
@click.option("--pairs", is_flag=True, help="Also try two faults in one run.")
@click.option("--no-recovery", is_flag=True, help="Do not run COMMAND again after it has failed.")
@click.option("--exhaustive", is_flag=True, help="Try every fault at every call, even where other runs have shown the result.")
@click.option("--max-runs", type=click.IntRange(1), metavar="N", help="Make at most N runs, not counting those that confirm a finding.")
@click.option("--time", type=_Time(), metavar="DURATION", help="Begin no new run after this time, such as 3m.")
@click.option("--jobs", "-j", type=click.IntRange(1, _MAX_JOBS), metavar="N", help="Run N at a time. Default: one for each processor.")
@click.option(
    "--fast-time/--no-fast-time",
    default=None,
    help="Let waits of Python programs take no time (docs/fast-time.md). Default: on where this is possible.",
)
@click.option("--resume", is_flag=True, help="Go on with what an earlier exploration left in the --found folder.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Accept the findings in this file, which --json wrote.",
)
@click.option(
    "--check", "check", metavar="COMMAND", help="Run this after each run, against the same emulator; if it fails, so does the run."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="ATTRIBUTE",
    help="Do not compare this attribute, or TABLE.ATTRIBUTE; either may be a glob. May be repeated.",
)
@click.pass_obj
def command(program: list[str], /, scenarios: tuple[str, ...], seed: int | None, param: dict[str, str], **wanted: Any) -> int:
    """Run COMMAND once for each call that it makes and each way in which that call can fail, and report what it does not survive.

    COMMAND must succeed without a fault. Then each call fails once: COMMAND must still succeed, and the tables must be as without the
    fault. And each call fails for good: COMMAND must fail, and do its work when it is run again. Exits with 0 if nothing was found, 1 if
    something was, 2 if COMMAND fails without a fault."""
    if not program:
        raise click.UsageError("which command? Put it behind '--', as in: dynafault explore scenario.yaml -- python orders.py")
    sources = options.find(scenarios)
    scenario = options.load_found(sources, param)
    if scenario.upstream is not None:
        raise EmulatorError("each run of an exploration begins with the same data, which no upstream has; leave 'upstream' out")
    options.show_warnings(scenario)
    settings = ExploreSettings(
        found=wanted["found"],
        recover=not wanted["no_recovery"],
        exhaustive=wanted["exhaustive"],
        pairs=wanted["pairs"],
        jobs=wanted["jobs"] or min(_MAX_JOBS, os.cpu_count() or 1),
        most_runs=wanted["max_runs"],
        seconds=wanted["time"],
        seed=1 if seed is None else seed,
        ignored=wanted["ignore"],
        known=frozenset() if wanted["baseline"] is None else read_baseline(wanted["baseline"]),
        resume=wanted["resume"],
        stories=wanted["html"] is not None,
    )
    with _watching() as watcher:
        runs = ExploredProgram(program, _split(wanted["check"]), fast=_is_fast(wanted["fast_time"]))
        result = Exploration(runs, sources, param, settings, watcher).explore()
    _tell(result, wanted["json"], wanted["junit"], wanted["html"])
    return 1 if result.new else 0


def _is_fast(wanted: bool | None) -> bool:
    """Whether there is fast time, where it is wanted. Raises EmulatorError where it was asked for, and cannot be had."""
    from dynafault_time.errors import FastTimeError
    from dynafault_time.support import check_support

    if wanted is False:
        return False
    try:
        check_support()
    except FastTimeError as error:
        if wanted:
            raise EmulatorError(str(error)) from None
        return False
    return True


def _split(check: str | None) -> list[str]:
    try:
        return shlex.split(check or "")
    except ValueError as error:
        raise click.UsageError(f"--check {check!r}: {str(error).lower()}") from None


def _tell(result: Result, json: str | None, junit: str | None, html: str | None) -> None:
    """Where a file goes to standard output, the text goes beside it."""
    is_taken = STDOUT in (json, junit, html)
    click.echo(render_text(result, color=(sys.stderr if is_taken else sys.stdout).isatty()), nl=False, err=is_taken)
    if json is not None:
        _put(json, orjson.dumps(result.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS) + b"\n")
    if junit is not None:
        from emulator.explore.formats.junit import render_junit

        _put(junit, render_junit(result).encode())
    if html is not None:
        from emulator.explore.formats.html import render_html

        _put(html, render_html(result).encode())


def _put(where: str, content: bytes) -> None:
    if where == STDOUT:
        click.echo(content, nl=False)
    else:
        options.write_file(Path(where), content)


class _Bar:
    """What is tried and what was found, on standard error: as a bar where that is a terminal, else a line for each finding."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task = None if progress is None else progress.add_task("the clean run", total=None)
        self._found = 0

    def planned(self, runs: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, total=runs)

    def trying(self, cells: Sequence[str]) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=printable("; ".join(cells))[:80])

    def done(self, cell: CellResult, finding: ExploredFinding | None) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)
        if finding is not None and not finding.known:
            self._found += 1
            line = printable(f"found: {finding.title}")
            if self._progress is not None:
                self._progress.console.print(line, soft_wrap=True, highlight=False, markup=False)
            else:
                click.echo(line, err=True)


@contextmanager
def _watching() -> Iterator[_Bar]:
    if not sys.stderr.isatty():
        yield _Bar(None)
        return
    columns = (SpinnerColumn(), MofNCompleteColumn(), BarColumn(24), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress)
