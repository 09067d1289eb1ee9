"""What a fault does to a connection, as a raw socket sees it, and what the journal says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from emulator.clock import SystemClock

GET = {"TableName": "orders", "Key": {"id": {"S": "a"}}}
PUT = {"TableName": "orders", "Item": {"id": {"S": "new"}}}
NEW = {"TableName": "orders", "Key": {"id": {"S": "new"}}}

Start = Callable[..., Emulator]
Connect = Callable[..., Any]


def hit(operation: str, **fault: Any) -> dict[str, Any]:
    """A rule that strikes the first request of an operation."""
    return {"when": {"operation": operation, "request": 1}, "fault": fault}


@pytest.mark.parametrize("applied", [True, False])
def test_reset_is_a_real_rst_and_the_journal_knows_what_was_applied(
    start: Start, connect: Connect, scenario_with: Any, applied: bool
) -> None:
    emulator = start(scenario_with(hit("PutItem", connection="reset", applied=applied)))
    with pytest.raises(ConnectionResetError):
        connect(emulator).call("PutItem", **PUT)
    assert ("Item" in connect(emulator).call("GetItem", **NEW).json) is applied
    entry = next(entry for entry in emulator.journal if entry.operation == "PutItem")
    assert (entry.applied, entry.fault, entry.delivery.how, entry.delivery.sent) == (applied, "connection reset", "reset", 0)


def test_left_out_applied_means_untouched(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(hit("PutItem", connection="reset")))
    with pytest.raises(ConnectionResetError):
        connect(emulator).call("PutItem", **PUT)
    assert "Item" not in connect(emulator).call("GetItem", **NEW).json


def test_close_is_fin_without_a_byte(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(hit("GetItem", connection="close")))
    wire = connect(emulator)
    with pytest.raises(EOFError, match="after b''"):
        wire.call("GetItem", **GET)
    assert connect(emulator).call("GetItem", **GET).status == 200


def test_finish_is_a_whole_answer_and_then_fin(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(hit("GetItem", connection="finish")))
    wire = connect(emulator)
    answer = wire.call("GetItem", **GET)
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert wire.everything() == b""


def test_a_cut_answer_promises_what_it_does_not_send(start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any) -> None:
    emulator = start(scenario_with(hit("GetItem", connection="close", after="50%")))
    whole = connect(start(scenario_with())).call("GetItem", **GET)
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET))
    head, _, body = wire.everything().partition(b"\r\n\r\n")
    assert f"Content-Length: {len(whole.body)}".encode() in head
    assert body == whole.body[: len(whole.body) // 2]


def test_a_close_after_the_whole_answer_is_no_lost_connection(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(hit("GetItem", connection="close", after="100%")))
    wire = connect(emulator)
    assert wire.call("GetItem", **GET).status == 200
    assert wire.everything() == b""
    assert emulator.calls()[0].outcome == "success"


def test_an_answer_that_promises_more_than_it_has_is_no_lost_connection(
    start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any
) -> None:
    emulator = start(scenario_with(hit("GetItem", response="wrong-length")))
    whole = connect(start(scenario_with())).call("GetItem", **GET)
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET))
    head, _, body = wire.everything().partition(b"\r\n\r\n")
    assert f"Content-Length: {len(whole.body) + 10}".encode() in head
    assert (body, emulator.calls()[0].outcome) == (whole.body, "short answer")


@pytest.mark.parametrize(("after", "ends_with"), [("headers", b"\r\n\r\n"), ("9B", b"HTTP/1.1 ")])
def test_a_reset_may_come_after_part_of_the_answer(
    start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any, after: str, ends_with: bytes
) -> None:
    emulator = start(scenario_with(hit("GetItem", connection="reset", after=after)))
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET))
    with pytest.raises(ConnectionResetError):
        wire.everything()
    assert wire.unread.endswith(ends_with)


def test_a_hang_ends_when_its_time_is_over(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(hit("GetItem", connection="hang", **{"for": "100ms"})))
    clock = SystemClock()
    began = clock.monotonic()
    with pytest.raises(EOFError, match="after b''"):
        connect(emulator).call("GetItem", **GET)
    assert clock.monotonic() - began >= 0.1
    assert emulator.journal.entries()[0].delivery.how == "hung"


def test_a_client_that_gives_up_on_a_hang_is_seen_to_go(
    start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any, journaled: Callable[..., None]
) -> None:
    emulator = start(scenario_with(hit("GetItem", connection="hang")))
    wire, neighbour = connect(emulator), connect(emulator)
    wire.send(make_request_bytes("GetItem", GET))
    journaled(emulator, lambda: len(emulator.journal))
    assert neighbour.call("ListTables").status == 200
    wire.connection.close()
    held = emulator.journal.entries()[0]
    journaled(emulator, lambda: held.ended is not None)
    assert held.delivery.how == "client-closed"


def test_nobody_new_is_let_in_while_connections_are_refused(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(hit("GetItem", refuse="1h")))
    wire, neighbour = connect(emulator), connect(emulator)
    assert neighbour.call("ListTables").status == 200
    with pytest.raises(ConnectionResetError):
        wire.call("GetItem", **GET)
    with pytest.raises(ConnectionRefusedError):
        connect(emulator)
    assert neighbour.call("ListTables").status == 200


def test_sixty_hanging_clients_do_not_disturb_the_next(start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any) -> None:
    emulator = start(scenario_with({"when": {"operation": "Query"}, "fault": {"connection": "hang"}}))
    for _ in range(60):
        connect(emulator).send(make_request_bytes("Query", {"TableName": "orders"}))
    assert connect(emulator).call("GetItem", **GET).status == 200


def test_a_delay_comes_before_the_answer(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(hit("GetItem", delay="150ms")))
    wire = connect(emulator)
    clock = SystemClock()
    began = clock.monotonic()
    assert wire.call("GetItem", **GET).status == 200
    assert clock.monotonic() - began >= 0.15
    entry = emulator.journal.entries()[0]
    assert entry.fault == "delay 150ms"
    assert entry.ended is not None
    assert entry.ended - entry.request.arrived >= 0.15


def test_only_the_named_request_of_a_connection_is_touched(
    start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any
) -> None:
    rule = {"when": {"operation": "GetItem", "request": 2}, "fault": {"connection": "reset"}}
    emulator = start(scenario_with(rule))
    wire = connect(emulator)
    assert wire.call("GetItem", **GET).status == 200
    with pytest.raises(ConnectionResetError):
        wire.call("GetItem", **GET)
    assert connect(emulator).call("GetItem", **GET).status == 200


def test_delayed_answers_keep_their_place_in_a_pipeline(
    start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any
) -> None:
    emulator = start(scenario_with(hit("GetItem", delay="50ms")))
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET) + make_request_bytes("ListTables"))
    assert "Item" in wire.answer().json
    assert wire.answer().json == {"TableNames": ["orders"]}
