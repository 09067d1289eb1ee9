"""Loading small items by BatchWriteItem over HTTP: four connections, twenty-five items a request."""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
import os
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench.engine import item
from bench.serving import headers, serving

ITEMS = 100_000
CONNECTIONS = 4
BATCH = 25


def run() -> None:
    with tempfile.TemporaryDirectory() as name:
        scenario = Path(name) / "table.json"
        scenario.write_text(json.dumps({"version": 1, "tables": [{"name": "items", "key": {"pk": "S", "sk": "N"}}]}))
        with serving(str(scenario)) as (url, _, _):
            seconds = _load(url)
    print(f"load: {ITEMS / seconds:,.0f} items/s by BatchWriteItem over HTTP ({ITEMS:,} items, {CONNECTIONS} connections)")


def _load(url: str) -> float:
    """Seconds that another process takes to send everything; the requests are made ready before the clock starts."""
    parent, child = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_send, args=(url, child))
    process.start()
    seconds: float = parent.recv()
    process.join()
    return seconds


def _send(url: str, pipe: multiprocessing.connection.Connection) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    address = urlsplit(url)
    connections = [socket.create_connection((address.hostname, address.port or 80)) for _ in range(CONNECTIONS)]
    requests = [_request(first) for first in range(0, ITEMS, BATCH)]
    began = time.perf_counter()
    for number, request in enumerate(requests):
        connection = connections[number % CONNECTIONS]
        # One request under way on each connection: the answer before must be in before the next one goes out
        if number >= CONNECTIONS:
            _answer(connection)
        connection.sendall(request)
    for connection in connections:
        _answer(connection)
    pipe.send(time.perf_counter() - began)


def _request(first: int) -> bytes:
    puts = [{"PutRequest": {"Item": item(number, 100)}} for number in range(first, first + BATCH)]
    body = json.dumps({"RequestItems": {"items": puts}}).encode()
    lines = ["POST / HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers("BatchWriteItem").items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _answer(connection: socket.socket) -> None:
    """Reads one answer, which is short and comes at once."""
    data = b""
    while not data.endswith(b"}"):
        data += connection.recv(65536)
    if not data.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(data[:500])
