"""Backends that have to be waited for: behind a socket, slow, failing. They hold up their own requests and nobody else's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import orjson
import pytest
import requests
from werkzeug.serving import make_server

from emulator import Emulator
from emulator.aws.errors import ServiceError
from emulator.core import EmulatorCore
from emulator.messages import AS_USUAL, Call, ExecutionContext, Outcome, Written
from emulator.server.app import create_app

AT_ONCE = 500
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}


class Store:
    """A service on a socket that answers a line with a line, once so many have come as it waits for: only who can hold them all at
    once gets any answer."""

    def __init__(self, together: int = 1) -> None:
        self._together = together
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self.address: tuple[str, int] = ("", 0)
        self.most = 0
        self.reached = threading.Event()

    def __enter__(self) -> Store:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._all_here = asyncio.Event()
        self._waiting = 0
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024))
        self.address = server.sockets[0].getsockname()[:2]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError), closing(writer):
            line = await reader.readline()
            self._waiting += 1
            self.most = max(self.most, self._waiting)
            self.reached.set()
            if self._waiting >= self._together:
                self._all_here.set()
            await self._all_here.wait()
            self._waiting -= 1
            writer.write(line)
            await writer.drain()


class SocketBackend:
    """DynamoDB on the far side of a socket, as far as these tests need one."""

    operations = frozenset({"GetItem", "PutItem", "DeleteItem"})

    def __init__(self, store: Store) -> None:
        self._store = store

    def execute(self, call: Call, context: ExecutionContext = AS_USUAL) -> Awaitable[Outcome]:
        return self._ask(call)

    async def _ask(self, call: Call) -> Outcome:
        if call.operation == "DeleteItem":
            raise ServiceError("ConditionalCheckFailedException")
        reader, writer = await asyncio.open_connection(*self._store.address)
        with closing(writer):
            key = call.params.get("Key") or call.params["Item"]
            writer.write(orjson.dumps(key) + b"\n")
            answer = orjson.loads(await reader.readline())
        written = Written((("orders", orjson.dumps(answer).decode()),)) if call.operation == "PutItem" else None
        return Outcome({} if call.operation == "PutItem" else {"Item": answer}, written)

    def key_names(self, call: Call, table: str) -> tuple[str, ...] | None:
        return ("id",)

    def new_empty(self) -> SocketBackend:
        return self


def ask(url: str, operation: str, **params: Any) -> requests.Response:
    headers = {**HEADERS, "x-amz-target": f"DynamoDB_20120810.{operation}"}
    return requests.post(url, data=orjson.dumps({"TableName": "orders", **params}), headers=headers, timeout=60)


def key(number: int) -> dict[str, Any]:
    return {"id": {"S": str(number)}}


def many(url: str) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda number: ask(url, "GetItem", Key=key(number)), range(AT_ONCE)))
    return [answer.json()["Item"] for answer in answers]


@pytest.fixture
def served() -> Iterator[Callable[[EmulatorCore], str]]:
    """Serves the Flask app with a foreign WSGI server, a thread for each request."""
    servers = []

    def serve(core: EmulatorCore) -> str:
        server = make_server("127.0.0.1", 0, create_app(core), threaded=True)
        server.socket.listen(1024)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join(60)
        server.server_close()


def test_five_hundred_requests_wait_at_once_under_the_built_in_server(start: Callable[..., Emulator]) -> None:
    with Store(AT_ONCE) as store:
        emulator = start(backends={"dynamodb": SocketBackend(store)})
        assert many(emulator.url) == [key(number) for number in range(AT_ONCE)]
        assert store.most == AT_ONCE
        assert len(emulator.journal) == AT_ONCE


def test_five_hundred_requests_wait_at_once_under_a_foreign_server(served: Callable[[EmulatorCore], str]) -> None:
    with Store(AT_ONCE) as store:
        core = EmulatorCore(backends={"dynamodb": SocketBackend(store)})
        assert many(served(core)) == [key(number) for number in range(AT_ONCE)]
        assert store.most == AT_ONCE
        assert len(core.journal) == AT_ONCE


def test_others_are_served_while_a_backend_is_waited_for(start: Callable[..., Emulator]) -> None:
    with Store(2) as store, ThreadPoolExecutor(1) as thread:
        emulator = start(backends={"dynamodb": SocketBackend(store)})
        held = thread.submit(ask, emulator.url, "GetItem", Key=key(1))
        assert requests.get(f"{emulator.url}/_emulator/health", timeout=60).status_code == 200
        assert ask(emulator.url, "Scan").json()["__type"].endswith("UnknownOperationException")
        assert not held.done()
        assert ask(emulator.url, "GetItem", Key=key(2)).status_code == 200
        assert held.result(60).json() == {"Item": key(1)}


def test_what_it_wrote_is_what_counts(start: Callable[..., Emulator]) -> None:
    rules = [{"name": "lost", "when": {"operation": "PutItem", "request": 2}, "fault": {"error": "InternalServerError", "applied": True}}]
    with Store() as store:
        emulator = start({"version": 1, "rules": rules}, backends={"dynamodb": SocketBackend(store)})
        assert ask(emulator.url, "PutItem", Item=key(1)).status_code == 200
        assert ask(emulator.url, "PutItem", Item=key(1)).status_code == 500
        assert ask(emulator.url, "DeleteItem", Key=key(1)).json()["__type"].endswith("ConditionalCheckFailedException")
        assert [exchange.applied for exchange in emulator.journal] == [True, True, False]
        assert [exchange.rule for exchange in emulator.journal] == ["", "lost", ""]


def test_a_failed_condition_shows_the_item_from_there(start: Callable[..., Emulator]) -> None:
    with Store(1) as store:
        rule = {"name": "r", "when": {"operation": "PutItem"}, "fault": "ConditionalCheckFailedException"}
        emulator = start({"version": 1, "rules": [rule]}, backends={"dynamodb": SocketBackend(store)})
        asked = {"ConditionExpression": "attribute_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        answer = ask(emulator.url, "PutItem", Item=key(1), **asked).json()
        assert (answer["__type"].rpartition("#")[2], answer["Item"]) == ("ConditionalCheckFailedException", key(1))


def test_a_client_that_gives_up_leaves_a_trace_of_what_was_done_for_it(
    start: Callable[..., Emulator], journaled: Callable[..., None]
) -> None:
    with Store(2) as store:
        emulator = start(backends={"dynamodb": SocketBackend(store)})
        headers = {**HEADERS, "x-amz-target": "DynamoDB_20120810.PutItem"}
        with pytest.raises(requests.ReadTimeout):
            requests.post(emulator.url, data=orjson.dumps({"TableName": "orders", "Item": key(1)}), headers=headers, timeout=0.2)
        assert ask(emulator.url, "PutItem", Item=key(2)).status_code == 200
        journaled(emulator, lambda: {exchange.delivery.how for exchange in emulator.journal} == {"client-closed", "sent"})
        gone = next(exchange for exchange in emulator.journal if b'"1"' in exchange.request.body)
        assert (gone.applied, gone.delivery.how) == (True, "client-closed")


def test_nobody_knows_what_a_backend_did_that_was_no_longer_waited_for(start: Callable[..., Emulator]) -> None:
    with Store(2) as store, ThreadPoolExecutor(1) as thread:
        emulator = start(backends={"dynamodb": SocketBackend(store)})
        held = thread.submit(ask, emulator.url, "PutItem", Item=key(1))
        assert store.reached.wait(60)
        emulator.stop()
        with pytest.raises(requests.ConnectionError):
            held.result(60)
        assert [exchange.applied for exchange in emulator.journal] == ["unknown"]


def test_a_scenario_with_tables_needs_the_embedded_engine(start: Callable[..., Emulator]) -> None:
    with Store() as store, pytest.raises(Exception, match="tables can be put into the embedded engine only"):
        start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}]}, backends={"dynamodb": SocketBackend(store)})
