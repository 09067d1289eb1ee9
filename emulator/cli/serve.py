"""`dynafault serve`: an emulator in the foreground."""

from __future__ import annotations

import gc

import click

from emulator.cli import options
from emulator.server import Emulator
from emulator.wording import WORDINGS

# Journal and data are long-lived: looking through them for garbage every 700 new objects takes a fifth of the time
_GC_THRESHOLDS = (50_000, 50, 100)


@click.command("serve")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO ...]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all, as in a container.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@options.scenario_options
@click.option("--wording", default="2026", show_default=True, type=click.Choice(WORDINGS), help="Whose validation sentences to speak.")
@click.option("--table-delay", default="0s", show_default=True, metavar="DURATION", help="How long a table takes to change its state.")
@click.option("--admin-token", envvar="DYNAFAULT_ADMIN_TOKEN", help="Ask this token of everybody who uses the admin API.")
def command(
    scenarios: tuple[str, ...],
    host: str,
    port: int,
    seed: int | None,
    parameters: dict[str, str],
    wording: str,
    table_delay: str,
    admin_token: str | None,
) -> None:
    """Serve SCENARIO (files, or names of shipped ones) until SIGINT or SIGTERM; without one, a healthy DynamoDB."""
    scenario = options.load(scenarios, parameters)
    options.show_warnings(scenario)
    emulator = Emulator(
        scenario,
        host=host,
        port=port,
        seed=seed,
        wording=wording,
        table_delay=options.duration(table_delay, "--table-delay"),
        admin_token=admin_token,
    )

    def ready() -> None:
        click.echo(f"dynafault is ready on {emulator.url}")
        if scenarios:
            click.echo(f"scenario: {scenario.name or ', '.join(scenario.files)}   seed: {emulator.seed}")

    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    emulator.serve_forever(ready)
