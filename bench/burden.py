"""What fifty rules that could match cost a GetItem, and what fifty of all kinds and a full journal do: servers in one run, in interleaved
rounds."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import requests

from bench.serving import serving, wrk
from bench.work import ITEMS, TABLE, WORK
from emulator.journal.journal import MAX_ENTRIES
from oracle.endpoint import Endpoint, Request

ROUNDS = int(os.environ.get("DYNAFAULT_BENCH_ROUNDS", "7"))
SECONDS = 2
# All are about the request, and none ever fires
RULES = [
    *({"name": f"attempt {number}", "when": {"operation": "GetItem", "attempt": 5 + number}} for number in range(20)),
    *({"name": f"request {number}", "when": {"operation": "reads", "request": 10**9 + number}} for number in range(10)),
    *({"name": f"call {number}", "when": {"table": "orders", "call": 10**9 + number}} for number in range(10)),
    *({"name": f"key {number}", "when": {"operation": "GetItem", "key": {"id": f"bob-{number}"}}} for number in range(10)),
]
SCENARIO: dict[str, Any] = {"version": 1, "rules": [{**rule, "fault": "InternalServerError"} for rule in RULES]}

_OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchWriteItem", "TransactWriteItems")
_TABLES = ("orders", "customers", "stock", "audit")
# As a scenario of some size may have them: a third or so can be about a GetItem, and none ever fires for it
_OF_ALL_KINDS: list[dict[str, Any]] = [
    *({"when": {"operation": operation, "attempt": "2..3"}} for operation in _OPERATIONS),
    *({"when": {"operation": operation, "request": "1000000000.."}, "in": ["busy", "outage"]} for operation in _OPERATIONS),
    *({"when": {"operation": "writes", "table": table, "request": "every 100"}} for table in _TABLES),
    *({"when": {"table": table, "call": 10**9}, "in": ["outage"]} for table in _TABLES),
    *({"when": {"table": table, "key": {"id": f"hot-{table}"}}} for table in _TABLES),
    *({"when": {"table": table, "key": {"id": f"{table}-tenant-*"}}} for table in _TABLES),
    *({"when": {"operation": "reads", "key": {"id": f"user-{number}"}}} for number in range(6)),
    *({"when": {"operation": "Query", "where": f"IndexName == 'by-{number}'"}} for number in range(4)),
    *({"when": {"client": {"user_agent": f"*job-{number}*"}}} for number in range(4)),
    {"when": {"operation": "reads", "try": "3.."}},
    {"when": {"operation": "reads"}, "in": ["outage"], "chance": 0.5},
    {"when": {"operation": "writes"}, "chance": 0.001},
    {"when": {"operation": "Scan"}, "chance": 0.01},
]
OF_ALL_KINDS: dict[str, Any] = {
    "version": 1,
    "phases": [{"name": "busy", "for": "10h"}, {"name": "outage"}],
    "rules": [{"name": f"rule {number}", **rule, "fault": "InternalServerError"} for number, rule in enumerate(_OF_ALL_KINDS)],
}


def run() -> None:
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenarios = {"nothing": {}, "fifty rules that could match": SCENARIO, "fifty of all kinds": OF_ALL_KINDS, "a full journal": {}}
        servers = {what: _written(folder / f"{what}.json", scenario) for what, scenario in scenarios.items()}
        urls = {what: stack.enter_context(serving(*words))[0] for what, words in servers.items()}
        for url in urls.values():
            _fill(url)
        rates: dict[str, list[float]] = {what: [] for what in urls}
        sent = 0.0
        while sent < MAX_ENTRIES:
            sent += _ask(urls["a full journal"], folder) * SECONDS
        for _ in range(ROUNDS):
            for what, url in urls.items():
                if what != "a full journal":
                    requests.post(f"{url}/_emulator/reset", json={"what": ["journal"]}, timeout=10).raise_for_status()
                rates[what].append(_ask(url, folder))
    plain = median(rates["nothing"])
    told = ", ".join(f"{what} {median(of):,.0f} ({median(of) / plain:.2f})" for what, of in rates.items())
    print(f"burden: GetItem a second with {told}; medians of {ROUNDS} interleaved rounds")


def _written(path: Path, scenario: dict[str, Any]) -> tuple[str, ...]:
    """The words of the command line for a scenario, which may be none."""
    path.write_text(json.dumps(scenario))
    return (str(path),) if scenario else ()


def _ask(url: str, folder: Path) -> float:
    return wrk(url, "GetItem", [json.dumps(WORK["GetItem"])], folder, seconds=SECONDS)


def _fill(url: str) -> None:
    endpoint = Endpoint("dynafault", url)
    endpoint.ask(Request("CreateTable", TABLE))
    for item in ITEMS:
        endpoint.ask(Request("PutItem", {"TableName": "orders", "Item": item}))
