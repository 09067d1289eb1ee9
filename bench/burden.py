"""What fifty rules that could match cost a GetItem, and what a full journal does: three servers in one run, in interleaved rounds."""

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


def run() -> None:
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario = folder / "fifty-rules.json"
        scenario.write_text(json.dumps(SCENARIO))
        servers = {"nothing": (), "fifty rules that could match": (str(scenario),), "a full journal": ()}
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


def _ask(url: str, folder: Path) -> float:
    return wrk(url, "GetItem", [json.dumps(WORK["GetItem"])], folder, seconds=SECONDS)


def _fill(url: str) -> None:
    endpoint = Endpoint("dynafault", url)
    endpoint.ask(Request("CreateTable", TABLE))
    for item in ITEMS:
        endpoint.ask(Request("PutItem", {"TableName": "orders", "Item": item}))
