"""Options that several commands share."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from emulator.errors import EmulatorError
from emulator.scenario import Scenario, load_scenarios, parse_duration
from emulator.shipped import find_scenario, shipped_names

Function = TypeVar("Function", bound=Callable[..., Any])


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE")
        pairs[name] = text
    return pairs


def scenario_options(command: Function) -> Function:
    """--seed and --param."""
    command = click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Take this seed instead of the scenario's.")(command)
    help_text = "A scenario's parameter, NAME=VALUE. May be repeated."
    return click.option("--param", "parameters", multiple=True, callback=_pairs, metavar="NAME=VALUE", help=help_text)(command)


def load(sources: tuple[str, ...], parameters: dict[str, str]) -> Scenario:
    """The scenario that the named files make together; a name that is no file may be that of a shipped one. Raises ScenarioError."""
    paths: list[Any] = [_found(source) for source in sources]
    return load_scenarios(paths, parameters=parameters)


def _found(source: str) -> Path:
    """Raises EmulatorError for what is no file, but nearly the name of a shipped scenario."""
    path = find_scenario(source, Path.cwd())
    near = [] if path.exists() else difflib.get_close_matches(source.removesuffix(".yaml"), shipped_names(), n=1)
    if near:
        raise EmulatorError(f"there is no file {source!r}; did you mean the ready scenario '{near[0]}'?")
    return path


def show_warnings(scenario: Scenario) -> None:
    for warning in scenario.warnings:
        click.echo(f"warning: {warning.text}", err=True)


def duration(text: str, option: str) -> float:
    """A duration of the scenario language, in seconds. Raises click.BadParameter."""
    seconds = parse_duration(text)
    if seconds is None or seconds < 0:
        raise click.BadParameter(f"{text!r} is not a duration such as 250ms, 2s or 5m", param_hint=option)
    return seconds


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def write_file(path: Path, content: bytes) -> None:
    """Raises EmulatorError where the file cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise EmulatorError(f"cannot write {path}: {error.strerror}") from None
