"""HTTP/1.1 as clients really speak it: kept connections, pipelines, chunks, limits, and the end of the server."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from emulator.server import Limits
from emulator.server.connection import MAX_PIPELINED
from emulator.wire import MAX_BODY

# Seconds: long enough for a busy machine
PATIENCE = 60.0
KEY = {"id": {"S": "a"}}
GET = {"TableName": "orders", "Key": KEY}


@pytest.fixture
def emulator(start: Callable[..., Emulator], orders: dict[str, Any]) -> Emulator:
    return start(orders)


def test_a_connection_is_kept(emulator: Emulator, connect: Callable[..., Any]) -> None:
    wire = connect(emulator)
    answers = [wire.call("GetItem", **GET) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert {answer.headers["connection"] for answer in answers} == {"keep-alive"}
    assert {entry.request.connection for entry in emulator.journal} == {1}


def test_tagging_answers_with_an_empty_body(emulator: Emulator, connect: Callable[..., Any]) -> None:
    wire = connect(emulator)
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
    for operation, params in (("TagResource", {"Tags": [{"Key": "a", "Value": ""}]}), ("UntagResource", {"TagKeys": ["a"]})):
        answer = wire.call(operation, ResourceArn=arn, **params)
        assert (answer.status, answer.body, answer.headers["x-amz-crc32"]) == (200, b"", "0")


def test_a_client_may_ask_for_the_end_of_the_connection(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET, "Connection: close"))
    assert wire.answer().headers["connection"] == "close"
    assert wire.everything() == b""


def test_blanks_around_a_header_are_not_part_of_it(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET).replace(b"DynamoDB_20120810.GetItem", b" \tDynamoDB_20120810.GetItem \t"))
    assert wire.answer().json["Item"]["id"] == {"S": "a"}


def test_an_old_client_gets_one_answer(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert wire.answer().status == 200
    assert wire.everything() == b""


def test_pipelined_requests_are_answered_in_order(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    puts = [{"TableName": "orders", "Item": {"id": {"S": str(number)}}, "ReturnConsumedCapacity": "TOTAL"} for number in range(200)]
    wire.send(b"".join(make_request_bytes("PutItem", put) for put in puts) + make_request_bytes("GetItem", GET))
    answers = [wire.answer() for _ in range(201)]
    assert all("ConsumedCapacity" in answer.json for answer in answers[:200])
    assert answers[200].json["Item"]["id"] == {"S": "a"}
    assert [entry.call.params["Item"]["id"]["S"] for entry in emulator.journal if entry.operation == "PutItem" and entry.call] == [
        str(number) for number in range(200)
    ]


def test_a_request_may_come_byte_by_byte(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    for byte in make_request_bytes("GetItem", GET):
        wire.send(bytes([byte]))
    assert wire.answer().json["Item"]["id"] == {"S": "a"}


def test_chunked_bodies_are_joined(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    pieces = [b'{"TableName":"orders', b'","Key":{"id":{"S":"a"}}', b"}", b""]
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    wire.send(make_request_bytes("GetItem", None, "Transfer-Encoding: chunked", body=chunked))
    assert wire.answer().json["Item"]["id"] == {"S": "a"}


def test_who_waits_to_be_asked_for_the_body_is_asked(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    head, _, body = make_request_bytes("GetItem", GET, "Expect: 100-continue").partition(b"\r\n\r\n")
    wire.send(head + b"\r\n\r\n")
    assert wire.answer().status == 100
    wire.send(body)
    assert wire.answer().status == 200


def test_an_offer_to_upgrade_is_ignored(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET, "Connection: Upgrade", "Upgrade: h2c") + make_request_bytes("ListTables"))
    assert "Item" in wire.answer().json
    assert wire.answer().json == {"TableNames": ["orders"]}


def test_head_gets_no_body(emulator: Emulator, connect: Callable[..., Any]) -> None:
    wire = connect(emulator)
    wire.send(b"HEAD /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert wire.everything().endswith(b"\r\n\r\n")
    other = connect(emulator)
    other.send(b"HEAD / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert other.everything().endswith(b"\r\n\r\n")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_above_the_limit_is_refused_unread(
    emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any, announced: bool
) -> None:
    wire = connect(emulator)
    if announced:
        wire.send(make_request_bytes("PutItem", None, f"Content-Length: {MAX_BODY + 1}", body=b""))
    else:
        wire.send(make_request_bytes("PutItem", None, "Transfer-Encoding: chunked", body=b""))
        for _ in range(400):
            wire.send(b"20000\r\n" + b"x" * 0x20000 + b"\r\n")
    assert wire.answer().status == 413


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"x: y\r\n" * 200_000,
        b"GET / HTTP/1.1\r\n" + b"X-Long: y\r\n" * 3_000 + b"\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_disturbs_nobody(emulator: Emulator, connect: Callable[..., Any], nonsense: bytes) -> None:
    neighbour = connect(emulator)
    assert neighbour.call("GetItem", **GET).status == 200
    wire = connect(emulator)
    wire.send(nonsense)
    assert wire.answer().status == 400
    assert neighbour.call("GetItem", **GET).status == 200


@pytest.mark.parametrize("sent", [b"", b"POST / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"])
def test_slow_and_silent_clients_are_let_go(start: Callable[..., Emulator], connect: Callable[..., Any], sent: bytes) -> None:
    emulator = start(limits=Limits(idle=0.2, head=0.2, body=0.2))
    wire = connect(emulator)
    # On a busy machine it may be let go before it has sent anything
    with contextlib.suppress(ConnectionError):
        wire.send(sent)
        assert wire.everything() == b""


def test_a_hundred_threads_are_served(emulator: Emulator, connect: Callable[..., Any]) -> None:
    def work(number: int) -> None:
        wire = connect(emulator)
        for round_number in range(5):
            wire.call("PutItem", TableName="orders", Item={"id": {"S": f"{number}-{round_number}"}})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connect(emulator).call("Scan", TableName="orders", Select="COUNT").json["Count"] == 501


def test_stopping_lets_a_request_under_way_finish(
    start: Callable[..., Emulator], connect: Callable[..., Any], scenario_with: Any, make_request_bytes: Any
) -> None:
    rule = {"when": {"operation": "GetItem"}, "fault": {"delay": "300ms"}}
    emulator = start(scenario_with(rule), limits=Limits(grace=PATIENCE))
    wire, idle = connect(emulator), connect(emulator)
    assert idle.call("ListTables").status == 200
    wire.send(make_request_bytes("GetItem", GET))
    # The neighbour's answer comes after the server has read the request
    assert idle.call("ListTables").status == 200
    emulator.stop()
    assert wire.answer().status == 200
    assert idle.everything() == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((emulator.host, emulator.port), timeout=60)


def test_stopping_does_not_wait_for_held_connections(
    start: Callable[..., Emulator], connect: Callable[..., Any], scenario_with: Any, make_request_bytes: Any
) -> None:
    emulator = start(scenario_with({"when": {"operation": "GetItem"}, "fault": {"connection": "hang"}}))
    wires = [connect(emulator) for _ in range(20)]
    for wire in wires:
        wire.send(make_request_bytes("GetItem", GET))
    assert connect(emulator).call("ListTables").status == 200
    emulator.stop()
    for wire in wires:
        with contextlib.suppress(ConnectionResetError):
            assert wire.everything() == b""


def test_who_speaks_tls_is_told_so_once(emulator: Emulator, connect: Callable[..., Any], capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        wire = connect(emulator)
        wire.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        assert wire.answer().status == 400
    assert capfd.readouterr().err.count("use http://") == 1


def test_a_client_that_goes_while_it_is_not_read_is_noticed(
    start: Callable[..., Emulator], connect: Callable[..., Any], scenario_with: Any, make_request_bytes: Any
) -> None:
    emulator = start(scenario_with({"when": {"operation": "GetItem"}, "fault": {"connection": "hang"}}), limits=Limits(drain=0.2))
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET) * (2 * MAX_PIPELINED))
    with contextlib.suppress(ConnectionResetError):
        assert wire.everything() == b""
    (exchange,) = emulator.journal.entries()
    assert exchange.delivery.how == "client-closed"


def test_thousands_of_offers_to_upgrade_are_all_answered(emulator: Emulator, connect: Callable[..., Any], make_request_bytes: Any) -> None:
    wire = connect(emulator)
    wire.send(make_request_bytes("ListTables", None, "Connection: Upgrade", "Upgrade: h2c", body=b"{}") * 1_000)
    assert [wire.answer().status for _ in range(1_000)] == [200] * 1_000
