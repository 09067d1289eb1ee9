"""`dynafault report`: the report of a server that runs, or of a journal that one wrote."""

from __future__ import annotations

import re
from pathlib import Path

import click

from emulator.aws.errors import EmulatorError
from emulator.cli.options import write_file
from emulator.journal.file import read_journal
from emulator.report import FORMATS, build_report
from emulator.server.admin.client import AdminClient

_HOST_AND_PORT = re.compile(r"(?:localhost|[\w.-]+:\d{1,5})(?:/.*)?")


@click.command("report")
@click.argument("source", metavar="URL-or-JOURNAL")
@click.option("--format", default="text", show_default=True, type=click.Choice(list(FORMATS)), help="The form of the report.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of to standard output.")
@click.option("--admin-token", envvar="DYNAFAULT_ADMIN_TOKEN", help="The token that the server asks for.")
def command(source: str, format: str, output: Path | None, admin_token: str | None) -> int:
    """Show the report of the emulator at URL, or of the last run in JOURNAL. Exits with 1 if the report says fail."""
    passed, text = _of_server(source, format, admin_token) if _is_address(source) else _of_journal(Path(source), format)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text.encode())
    return 0 if passed else 1


def _is_address(source: str) -> bool:
    """Raises EmulatorError for what is neither an address nor a file."""
    if "://" in source:
        return True
    if Path(source).is_file():
        return False
    if _HOST_AND_PORT.fullmatch(source):
        return True
    raise EmulatorError(f"there is no file {source!r}; the address of a server is written like http://127.0.0.1:8000")


def _of_journal(path: Path, dress: str) -> tuple[bool, str]:
    run = read_journal(path)
    report = build_report(run.scenario, run.seed, run.rules, run.entries)
    return report.passed, FORMATS[dress].render(report)


def _of_server(url: str, dress: str, token: str | None) -> tuple[bool, str]:
    client = AdminClient(url if "://" in url else f"http://{url}", token)
    return client.report()["verdict"] == "pass", client.report_text(dress)
