"""Write docs/reference.md, the reference of commands, admin routes and the pytest plugin, from what the program itself goes by.

python tools/generate_reference_page.py            # write
python tools/generate_reference_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pages import ROOT, code, fill, plain, publish, table

from dynafault import explored_tests, pytest_plugin
from emulator.cli.main import dynafault
from emulator.cli.variables import PREFIX as VARIABLES
from emulator.cli.variables import variable_names
from emulator.core import EmulatorCore
from emulator.server.admin.route_table import JSON, AdminRoute, Schema
from emulator.server.app import ROUTES, create_app
from emulator.server.environment import client_variables

PAGE = ROOT / "docs" / "reference.md"
_TEMPLATE = Path(__file__).with_name("reference_page.md")


def render() -> str:
    """The page as text."""
    parts = {"commands": _commands, "routes": _routes, "environment": _environment, "pytest": _pytest}
    return fill(_TEMPLATE, parts)


# --- commands


def _commands() -> str:
    context = click.Context(dynafault, info_name="dynafault", auto_envvar_prefix=VARIABLES)
    return "\n".join(_command(name, context) for name in dynafault.list_commands(context))


def _command(name: str, parent: click.Context) -> str:
    command = dynafault.get_command(parent, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    options = [_option(one, context) for one in command.get_params(context) if isinstance(one, click.Option) and "--help" not in one.opts]
    listed = f"\n{table(('option', 'means', 'left out', 'variable'), options)}" if options else ""
    return f"### dynafault {name}\n\n`{usage}`\n\n{plain(inspect.cleandoc(command.help or ''))}\n{listed}"


def _option(option: click.Option, context: click.Context) -> tuple[str, ...]:
    shown = code(", ".join(option.opts) + _value(option))
    default = option.get_default(context)
    left_out = code(str(default)) if option.show_default else ""
    variables = ", ".join(code(name) for name in variable_names(option, context))
    return shown, plain(option.help or ""), left_out, variables


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return f" {'|'.join(option.type.choices)}"
    return f" {option.metavar or ('N' if isinstance(option.type, click.IntRange) else option.type.name.upper())}"


# --- the admin API


def _routes() -> str:
    head = ("route", "does", "query", "body", "answers")
    routes: tuple[AdminRoute, ...] = create_app(EmulatorCore()).extensions[ROUTES]
    return table(head, map(_route, routes))


def _route(route: AdminRoute) -> tuple[str, ...]:
    query = ", ".join(_parameter(name, schema) for name, schema in route.query.items())
    answer = f"{route.status}, {', '.join('JSON' if one == JSON else one.partition(';')[0] for one in route.answers)}"
    return code(f"{route.method} {route.path}"), plain(route.summary), query, _body(route), answer


def _parameter(name: str, schema: Schema) -> str:
    words = f": {', '.join(map(str, schema['enum']))}" if "enum" in schema else ""
    bounds = f" (from {schema['minimum']:,} to {schema['maximum']:,})" if "maximum" in schema else ""
    return f"{code(name)}{words}{bounds}"


def _body(route: AdminRoute) -> str:
    if not route.bodies:
        return ""
    content_type, schema = next(iter(route.bodies.items()))
    if "x-language" in schema:
        beside = "".join(f", and {code(name)}" for name in schema["properties"])
        return f"{schema['description']}{', as YAML or JSON' if len(route.bodies) > 1 else ''}{beside}"
    properties = schema.get("items", schema).get("properties", ())
    return ", ".join(map(code, properties)) or ("JSON" if content_type == JSON else "text")


# --- what surrounds it


def _environment() -> str:
    url = "http://127.0.0.1:8000"
    rows = ((code(name), "removed" if value is None else code(value)) for name, value in client_variables(url, {}).items())
    return table(("variable", "for a program that `dynafault run` starts, or a test"), rows)


_MARKERS = (pytest_plugin.MARKER, explored_tests.MARKER)


def _pytest() -> str:
    recorder = _Recorder()
    parser: Any = recorder
    pytest_plugin.pytest_addoption(parser)
    marker, explored = (f"`@pytest.mark.{name}`:{text}" for name, _, text in (m.partition(":") for m in _MARKERS))
    return f"{marker}.\n\n{explored} ([more](explore.md#in-pytest)).\n\n{table(('option', 'in', 'means', 'left out'), recorder.rows())}"


class _Recorder:
    """Notes what a plugin asks of pytest's parser."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, ...]] = []

    def getgroup(self, name: str, description: str) -> _Recorder:
        return self

    def addoption(self, name: str, *, help: str, metavar: str = "", **settings: Any) -> None:
        self._rows.append((code(f"{name} {metavar}".rstrip()), "the command line", plain(help), ""))

    def addini(self, name: str, help: str, type: str | None = None, default: Any = None) -> None:
        shown = code(str(default).lower() if isinstance(default, bool) else str(default)) if default != [] else ""
        self._rows.append((code(name), "the ini file", plain(help), shown))

    def rows(self) -> Iterator[tuple[str, ...]]:
        return iter(self._rows)


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
