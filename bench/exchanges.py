"""What a journal full of exchanges costs in memory: small reads, and mixed work. Resident memory of a server at rest, and after them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.serving import resident, serving, wrk
from bench.work import ITEMS, TABLE, WORK
from oracle.endpoint import Endpoint, Request

EXCHANGES = 100_000


def run() -> None:
    for name, operations in (("reads of one small item", ("GetItem",)), ("mixed work", tuple(WORK))):
        before, after, count = _measured(operations)
        each = (after - before) / max(1, count)
        print(f"exchanges: {name}: {before / 1e6:.0f} MB at rest, {after / 1e6:.0f} MB after {count:,}, {each:,.0f} bytes each")


def _measured(operations: tuple[str, ...]) -> tuple[int, int, int]:
    """(resident bytes at rest, resident bytes afterwards, exchanges in the journal)."""
    with tempfile.TemporaryDirectory() as name, serving() as (url, _, process):
        folder = Path(name)
        endpoint = Endpoint("dynafault", url)
        endpoint.ask(Request("CreateTable", TABLE))
        for item in ITEMS:
            endpoint.ask(Request("PutItem", {"TableName": "orders", "Item": item}))
        before = resident(process)
        sent, seconds = 0.0, 1
        while sent < EXCHANGES:
            for operation in operations:
                sent += seconds * wrk(url, operation, [json.dumps(WORK[operation])], folder, seconds=seconds)
        return before, resident(process), min(EXCHANGES, int(sent))
