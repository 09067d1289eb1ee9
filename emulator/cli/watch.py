"""`dynafault watch`: the exchanges of a running emulator, as they happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click
import orjson
from rich.console import Console
from rich.text import Text

from emulator.report.line import exchange_line, kind_of
from emulator.server.admin.client import AdminClient

_STYLES = {"ok": "green", "throttled": "yellow", "failed": "red", "lost": "bold magenta", "cut": "cyan"}


@click.command("watch")
@click.argument("url", metavar="URL")
@click.option("--operation", help="Show only exchanges of this operation.")
@click.option("--table", help="Show only exchanges on this table.")
@click.option("--admin-token", envvar="DYNAFAULT_ADMIN_TOKEN", help="The token that the admin API requires.")
def command(url: str, operation: str | None, table: str | None, admin_token: str | None) -> int:
    """Show each request to the emulator at URL as it happens, until Ctrl-C or until the emulator ends."""
    client = AdminClient(url if "://" in url else f"http://{url}", admin_token)
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(f"watching {url}; Ctrl-C ends it", "dim"))
    for event, data in events_of(client.event_lines()):
        if event == "scenario":
            console.print(Text(f"scenario: {data['name'] or 'none'}   seed: {data['seed']}", "bold"))
        elif event == "dropped":
            console.print(Text(f"... {data['events']} events came faster than they could be shown", "yellow"))
        elif event == "delivered" and (operation in (None, data["operation"]) and (table is None or table in data["tables"])):
            console.print(Text(exchange_line(data), _STYLES[kind_of(data)]))
    console.print(Text("the emulator has ended", "dim"))
    return 0


def events_of(lines: Iterable[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a stream of server-sent events, each with its data."""
    event = ""
    for line in lines:
        name, _, value = line.partition(b": ")
        if name == b"event":
            event = value.decode()
        elif name == b"data":
            yield event, orjson.loads(value)
