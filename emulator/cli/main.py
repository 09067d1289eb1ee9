"""The entry point: picks the command, and turns every failure that is the user's to mend into one line and a status.

| status | means |
|---|---|
| 0 | done, and good |
| 1 | done, and something was found: a bad file, a failed expectation |
| 2 | not done: a bad flag, a bad scenario, a port in use |

Commands are imported when they are called, since starting in a blink matters more than one list of imports.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence

import click

from emulator.errors import EmulatorError
from emulator.version import __version__

_COMMANDS = {
    "serve": "Serve until SIGINT or SIGTERM.",
    "run": "Run a command against an emulator of its own, and judge it.",
    "check": "Check scenario files and folders.",
    "schema": "Print the JSON Schema of scenario files.",
    "report": "Show the report of a running server.",
    "explain": "What the emulator knows of an error, a key of scenarios, an operation, a ready scenario or a verdict.",
    "demo": "A real boto3 client against a throttling scenario.",
}


class _LazyGroup(click.Group):
    """A group whose commands live in modules of their own names."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"emulator.cli.{name}").command
        return command

    def resolve_command(self, context: click.Context, words: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        near = difflib.get_close_matches(words[0], _COMMANDS, n=1)
        if words[0] not in _COMMANDS and near:
            raise click.UsageError(f"no such command '{words[0]}'; did you mean '{near[0]}'?", context)
        return super().resolve_command(context, words)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dynafault")
def dynafault() -> None:
    """A local DynamoDB that fails on purpose, and judges how its clients take it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status. What follows "--" is a program of the user's, and none of our options."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    cut = words.index("--") if "--" in words else len(words)
    try:
        status = dynafault.main(words[:cut], prog_name="dynafault", standalone_mode=False, obj=words[cut + 1 :])
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        return _fail(error.format_message().replace("\n", " "))
    except EmulatorError as error:
        return _fail(str(error))
    except click.Abort:
        return 130
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    click.echo(f"dynafault: {message}", err=True)
    return 2
