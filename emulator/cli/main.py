"""The entry point: picks the command, and turns every failure that is the user's to mend into one line and a status.

| status | means |
|---|---|
| 0 | done, and good |
| 1 | done, and something was found: a bad file, a failed expectation |
| 2 | not done: a bad flag, a bad scenario, a port in use |

Commands are imported when they are called, since starting in a blink matters more than one list of imports.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from emulator.aws.errors import EmulatorError
from emulator.cli.variables import PREFIX, variables_of
from emulator.version import __version__

_COMMANDS = {
    "serve": "Serve until SIGINT or SIGTERM.",
    "run": "Run a command against an emulator of its own, and judge it.",
    "explore": "Run a command once for each of its calls and each way that can fail, and report what it does not survive.",
    "check": "Check scenario files and folders.",
    "schema": "Print the JSON Schema of scenario files.",
    "report": "Show the report of a running server.",
    "watch": "Show the requests to a running server as they come.",
    "init": "Write a first scenario.",
    "mcp": "Give a coding agent an emulator as tools.",
    "explain": "Say what the emulator knows of an error, a key of scenarios, an operation, a ready scenario or a verdict.",
    "demo": "Run a real boto3 client against a throttling scenario.",
}
# More than the objects that a start makes, all of which stay: looking through them for garbage took a tenth of the time
_GC_THRESHOLDS = (100_000, 50, 100)


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
        """A scenario where a command is expected means `serve`, as in the commands of an image: dynafault orders.yaml."""
        first = words[0]
        if first not in _COMMANDS and _is_scenario(first):
            words = ["serve", *words]
        elif first not in _COMMANDS:
            import difflib

            near = difflib.get_close_matches(first, _COMMANDS, n=1)
            if near:
                raise click.UsageError(f"no such command '{first}'; did you mean '{near[0]}'?", context)
        return super().resolve_command(context, words)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _is_scenario(word: str) -> bool:
    """Whether it names a file or a ready scenario. A path counts even if nothing is there, for `serve` says best what it lacks."""
    from emulator.scenario.library import find_scenario

    path = Path(word)
    return path.name != word or path.suffix != "" or find_scenario(word, Path.cwd()).is_file()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": PREFIX})
@click.version_option(__version__, prog_name="dynafault", allow_from_autoenv=False)
def dynafault() -> None:
    """A local DynamoDB that fails on purpose, and judges how its clients take it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    gc.set_threshold(*_GC_THRESHOLDS)
    status = run(arguments)
    # Else the interpreter looks through everything for garbage once more before it lets go of it
    gc.freeze()
    sys.exit(status)


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
        return _fail(error.format_message().replace("\n", " ") + _blamed(error))
    except EmulatorError as error:
        return _fail(str(error))
    except OSError as error:
        # A file that the user named and this process may not look at; what has no name is no fault of theirs
        if error.filename is None:
            raise
        return _fail(f"cannot use {error.filename}: {error.strerror}")
    except click.Abort:
        return 130
    return status if isinstance(status, int) else 0


def _blamed(error: click.ClickException) -> str:
    """Names the environment variables that a usage error may come from: nobody typed those."""
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return ""
    parameter = error.param if isinstance(error, click.BadParameter) else None
    names = variables_of(error.ctx, parameter)
    return f" (set by the environment: {', '.join(names)})" if names else ""


def _fail(message: str) -> int:
    from emulator.scenario.phrases import printable

    click.echo(printable(f"dynafault: {message}"), err=True)
    return 2
