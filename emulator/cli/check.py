"""`dynafault check`: every problem of every scenario file, as a compiler says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from emulator.aws.errors import EmulatorError
from emulator.backends.services import Backends, impossible_at_upstream
from emulator.clock import SystemClock
from emulator.scenario import Problem, ScenarioError, load_scenario
from emulator.scenario.phrases import counted, printable
from emulator.scenario.sharing import sharing

_ENDINGS = (".yaml", ".yml", ".json")


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", is_flag=True, help="Print problems and warnings as JSON.")
@click.option(
    "--upstream", is_flag=True, help="Check the files for emulators in front of another DynamoDB, and say what several of these share."
)
@click.option("--create-tables", metavar="PREFIX", help="With --upstream: allow tables that are created there, as for serve.")
def command(paths: tuple[Path, ...], json: bool, upstream: bool, create_tables: str | None) -> int:
    """Check scenario files, and all of those in folders. Exits with 1 if there is a problem."""
    files = [file for path in paths for file in _files(path)]
    problems: list[Problem] = []
    warnings: list[Problem] = []
    shared: dict[str, list[str]] = {}
    backends = Backends.embedded(SystemClock())
    for file in files:
        try:
            scenario = load_scenario(file)
            if upstream or scenario.upstream is not None:
                problems.extend(impossible_at_upstream(scenario, create_tables))
            else:
                backends.check(scenario)
            warnings.extend(scenario.warnings)
            if upstream:
                shared[str(file)] = list(sharing(scenario))
        except ScenarioError as error:
            problems.extend(error.problems)
    if json:
        found: dict[str, Any] = {
            "problems": [problem.as_dict() for problem in problems],
            "warnings": [warning.as_dict() for warning in warnings],
        }
        if upstream:
            found["sharing"] = shared
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        _print(len(files), problems, warnings, shared)
    return 1 if problems else 0


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS and file.is_file())
        if not found:
            raise EmulatorError(f"there is no scenario file (*.yaml, *.yml, *.json) in {path}")
        yield from found
    else:
        yield path


def _print(files: int, problems: list[Problem], warnings: list[Problem], shared: Mapping[str, list[str]]) -> None:
    for file, lines in shared.items():
        for line in lines:
            click.echo(printable(f"{file}: {line}"))
    for warning in warnings:
        click.echo(printable(f"warning: {warning.text}"))
    for problem in problems:
        click.echo(printable(problem.text))
    warned = f", {counted(len(warnings), 'warning')}" if warnings else ""
    click.echo(f"{counted(files, 'file')} checked: {counted(len(problems), 'problem')}{warned}")
