"""The same work on this emulator, on a bare loop, and on the other emulators that are installed (`make oracle` installs them), in one
run: how many requests a second each answers, of the same request over and over, and of requests about five thousand items in turn. Rounds
are interleaved, so that what the machine does besides hits all of them; the medians count, and their ratios.

    python -m bench peers                                          # prints
    DYNAFAULT_BENCH_JSON=FILE python -m bench peers                # writes it all as JSON, too
    DYNAFAULT_BENCH_ROUNDS=9 DYNAFAULT_BENCH_SECONDS=3 python -m bench peers
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.serving import one_core, serving, wrk
from bench.work import ITEMS, OTHERS, TABLE, TURNS, WORK
from emulator import __version__
from oracle.endpoint import Endpoint, Request
from oracle.peers import PEERS
from oracle.peers import serving as peer_serving

_PATIENCE = 30.0  # seconds
ROUNDS = int(os.environ.get("DYNAFAULT_BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("DYNAFAULT_BENCH_SECONDS", "2"))
_THROTTLED = "dynafault, throttled"
THROTTLED = {"version": 1, "rules": [{"name": "all", "when": {"operation": "GetItem"}, "fault": "ThrottlingException"}]}


class Server(NamedTuple):
    """`work` are the operations that it is asked for."""

    url: str
    work: tuple[str, ...]


# What is measured, by name: an operation, and its bodies in turn
Work = dict[str, tuple[str, list[str]]]
SAME: Work = {operation: (operation, [json.dumps(params)]) for operation, params in WORK.items()}
IN_TURN: Work = {f"{operation} in turn": (operation, [json.dumps(params) for params in asked]) for operation, asked in TURNS.items()}
# What at how many connections
CONNECTIONS = {1: SAME, 8: {**SAME, **IN_TURN}, 32: SAME}
# Name of a server, and of what is measured -> requests a second, round by round
Rates = dict[str, dict[str, list[float]]]


def run() -> None:
    installed = [peer for peer in PEERS if (peer.folder / "ready").exists()]
    if not installed:
        print("peers: none is installed; `make oracle` does that")
    versions = {peer.name: peer.version for peer in installed}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers = {"dynafault": Server(stack.enter_context(_ours(folder)), tuple(WORK))}
        for peer in installed:
            with one_core():
                endpoint = stack.enter_context(peer_serving(peer))
            _fill(endpoint)
            servers[peer.name] = Server(endpoint.url, _answered(endpoint))
        beside = {
            "bare loop": Server(stack.enter_context(_bare()), ("GetItem",)),
            "bare loop that reads": Server(stack.enter_context(_bare("--reads")), ("GetItem",)),
            _THROTTLED: Server(stack.enter_context(_throttling(folder)), ("GetItem",)),
        }
        found: dict[str, Any] = {"machine": _machine(), "versions": versions, "rounds": ROUNDS, "seconds": SECONDS}
        for connections, work in CONNECTIONS.items():
            rates = _measured({**servers, **beside}, work, connections, folder)
            found[f"{connections} connections"] = {name: {work: median(one) for work, one in of.items()} for name, of in rates.items()}
            _print(rates, connections)
    print(f"peers: on {found['machine']}; {', '.join(f'{name} {number}' for name, number in versions.items())}")
    target = os.environ.get("DYNAFAULT_BENCH_JSON")
    if target:
        Path(target).write_text(json.dumps(found, indent=2) + "\n")


def _answered(endpoint: Endpoint) -> tuple[str, ...]:
    """The operations that a server has."""
    found = [work for work, params in WORK.items() if endpoint.ask(Request(work, params)).status == 200]
    print(f"peers: {endpoint.name} has no {', '.join(sorted(set(WORK) - set(found))) or 'gaps'}")
    return tuple(found)


def _measured(servers: dict[str, Server], work: Work, connections: int, folder: Path) -> Rates:
    rates: Rates = {name: {} for name in servers}
    for _ in range(ROUNDS):
        for what, (operation, bodies) in work.items():
            for name, (url, known) in servers.items():
                if operation in known:
                    rate = wrk(url, operation, bodies, folder, connections=connections, seconds=SECONDS, refused=name == _THROTTLED)
                    rates[name].setdefault(what, []).append(rate)
    return rates


def _print(rates: Rates, connections: int) -> None:
    own = {work: median(found) for work, found in rates["dynafault"].items()}
    for name, of in rates.items():
        told = []
        for work, found in of.items():
            rate = median(found)
            told.append(f"{work} {rate:,.0f}" if name == "dynafault" else f"{work} {rate:,.0f} (ours {own[work] / rate:.2f})")
        print(f"peers: {connections} connections: {name}: {', '.join(told)}")


@contextmanager
def _ours(folder: Path) -> Iterator[str]:
    scenario = folder / "table.json"
    scenario.write_text(json.dumps({"version": 1}))
    with serving(str(scenario)) as (url, _, _):
        _fill(Endpoint("dynafault", url))
        yield url


@contextmanager
def _throttling(folder: Path) -> Iterator[str]:
    scenario = folder / "throttled.json"
    scenario.write_text(json.dumps(THROTTLED))
    with serving(str(scenario)) as (url, _, _):
        yield url


@contextmanager
def _bare(*words: str) -> Iterator[str]:
    with one_core():
        process = subprocess.Popen([sys.executable, "-m", "bench.bare", *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split()[-1]
        yield url
    finally:
        process.terminate()
        process.wait()


def _fill(endpoint: Endpoint) -> None:
    """Raises RuntimeError for a server that makes no table in time."""
    endpoint.ask(Request("CreateTable", TABLE))
    began = time.perf_counter()
    while endpoint.ask(Request("PutItem", WORK["PutItem"])).status != 200:
        if time.perf_counter() - began > _PATIENCE:
            raise RuntimeError(f"{endpoint.name} has made no table in {_PATIENCE:g} s")
        time.sleep(0.05)
    for item in [*ITEMS, *OTHERS]:
        endpoint.ask(Request("PutItem", {"TableName": "orders", "Item": item}))


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [platform.platform(terse=True), platform.machine(), f"{cores} cores", f"Python {platform.python_version()}"]
    own = [f"{name} {version(name)}" for name in ("httptools", "orjson")]
    return ", ".join([*parts, f"dynafault {__version__}", *own])
