"""Options that several commands share."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from emulator.aws.errors import EmulatorError
from emulator.scenario import Scenario, load_scenarios, parse_duration
from emulator.scenario.library import find_scenario, shipped_names
from emulator.scenario.phrases import printable
from emulator.server import Emulator

Function = TypeVar("Function", bound=Callable[..., Any])


class _Pair(click.ParamType):  # type: ignore[type-arg]
    """NAME=VALUE; an environment variable may hold several, split and quoted as a shell does."""

    name = "NAME=VALUE"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> tuple[str, str]:
        name, equals, text = value.partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not NAME=VALUE", parameter, context)
        return name, text

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        try:
            return shlex.split(rv)
        except ValueError as error:
            raise click.BadParameter(f"{rv!r}: {str(error).lower()}") from None


class _Duration(click.ParamType):  # type: ignore[type-arg]
    """A duration of the scenario language, in seconds."""

    name = "DURATION"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:
        seconds = parse_duration(value) if isinstance(value, str) else value
        if seconds is None or seconds < 0:
            self.fail(f"{value!r} is not a duration such as 250ms, 2s or 5m", parameter, context)
        return float(seconds)


DURATION = _Duration()


class _Size(click.ParamType):  # type: ignore[type-arg]
    """A number of bytes, with a unit or without."""

    name = "SIZE"
    _FORM = re.compile(r"([0-9]{1,15})\s*(?:([KMGT])(i)?)?B?", re.IGNORECASE)

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        found = self._FORM.fullmatch(value.strip()) if isinstance(value, str) else None
        if isinstance(value, str) and found is None:
            self.fail(f"{value!r} is not a size such as 500KB, 64MB or 2GiB", parameter, context)
        if found is None:
            return int(value)
        number, prefix, binary = found.groups()
        step = 1024 if binary else 1000
        return int(number) * int(step ** (" KMGT".index(prefix.upper()) if prefix else 0))


SIZE = _Size()


def _as_dict(context: click.Context, parameter: click.Parameter, pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(pairs)


def scenario_options(command: Function) -> Function:
    """--seed and --param."""
    command = click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Take this seed instead of the scenario's.")(command)
    help_text = "A scenario's parameter, NAME=VALUE. May be repeated."
    return click.option("--param", type=_Pair(), multiple=True, callback=_as_dict, metavar="NAME=VALUE", help=help_text)(command)


def redact_option(command: Function) -> Function:
    """--redact."""
    help_text = "Leave out the values of attributes with this name or glob wherever exchanges are kept or shown. May be repeated."
    return click.option("--redact", multiple=True, metavar="NAME", help=help_text)(command)


def upstream_option(command: Function) -> Function:
    """--upstream, --yes-this-is-aws and --create-tables."""
    made = "Create the scenario's tables at the upstream, and drop them at the end; their names must begin with PREFIX."
    command = click.option("--create-tables", metavar="PREFIX", help=made)(command)
    sure = "Confirm that the upstream is AWS, with real data and real costs."
    command = click.option("--yes-this-is-aws", is_flag=True, help=sure)(command)
    help_text = "Pass requests on to the DynamoDB at this URL, or at AWS, in place of the embedded one."
    return click.option("--upstream", metavar="URL|aws", help=help_text)(command)


def tell_of_upstream(emulator: Emulator) -> None:
    """Say where requests will go, before any does. Raises EmulatorError where that is an account at AWS that cannot be told."""
    upstream = emulator.core.run.backends.upstream
    if upstream is not None:
        click.echo(printable(f"upstream: {upstream.described()}"))


def load(sources: tuple[str, ...], parameters: dict[str, str]) -> Scenario:
    """The scenario that the named files make together; a name that is no file may be that of a shipped one. Raises ScenarioError."""
    return load_found(find(sources), parameters)


def find(sources: tuple[str, ...]) -> list[Path]:
    """The files of these names, which keep their meaning whatever becomes of the files."""
    return [_found(source) for source in sources]


def load_found(paths: list[Path], parameters: dict[str, str]) -> Scenario:
    sources: list[Any] = list(paths)
    return load_scenarios(sources, parameters=parameters)


def _found(source: str) -> Path:
    """Raises EmulatorError for what is no file, but nearly the name of a shipped scenario."""
    path = find_scenario(source, Path.cwd())
    if path.exists():
        return path
    from difflib import get_close_matches

    near = get_close_matches(source.removesuffix(".yaml"), shipped_names(), n=1)
    if near:
        raise EmulatorError(f"there is no file {source!r}; did you mean the ready scenario '{near[0]}'?")
    return path


def show_warnings(scenario: Scenario) -> None:
    for warning in scenario.warnings:
        click.echo(printable(f"warning: {warning.text}"), err=True)


def write_file(path: Path, content: bytes) -> None:
    """Raises EmulatorError where the file cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise EmulatorError(f"cannot write {path}: {error.strerror}") from None
