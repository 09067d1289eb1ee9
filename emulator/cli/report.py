"""`dynafault report`: the report of a server that runs, or of a journal that one wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import click
import orjson

from emulator.aws.errors import EmulatorError
from emulator.cli.options import write_file
from emulator.journal.saved import SavedRun, read_journal
from emulator.report import FORMATS, build_report
from emulator.scenario.phrases import printable
from emulator.server.admin.client import AdminClient

_HOST_AND_PORT = re.compile(r"(?:localhost|[\w.-]+:\d{1,5})(?:/.*)?")


@click.command("report")
@click.argument("sources", nargs=-1, required=True, metavar="URL-or-JOURNAL ...")
@click.option("--format", default="text", show_default=True, type=click.Choice(list(FORMATS)), help="The format of the report.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file instead of to standard output."
)
@click.option("--compare", metavar="URL-or-JOURNAL", help="A later run than SOURCE: show both side by side.")
@click.option("--sandbox", metavar="NAME", help="The report of this sandbox instead of the emulator's own.")
@click.option("--admin-token", envvar="DYNAFAULT_ADMIN_TOKEN", help="The token that the admin API requires.")
def command(
    sources: tuple[str, ...], format: str, output: Path | None, compare: str | None, sandbox: str | None, admin_token: str | None
) -> int:
    """Show the report of the emulator at URL, or of the last run in JOURNAL. Several journals make one report of what their emulators saw
    together. With --compare, show what is different in another run. Exits with 1 if the report, or that of the other run, says fail."""
    if len(sources) > 1:
        if compare is not None:
            raise click.UsageError("--compare shows two runs: name one SOURCE")
        passed, text = _of_journals(sources, format, sandbox or "")
    elif compare is not None:
        passed, text = _compared(sources[0], compare, format, sandbox, admin_token)
    else:
        passed, text = _reported(sources[0], format, sandbox, admin_token)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text.encode())
    return 0 if passed else 1


def _reported(source: str, form: str, sandbox: str | None, token: str | None) -> tuple[bool, str]:
    if _is_address(source):
        return _of_server(source, form, sandbox, token)
    return _of_journal(Path(source), form, sandbox or "")


def _compared(before: str, after: str, form: str, sandbox: str | None, token: str | None) -> tuple[bool, str]:
    from emulator.report.comparison import compare
    from emulator.report.formats.compared import COMPARED, render_comparison

    if form not in COMPARED:
        raise click.UsageError(f"--compare comes as {', '.join(COMPARED)}, not as {form}")
    reports = [orjson.loads(_reported(one, "json", sandbox, token)[1]) for one in (before, after)]
    return reports[1]["verdict"] == "pass", render_comparison(compare(reports[0], reports[1], (before, after)), form)


def _is_address(source: str) -> bool:
    """Raises EmulatorError for what is neither an address nor a file."""
    if "://" in source:
        return True
    if Path(source).is_file():
        return False
    if _HOST_AND_PORT.fullmatch(source):
        return True
    raise EmulatorError(f"there is no file {source!r}; the address of a server is written like http://127.0.0.1:8000")


def _of_journal(path: Path, form: str, sandbox: str) -> tuple[bool, str]:
    return _of_run(read_journal(path, sandbox), form)


def _of_journals(sources: Sequence[str], form: str, sandbox: str) -> tuple[bool, str]:
    addresses = [source for source in sources if _is_address(source)]
    if addresses:
        raise click.UsageError(f"one report of several is made of their journals, and {addresses[0]} is an address")
    if len({Path(source).resolve() for source in sources}) < len(sources):
        raise click.UsageError("a journal is named twice")
    from emulator.journal.merging import merge_runs

    return _of_run(merge_runs({source: read_journal(Path(source), sandbox) for source in sources}), form)


def _of_run(run: SavedRun, form: str) -> tuple[bool, str]:
    for warning in run.warnings:
        click.echo(printable(f"warning: {warning}"), err=True)
    report = build_report(run.scenario, run.seed, run.rules, run.entries, dropped=run.dropped)
    return report.passed, FORMATS[form].render(report)


def _of_server(url: str, form: str, sandbox: str | None, token: str | None) -> tuple[bool, str]:
    url = url if "://" in url else f"http://{url}"
    client = AdminClient(url if sandbox is None else f"{url.rstrip('/')}/sandbox/{quote(sandbox, safe='')}", token)
    return client.report()["verdict"] == "pass", client.report_text(form)
