"""Requests go on to an upstream and its answers come back: byte for byte, pooled, a thousand at once."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest
import requests
from werkzeug.serving import make_server

from emulator import Emulator
from emulator.core import EmulatorCore
from emulator.scenario import ScenarioError
from emulator.server.app import create_app
from tests.upstream.servers import Asked, Does, RawUpstream, answer, ask

Start = Callable[..., Emulator]
ORDERS = {"version": 1, "tables": [{"name": "orders", "key": {"customer": "S", "order": "N"}, "stream": "NEW_IMAGE"}]}
AT_ONCE = 1000
KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}


@pytest.fixture
def pair(start: Start) -> tuple[Emulator, Emulator]:
    """A healthy emulator, and one in front of it."""
    far = start(ORDERS)
    return far, start(upstream=far.url)


def test_an_sdk_sees_the_upstream(pair: tuple[Emulator, Emulator], client_for: Callable[..., Any]) -> None:
    far, near = pair
    client = client_for(near)
    assert client.list_tables()["TableNames"] == ["orders"]
    client.put_item(TableName="orders", Item={**KEY, "total": {"N": "7"}})
    assert client_for(far).get_item(TableName="orders", Key=KEY)["Item"]["total"] == {"N": "7"}
    put = near.journal.entries()[-1]
    assert (put.operation, put.applied, put.upstream and put.upstream.how) == ("PutItem", True, "answered")
    assert put.written is not None
    assert put.written.keys == (("orders", '{"customer":{"S":"ada"},"order":{"N":"1"}}'),)


def test_streams_are_at_the_same_address(pair: tuple[Emulator, Emulator], client_for: Callable[..., Any]) -> None:
    far, near = pair
    client_for(far).put_item(TableName="orders", Item=KEY)
    streams = client_for(near, "dynamodbstreams")
    (stream,) = streams.list_streams(TableName="orders")["Streams"]
    (shard,) = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    place = {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    records = streams.get_records(ShardIterator=streams.get_shard_iterator(**place)["ShardIterator"])["Records"]
    assert [record["dynamodb"]["Keys"] for record in records] == [KEY]
    assert {entry.call.service for entry in near.journal if entry.call} == {"streams"}


def test_bytes_and_headers_are_those_of_either_side(start: Start) -> None:
    said = answer(200, b'{ "Item" : {}}', ("X-Amzn-RequestId", "THEIRS"), ("X-Odd", "a\xe9b"))
    with RawUpstream(lambda asked: Does(said)) as far:
        near = start(upstream=far.url)
        headers, _ = ask("GetItem")
        body = b'{"TableName" : "orders",\n "Key": {"id": {"S": "\xc3\xa9"}}}'
        came = requests.post(near.url, data=body, headers={**headers, "x-own": "\xe9".encode(), "accept-encoding": "gzip"}, timeout=20)
        (asked,) = far.asked
    assert asked.body == body
    assert (
        asked.headers | {"x-own": "\xe9".encode().decode("latin-1"), **headers, "accept-encoding": "gzip", "host": near.url[7:]}
        == asked.headers
    )
    assert came.content == b'{ "Item" : {}}'
    assert (came.headers["x-amzn-requestid"], came.headers["x-odd"]) == ("THEIRS", "a\xe9b")
    assert came.headers["x-amz-crc32"] in said.decode("latin-1")


def test_a_packed_answer_stays_packed_and_is_understood(start: Start) -> None:
    packed = gzip.compress(b'{"UnprocessedItems":{"orders":[{"PutRequest":{"Item":{"id":{"S":"b"}}}}]}}')
    with RawUpstream(lambda asked: Does(answer(200, packed, ("Content-Encoding", "gzip")))) as far:
        near = start(upstream=far.url)
        headers, body = ask("BatchWriteItem", RequestItems={"orders": [{"PutRequest": {"Item": {"id": {"S": one}}}} for one in "abc"]})
        came = requests.post(near.url, data=body, headers=headers, stream=True, timeout=20)
        assert came.raw.read(decode_content=False) == packed
    (entry,) = near.journal.entries()
    assert entry.written is not None
    assert [key for _, key in entry.written.keys] == ['{"id":{"S":"a"}}', '{"id":{"S":"c"}}']
    assert entry.to_json()["response"]["body"]["UnprocessedItems"]["orders"][0]["PutRequest"]["Item"] == {"id": {"S": "b"}}
    leftovers = next(finding for finding in near.report().audit if finding.verdict.id == "V26")
    assert (leftovers.status, '{"id":{"S":"b"}}' in leftovers.ruling.why) == ("fail", True)


CARD = b'{"Item":{"card":{"S":"four ones"}}}'


@pytest.mark.parametrize("packed", [b"no gzip at all", gzip.compress(CARD, mtime=0)[:-9], CARD], ids=["no gzip", "cut off", "not packed"])
def test_what_cannot_be_unpacked_shows_nothing_that_is_to_be_hidden(packed: bytes, start: Start) -> None:
    with RawUpstream(lambda asked: Does(answer(200, packed, ("Content-Encoding", "gzip")))) as far:
        near = start(upstream=far.url, redact=["card"])
        headers, body = ask("GetItem", TableName="orders", Key=KEY)
        came = requests.post(near.url, data=body, headers=headers, stream=True, timeout=20)
        assert came.raw.read(decode_content=False) == packed
    (entry,) = near.journal.entries()
    assert (entry.bug, "four ones" in str(entry.to_json())) == ("", False)


def test_an_answer_in_chunks_comes_with_its_length(start: Start) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'
    with RawUpstream(lambda asked: Does(chunked)) as far:
        headers, body = ask("GetItem", TableName="orders", Key=KEY)
        came = requests.post(start(upstream=far.url).url, data=body, headers=headers, timeout=20)
    assert (came.content, came.headers["content-length"], "transfer-encoding" in came.headers) == (b'{"a":1}', "7", False)


def test_what_our_model_refuses_is_the_upstreams_to_refuse(start: Start) -> None:
    with RawUpstream(lambda asked: Does(answer(200, b'{"Newer":true}'))) as far:
        headers, body = ask("PutItem", Item="no map", TableName="t")
        came = requests.post(start(upstream=far.url).url, data=body, headers=headers, timeout=20)
        assert (came.json(), far.asked[0].body) == ({"Newer": True}, body)


def test_an_error_of_the_upstreams_own_is_told_apart(start: Start, client_for: Callable[..., Any]) -> None:
    throttled = answer(400, b'{"__type":"com.amazon.coral.availability#ThrottlingException","message":"slower"}')
    turns = iter((Does(throttled), Does(answer(500, b'{"__type":"x#Odd","message":"oops"}')), Does(answer(200, b"{}"))))
    with RawUpstream(lambda asked: next(turns)) as far:
        near = start(upstream=far.url)
        client_for(near).put_item(TableName="orders", Item=KEY)
    assert [(entry.error, entry.applied, entry.is_upstreams_error) for entry in near.journal] == [
        ("ThrottlingException", False, True),
        ("Odd", "unknown", True),
        ("", True, False),
    ]
    report = near.report()
    assert report.to_json()["upstream"] == {"asked": 3, "errors": {"ThrottlingException": 1, "Odd": 1}, "lost": {}}
    assert "upstream: 3 requests sent on; errors of its own: 1 ThrottlingException, 1 Odd" in report.text()
    assert [finding.verdict.id for finding in report.audit if finding.status == "fail"] == []
    assert next(finding for finding in report.audit if finding.verdict.id == "V1").status == "pass"


def test_a_thousand_requests_wait_at_once(start: Start) -> None:
    """The upstream answers none before all have come, and each gets its own."""

    async def all_of_them(url: str) -> list[Any]:
        port = int(url.rpartition(":")[2])
        return await asyncio.gather(*(one(port, number) for number in range(AT_ONCE)))

    async def one(port: int, number: int) -> Any:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        headers, body = ask("Query", TableName="orders", Number=number)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"POST / HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        length = int((await reader.readuntil(b"\r\n\r\n")).lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answered = orjson.loads(await reader.readexactly(length))
        writer.close()
        return answered.get("Number", answered)

    with Together(AT_ONCE) as far:
        # On a machine that is busy with much else, a thousand connections take their time
        near = start({"version": 1, "upstream": {"url": far.url, "answer_timeout": "110s"}})
        assert asyncio.run(all_of_them(near.url)) == list(range(AT_ONCE))
    assert len(near.journal) == AT_ONCE


class Together(RawUpstream):
    """Answers nobody before so many have come, and then each with what it asked."""

    def __init__(self, number: int) -> None:
        super().__init__(lambda asked: Does(answer(200, asked.body)))
        self._number = number
        self._all_here: asyncio.Event | None = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._all_here = all_here = self._all_here or asyncio.Event()
        with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            while (asked := await self._read(reader, writer)) is None:
                pass
            self.asked.append(asked)
            if len(self.asked) == self._number:
                all_here.set()
            await all_here.wait()
            writer.write(self._react(asked).sends)
            await writer.drain()
        writer.close()


def test_a_slow_upstream_holds_up_nobody_else(start: Start) -> None:
    free = threading.Event()

    def react(asked: Asked) -> Does:
        return Does(then="hang") if b"slow" in asked.body else Does(answer(200, b"{}"))

    with RawUpstream(react) as far:
        near = start({"version": 1, "upstream": {"url": far.url, "answer_timeout": "30s"}})
        headers, body = ask("GetItem", TableName="slow", Key=KEY)
        waiting = threading.Thread(target=_given_up, args=(near.url, body, headers, free))
        waiting.start()
        headers, body = ask("GetItem", TableName="quick", Key=KEY)
        assert requests.post(near.url, data=body, headers=headers, timeout=20).status_code == 200
        near.stop()
        waiting.join(60)
    assert not waiting.is_alive()


def _given_up(url: str, body: bytes, headers: dict[str, str], free: threading.Event) -> None:
    try:
        requests.post(url, data=body, headers=headers, timeout=20)
    except requests.RequestException:
        free.set()


def test_under_another_server_too(start: Start, client_for: Callable[..., Any]) -> None:
    far = start(ORDERS)
    server = make_server("127.0.0.1", 0, create_app(EmulatorCore(upstream=far.url)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        client = client_for(far, endpoint_url=f"http://127.0.0.1:{server.server_port}")
        assert client.list_tables()["TableNames"] == ["orders"]
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


def test_a_sandbox_is_in_front_of_the_same(pair: tuple[Emulator, Emulator], client_for: Callable[..., Any]) -> None:
    _, near = pair
    client = client_for(near, endpoint_url=f"{near.url}/sandbox/one")
    assert client.list_tables()["TableNames"] == ["orders"]


def test_pages_of_other_origins_read_its_answers_where_they_may(start: Start) -> None:
    far = start(ORDERS)
    near = start(upstream=far.url, cors=["http://localhost:3000"])
    headers, body = ask("ListTables")
    came = requests.post(near.url, data=body, headers={**headers, "origin": "http://localhost:3000"}, timeout=20)
    assert came.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_which_upstream_is_said_once(start: Start) -> None:
    far = start(ORDERS)
    near = start({"version": 1, "upstream": far.url})
    near.load({"version": 1, "upstream": far.url, "name": "the same"})
    near.load({"version": 1, "name": "none said"})
    with pytest.raises(ScenarioError, match="which upstream it is in front of is said once"):
        near.load({"version": 1, "upstream": "http://127.0.0.1:1"})
    with pytest.raises(ScenarioError, match="which upstream"):
        far.load({"version": 1, "upstream": near.url})
