"""What it costs to stand in front of another DynamoDB: the median time of a GetItem on a connection of its own, straight to a server and
through an emulator in front of it, in turns, so that what the machine does besides hits both. The server answers from memory: what it
takes itself is no part of the difference.

    python -m bench hop
    DYNAFAULT_BENCH_ROUNDS=50 python -m bench hop
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

from bench.serving import headers, serving

ROUNDS = int(os.environ.get("DYNAFAULT_BENCH_ROUNDS", "30"))
# Requests in a row, before it is the other's turn
_IN_A_ROW = 100
_BODY = b'{"TableName":"orders","Key":{"id":{"S":"a"}}}'
_SCENARIO = "version: 1\ntables: [{name: orders, key: {id: S}, items: [{id: a, total: 7}]}]\n"
_RULES = """version: 1
rules:
  - {name: never, when: {operation: PutItem, attempt: 1}, fault: ThrottlingException}
  - {name: at-once, when: {operation: GetItem}, fault: {headers: {x-hop: "1"}}}
"""


class _Client:
    """One connection, one request at a time."""

    def __init__(self, url: str) -> None:
        host = urlsplit(url).netloc
        lines = [f"{name}: {value}" for name, value in headers("GetItem").items()]
        head = "\r\n".join(["POST / HTTP/1.1", f"Host: {host}", *lines, f"Content-Length: {len(_BODY)}", "", ""])
        self._request = head.encode() + _BODY
        address, _, port = host.partition(":")
        self._socket = socket.create_connection((address, int(port)), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> float:
        """Seconds until the whole answer was there."""
        began = time.perf_counter()
        self._socket.sendall(self._request)
        answer = b""
        while b'"total"' not in answer:
            answer += self._socket.recv(65536)
        return time.perf_counter() - began


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        far_scenario, rules = Path(folder, "far.yaml"), Path(folder, "rules.yaml")
        far_scenario.write_text(_SCENARIO)
        rules.write_text(_RULES)
        with (
            serving(str(far_scenario)) as (far, _, _),
            serving("--upstream", far) as (near, _, _),
            serving(str(rules), "--upstream", far) as (ruled, _, _),
        ):
            clients = {"straight": _Client(far), "through": _Client(near), "through, with rules": _Client(ruled)}
            times = _measured(clients)
    plain = median(times["straight"])
    for name, found in times.items():
        more = "" if name == "straight" else f"   {1000 * (median(found) - plain):+.3f} ms"
        print(f"{name:<20} median {1000 * median(found):.3f} ms, 99 % below {1000 * quantiles(found, n=100)[98]:.3f} ms{more}")


def _measured(clients: dict[str, _Client]) -> dict[str, list[float]]:
    for client in clients.values():
        for _ in range(_IN_A_ROW):
            client.ask()
    times: dict[str, list[float]] = {name: [] for name in clients}
    for _ in range(ROUNDS):
        for name, client in clients.items():
            times[name] += [client.ask() for _ in range(_IN_A_ROW)]
    return times
