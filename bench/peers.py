"""The same work on this emulator and on the others that are installed (`make oracle` installs them), in one run: how long each takes to
get ready, and how many small reads and writes a second it answers on eight kept connections."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path

from bench.serving import wrk
from oracle.endpoint import Endpoint, Request
from oracle.peers import PEERS, ours, serving

_PATIENCE = 30.0  # seconds
_ITEM = {"id": {"S": "ada"}, "order": {"N": "1"}, "status": {"S": "open"}}
_TABLE = {
    "TableName": "orders",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_WORK = {
    "PutItem": {"TableName": "orders", "Item": _ITEM},
    "GetItem": {"TableName": "orders", "Key": {"id": {"S": "ada"}}},
    "Query": {"TableName": "orders", "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"S": "ada"}}},
}


def run() -> None:
    installed = [peer for peer in PEERS if (peer.folder / "ready").exists()]
    if not installed:
        print("peers: none is installed; `make oracle` does that")
    measured = {"dynafault": _measured(ours("2026"))}
    for peer in installed:
        measured[peer.name] = _measured(serving(peer))
    base = measured["dynafault"]
    for name, figures in measured.items():
        told = ", ".join(f"{what} {figure:,.0f} ({figure / base[what]:.2f})" for what, figure in figures.items())
        print(f"peers: {name}: {told}")


def _measured(server: AbstractContextManager[Endpoint]) -> dict[str, float]:
    """Milliseconds until it is ready, and requests per second of each operation."""
    began = time.perf_counter()
    with server as endpoint, tempfile.TemporaryDirectory() as folder:
        figures = {"ready ms": (time.perf_counter() - began) * 1000}
        endpoint.ask(Request("CreateTable", _TABLE))
        _wait_for_the_table(endpoint)
        for operation, params in _WORK.items():
            rates = [wrk(endpoint.url, operation, json.dumps(params), Path(folder), seconds=3) for _ in range(2)]
            figures[f"{operation}/s"] = max(rates)
    return figures


def _wait_for_the_table(endpoint: Endpoint) -> None:
    """Raises RuntimeError for a server that makes no table in time."""
    began = time.perf_counter()
    while endpoint.ask(Request("PutItem", _WORK["PutItem"])).status != 200:
        if time.perf_counter() - began > _PATIENCE:
            raise RuntimeError(f"{endpoint.name} has made no table in {_PATIENCE:g} s")
        time.sleep(0.05)
