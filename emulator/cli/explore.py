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
from emulator.explore.running import ExploredProgram
from emulator.explore.saved import read_baseline
from emulator.explore.settings import ExploreSettings
from emulator.scenario.phrases import printable

STDOUT = "-"
_MAX_JOBS = 64


class _Output(click.ParamType):  # type: ignore[type-arg]
    """A file to write, "-" for standard output. A scenario is none: it would be lost."""

    name = "FILE"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        if str(value).endswith((".yaml", ".yml")):
            self.fail(f"{value!r} looks like a scenario, and would be written over", parameter, context)
        # Before the exploration, and not behind it
        if value != STDOUT and not Path(value).absolute().parent.is_dir():
            self.fail(f"there is no folder for {value!r}", parameter, context)
        return str(value)


class _Time(click.ParamType):  # type: ignore[type-arg]
    """A duration; a bare number is one of seconds."""

    name = "DURATION"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        is_bare = isinstance(value, str) and value.isdecimal()
        return options.DURATION.convert(f"{value}s" if is_bare else value, parameter, context)


def _file_option(name: str, what: str) -> Callable[[options.Function], options.Function]:
    return click.option(
        name, type=_Output(), is_flag=False, flag_value=STDOUT, metavar="[FILE]", help=f"Write {what}; without FILE to the terminal."
    )


@click.command("explore", options_metavar="[OPTIONS]")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO ...] -- COMMAND ...")
@options.scenario_options
@_file_option("--json", "all cells and findings there as JSON")
@_file_option("--junit", "them there as JUnit XML")
@click.option("--html", type=_Output(), metavar="FILE", help="Write a page of them there.")
@click.option(
    "--found",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("found"),
    show_default=True,
    metavar="FOLDER",
    help="Where a scenario goes for each finding.",
)
@click.option("--pairs", is_flag=True, help="Try two faults in one run, too.")
@click.option("--no-recovery", is_flag=True, help="Do not run COMMAND again where it failed.")
@click.option("--exhaustive", is_flag=True, help="Every call and every fault, whatever is known already.")
@click.option("--max-runs", type=click.IntRange(1), metavar="N", help="Make N runs at most, beside those that confirm.")
@click.option("--time", type=_Time(), metavar="DURATION", help="Begin no more runs after so long, such as 3m.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1, _MAX_JOBS), metavar="N", help="So many runs at a time; as many as there are processors."
)
@click.option(
    "--fast-time/--no-fast-time",
    default=None,
    help="Let what Python programs wait for take no time (docs/fast-time.md), or take it. Left out: yes, where that can be had.",
)
@click.option("--resume", is_flag=True, help="Go on with what an earlier exploration left in the --found folder.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Accept the findings of this file, which --json has written.",
)
@click.option(
    "--check", "check", metavar="COMMAND", help="Run this at the end of each run, against its emulator; it fails where all is not well."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="ATTRIBUTE",
    help="Do not compare this attribute, or TABLE.ATTRIBUTE; globs, too. May be repeated.",
)
@click.pass_obj
def command(program: list[str], /, scenarios: tuple[str, ...], seed: int | None, param: dict[str, str], **wanted: Any) -> int:
    """Run COMMAND once for each call that it makes and each way that call can fail, and say where it does not stand that.

    COMMAND must succeed without a fault. Then each call fails once, which is to change nothing: the command succeeds, and the tables are
    as without it; and fails for good, which the command has to say, and to make up for when it is run again. Exits with 0 if nothing was
    found, 1 if something was, 2 if COMMAND fails without a fault."""
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
