"""`dynafault report`: the report of a server that runs."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from emulator.cli.options import write_file
from emulator.client import AdminClient


@click.command("report")
@click.argument("url")
@click.option("--format", "dress", default="text", show_default=True, type=click.Choice(["text", "json"]))
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of to standard output.")
@click.option("--admin-token", envvar="DYNAFAULT_ADMIN_TOKEN", help="The token that the server asks for.")
def command(url: str, dress: str, output: Path | None, admin_token: str | None) -> int:
    """Show the report of the emulator at URL. Exits with 1 if the report says fail."""
    client = AdminClient(url if "://" in url else f"http://{url}", admin_token)
    facts = client.report()
    text = orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode() + "\n" if dress == "json" else client.report_text(dress)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text.encode())
    return 0 if facts["verdict"] == "pass" else 1
