"""`dynafault serve`: an emulator in the foreground. What only some of its options need is imported for them: a server is to be ready in a
blink."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.aws.wording import WORDING_NAMES, WordingName
from emulator.cli import options
from emulator.cli.journaling import journal_kept
from emulator.scenario import Scenario
from emulator.scenario.phrases import printable
from emulator.server import Emulator

if TYPE_CHECKING:
    from emulator.cli.log import Form

# Journal and data are long-lived: looking through them for garbage every 700 new objects takes a fifth of the time. Every 10,000 it takes
# some milliseconds in which nothing is served; every 50,000, five times as long. What has lived through that is hardly ever garbage
GC_THRESHOLDS = (10_000, 250, 100)
# Bytes that a journal on disk needs at least, if it is bounded
_LEAST_JOURNAL = 1_000_000


@click.command("serve")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO ...]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all, as in a container.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@options.scenario_options
@options.redact_option
@options.upstream_option
@click.option("--watch", is_flag=True, help="Load the scenario again when its files change.")
@click.option("--edit", is_flag=True, help="With --watch: let the live page save scenarios to their files.")
@click.option("--journal", type=click.Path(path_type=Path, dir_okay=False), help="Append every exchange to this file as JSON lines.")
@click.option(
    "--journal-max",
    type=options.SIZE,
    metavar="SIZE",
    help="The most that the journal may take on disk; the oldest exchanges are dropped first.",
)
@click.option("--replay", type=click.Path(path_type=Path, dir_okay=False), help="Serve the scenario and seed of this journal's last run.")
@click.option(
    "--wording",
    default="2026-10",
    show_default=True,
    type=click.Choice(WORDING_NAMES),
    help="Word validation errors as the service did at this time (2026: the latest).",
)
@click.option("--table-delay", type=options.DURATION, default="0s", show_default=True, help="How long a table takes to change its state.")
@click.option("--admin-token", envvar="DYNAFAULT_ADMIN_TOKEN", help="Require this token for the admin API.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Another host name that requests may use for the emulator; * for any. May be repeated.",
)
@click.option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="Let web pages of this origin use the emulator, such as http://localhost:3000; * for all. May be repeated.",
)
@click.option("--log", type=click.Choice(["requests", "json"]), help="Print a line for each request, for people or for programs.")
@click.option(
    "--address-file", type=click.Path(path_type=Path, dir_okay=False), help="Keep the address in this file while requests are answered."
)
def command(
    scenarios: tuple[str, ...],
    host: str,
    port: int,
    seed: int | None,
    param: dict[str, str],
    redact: tuple[str, ...],
    upstream: str | None,
    yes_this_is_aws: bool,
    create_tables: str | None,
    watch: bool,
    edit: bool,
    journal: Path | None,
    journal_max: int | None,
    replay: Path | None,
    wording: WordingName,
    table_delay: float,
    admin_token: str | None,
    allow_host: tuple[str, ...],
    cors: tuple[str, ...],
    log: Form | None,
    address_file: Path | None,
) -> None:
    """Serve SCENARIO (files, or names of shipped ones) until SIGINT or SIGTERM; without one, a healthy DynamoDB."""
    _check_journal(journal, journal_max)
    if edit and not watch:
        raise click.UsageError("--edit goes with --watch: what the page saves is loaded from its file")
    paths = options.find(scenarios)
    scenario = options.load_found(paths, param) if replay is None else _replayed(replay, scenarios)
    options.show_warnings(scenario)
    emulator = Emulator(
        scenario,
        host=host,
        port=port,
        seed=seed,
        wording=wording,
        table_delay=table_delay,
        admin_token=admin_token,
        allow_hosts=allow_host,
        cors=cors,
        redact=redact,
        may_save=edit,
        upstream=upstream,
        yes_this_is_aws=yes_this_is_aws,
        create_tables=create_tables,
    )
    options.tell_of_upstream(emulator)
    if log is not None:
        from emulator.cli.log import RequestLog

        emulator.core.observe(RequestLog(log, click.echo))
    with journal_kept(emulator, journal, journal_max), _watched(emulator, watch, lambda: options.load_found(paths, param)):
        _serve(emulator, address_file, admin_token)


def _serve(emulator: Emulator, address_file: Path | None, admin_token: str | None) -> None:
    ending = ExitStack()

    def ready() -> None:
        scenario = emulator.scenario
        if address_file is not None:
            options.write_file(address_file, f"{emulator.url}\n".encode())
            # Who finds the file finds a server; but one that could not start leaves another's alone
            ending.callback(address_file.unlink, missing_ok=True)
        click.echo(f"dynafault is ready on {emulator.url}")
        own = emulator.core.own_keys if emulator.core.keys is emulator.core.own_keys else {}
        for name, key in own.items():
            click.echo(f"clients sign with AWS_ACCESS_KEY_ID={name} AWS_SECRET_ACCESS_KEY={key.secret}")
        if emulator.admin_token != admin_token:
            click.echo(f"the admin API asks for the token {emulator.admin_token}")
        if not emulator.is_local and not emulator.admin_token:
            address = f"{emulator.host}:{emulator.port}"
            click.echo(f"warning: whoever reaches {address} may change rules and data; --admin-token keeps others out", err=True)
        if scenario.files:
            click.echo(printable(f"scenario: {scenario.name or ', '.join(scenario.files)}   seed: {emulator.seed}"))
        click.echo(f"live page: {emulator.url}/_emulator/")

    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    with ending:
        emulator.serve_forever(ready)


def _replayed(journal: Path, scenarios: tuple[str, ...]) -> Scenario:
    """The scenario of a journal with the seed that it ran with: the same requests get the same decisions."""
    if scenarios:
        raise click.UsageError("--replay brings the journal's own scenario; name either that or scenario files")
    from emulator.journal.saved import read_journal

    run = read_journal(journal)
    for warning in run.warnings:
        click.echo(printable(f"warning: {warning}"), err=True)
    return run.to_serve()


def _check_journal(journal: Path | None, most: int | None) -> None:
    if most is None:
        return
    if journal is None:
        raise click.UsageError("--journal-max bounds the file of --journal; name that, too")
    if most < _LEAST_JOURNAL:
        raise click.UsageError(f"--journal-max is {_LEAST_JOURNAL:,} bytes at least: a single exchange may be so large")


@contextmanager
def _watched(emulator: Emulator, watch: bool, load: Callable[[], Scenario]) -> Iterator[None]:
    if not watch:
        yield
        return
    if not emulator.scenario.files:
        raise click.UsageError("--watch needs a scenario file to watch")
    from emulator.server.watching import Watcher

    watcher = Watcher(emulator.core, load, lambda text: click.echo(printable(text), err=True))
    watcher.start()
    try:
        yield
    finally:
        watcher.stop()
