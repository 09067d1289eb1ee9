"""What each step of the hot path buys: the processor time of a GetItem with that step taken out, from the bytes that come in to those that
go out, without sockets. Medians of interleaved rounds."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from bench.serving import headers
from bench.work import ITEMS, TABLE, WORK
from emulator.backends.dynamodb.operations import get_item
from emulator.backends.dynamodb.records import decode
from emulator.cli.serve import GC_THRESHOLDS
from emulator.core import EmulatorCore
from emulator.faults import RuleSet
from emulator.journal import journal
from emulator.messages import HttpReply
from emulator.server.admin.access import Access
from emulator.server.connection import Connection
from emulator.server.context import Limits, ServerContext
from emulator.server.http1 import RequestReader
from emulator.server.routing import Router
from emulator.server.sandboxes import Sandboxes
from emulator.wire import json_rpc
from emulator.wire.answer import ServiceReply

ROUNDS = 7
REQUESTS = 20_000

# Each step: where it is, its name there, and what stands in its place when it is taken out
_STEPS: dict[str, tuple[Any, str, Any]] = {
    "a body that comes again is not parsed again": (json_rpc, "MAX_REMEMBERED_SIZE", -1),
    "an item goes into its answer as the bytes that are stored": (get_item, "splice", decode),
    "the head of an answer is made once a second": (ServiceReply, "head", lambda reply, keep_alive: HttpReply.head(reply, keep_alive)),
    "a request that is like those before it is read with one look": (RequestReader, "_learn", lambda reader, data, event: None),
    "a credential scope is read once": (json_rpc, "usual_identity", lambda request: None),
    "rules are asked only where one can be about it": (RuleSet, "may_concern", lambda rules, service, operation: True),
    "exchanges that are over are packed": (journal, "MAX_UNPACKED", 10**9),
}


class _Sink(asyncio.Transport):
    """Where answers go."""

    def write(self, data: Any) -> None:
        pass

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 5000)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return False


def run() -> None:
    gc.set_threshold(*GC_THRESHOLDS)
    asyncio.run(_run())


async def _run() -> None:
    times: dict[str, list[float]] = {name: [] for name in ("", *_STEPS)}
    for _ in range(ROUNDS):
        for name, of in times.items():
            with _without(name):
                of.append(_microseconds())
    all_of_them = median(times.pop(""))
    print(f"steps: a GetItem takes {all_of_them:.1f} us of a processor, from bytes to bytes; with one step less, so much more:")
    for name, of in times.items():
        print(f"  {median(of) - all_of_them:+6.1f} us  {name}")


@contextmanager
def _without(step: str) -> Iterator[None]:
    if not step:
        yield
        return
    owner, name, other = _STEPS[step]
    own = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, own)


def _microseconds() -> float:
    receive = _connection()
    asked = _request("GetItem", WORK["GetItem"])
    for _ in range(REQUESTS // 10):
        receive(asked)
    began = time.process_time()
    for _ in range(REQUESTS):
        receive(asked)
    return (time.process_time() - began) / REQUESTS * 1e6


def _connection() -> Callable[[bytes], None]:
    """What takes the bytes of a client, with the table of the work behind it."""
    core = EmulatorCore()
    router = Router(Sandboxes(core), lambda outlet, asked, request: None, Access())
    # Nothing here closes the listening socket, which is all that it is for
    context = ServerContext(router, None, core.clock, Limits())  # type: ignore[arg-type]
    connection = Connection(context, 1)
    connection.connection_made(_Sink())
    connection.data_received(_request("CreateTable", TABLE))
    for item in ITEMS:
        connection.data_received(_request("PutItem", {"TableName": "orders", "Item": item}))
    return connection.data_received


def _request(operation: str, params: dict[str, Any]) -> bytes:
    body = json.dumps(params).encode()
    lines = ["POST / HTTP/1.1", "Host: localhost:8000", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers(operation).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
