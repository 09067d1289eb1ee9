"""A thousand delayed requests in flight at once: how far from its drawn delay each answer comes, and whether others notice."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import multiprocessing.connection

from bench.serving import headers
from emulator import Emulator
from emulator.journal import Exchange

DELAYED = 1_000
UNDELAYED = 300

SCENARIO = {
    "version": 1,
    "seed": 1,
    "tables": [{"name": "items", "key": {"pk": "S"}}],
    "rules": [{"name": "late", "when": {"operation": "GetItem"}, "fault": {"delay": {"uniform": ["500ms", "2s"]}}}],
}


def run() -> None:
    with Emulator(SCENARIO) as emulator:
        parent, child = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=_ask, args=(emulator.port, child))
        process.start()
        parent.recv()
        process.join()
        entries = emulator.journal.entries()
    late = [_waited(entry) - entry.plan.delay for entry in entries if entry.operation == "GetItem" and entry.plan is not None]
    others = [_waited(entry) for entry in entries if entry.operation == "ListTables"]
    lag = [entry.request.late for entry in entries if entry.request.late is not None]
    print(f"delays: {len(late)} in flight, 99 % within {_percentile(late):.1f} ms of their delay;", end=" ")
    print(f"{len(others)} undelayed beside them, 99 % within {_percentile(others):.1f} ms;", end=" ")
    print(f"the loop's own timers were up to {_percentile(lag):.1f} ms late for 99 % of the requests")


def _waited(entry: Exchange) -> float:
    """Seconds from a request's first byte to its answer's."""
    assert entry.delivery.first_byte is not None
    return entry.delivery.first_byte - entry.request.arrived


def _percentile(seconds: list[float]) -> float:
    """The 99th percentile in milliseconds."""
    return sorted(seconds)[int(len(seconds) * 0.99)] * 1000


def _ask(port: int, pipe: multiprocessing.connection.Connection) -> None:
    asyncio.run(_ask_all(port))
    pipe.send(True)


async def _ask_all(port: int) -> None:
    delayed = [asyncio.create_task(_call(port, "GetItem", {"TableName": "items", "Key": {"pk": {"S": str(n)}}})) for n in range(DELAYED)]
    for _ in range(UNDELAYED):
        await _call(port, "ListTables", {})
    await asyncio.gather(*delayed)


async def _call(port: int, operation: str, params: dict[str, object]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(params).encode()
    lines = ["POST / HTTP/1.1", "Host: localhost", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers(operation).items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    await reader.read()
    writer.close()
