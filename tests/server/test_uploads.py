"""Requests whose bodies are read slowly, or never to their end: what clients see, and that nothing is carried out too early or at all."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError

from emulator import Emulator
from emulator.clock import SystemClock
from emulator.journal.outcomes import ResponseClass, classify_response
from emulator.scenario import ScenarioError, load_scenario
from tests.conftest import PATIENCE

Start = Callable[..., Emulator]
Connect = Callable[..., Any]
ITEM = {"id": {"S": "new"}, "text": {"S": "x" * 4000}}
PUT = {"TableName": "orders", "Item": ITEM}


def rule(fault: Any, **keys: Any) -> dict[str, Any]:
    return {"name": "slow", "when": {"operation": "PutItem", **keys.pop("when", {})}, "fault": fault, **keys}


def test_a_body_is_read_slowly_and_carried_out_when_it_has_come(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(rule({"upload": "20kB/s"})))
    clock = SystemClock()
    began = clock.monotonic()
    wire = connect(emulator)
    assert wire.call("PutItem", **PUT).status == 200
    assert clock.monotonic() - began >= 0.15
    assert wire.call("GetItem", TableName="orders", Key={"id": ITEM["id"]}).json["Item"] == ITEM
    put, get = emulator.journal.entries()
    assert (put.rule, put.fault, put.applied, put.delivery.how) == ("slow", "upload 20000B/s", True, "sent")
    assert (get.rule, [report.fired for report in emulator.rules.list()]) == ("", [1])


def test_other_keys_go_with_it(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start(scenario_with(rule({"error": "InternalServerError", "upload": "100kB/s", "applied": True}, when={"request": 1})))
    wire = connect(emulator)
    assert (wire.call("PutItem", **PUT).status, wire.call("PutItem", **PUT).status) == (500, 200)
    assert [(entry.applied, entry.fault) for entry in emulator.journal] == [(True, "InternalServerError, upload 100000B/s"), (True, "")]


def test_who_does_not_wait_has_written_nothing(
    start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any, journaled: Callable[..., None]
) -> None:
    emulator = start(scenario_with(rule({"upload": "1kB/s"})))
    wire = connect(emulator)
    wire.send(make_request_bytes("PutItem", PUT))
    wire.connection.close()
    journaled(emulator, lambda: len(emulator.journal))
    (entry,) = emulator.journal.entries()
    assert (entry.operation, entry.rule, entry.applied, entry.delivery.how) == ("PutItem", "slow", False, "client-closed")
    assert "Item" not in connect(emulator).call("GetItem", TableName="orders", Key={"id": ITEM["id"]}).json


@pytest.mark.parametrize("received", ["nothing", "headers", "50%", "100B"])
@pytest.mark.parametrize("connection", ["reset", "close"])
def test_a_connection_ends_before_all_of_a_request_has_come(
    connection: str, received: str, start: Start, client_for: Callable[..., Any], scenario_with: Any
) -> None:
    emulator = start(scenario_with(rule({"connection": connection, "received": received}, when={"attempt": 1})))
    client = client_for(emulator, config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
    client.put_item(**PUT)
    first, second = emulator.journal.entries()
    assert (first.call_id, first.attempt, second.attempt) == (second.call_id, 1, 2)
    assert (first.applied, second.applied, first.rule) == (False, True, "slow")
    assert classify_response(first).outcome is ResponseClass.LOST
    report = emulator.report()
    assert [finding.verdict.id for finding in report.audit if finding.fails] == []


def test_a_reset_on_the_way_in_is_a_reset(start: Start, client_for: Callable[..., Any], scenario_with: Any, no_retries: Config) -> None:
    emulator = start(scenario_with(rule({"connection": "reset", "received": "50%"})))
    with pytest.raises(HTTPClientError):
        client_for(emulator, config=no_retries).put_item(**PUT)


def test_the_client_is_held_while_it_sends(start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any) -> None:
    """A large body does not fit into what the sockets hold: sending it takes as long as reading it."""
    emulator = start(scenario_with(rule({"upload": "1kB/s"})))
    wire = connect(emulator)
    wire.connection.settimeout(0.5)
    with pytest.raises(TimeoutError):
        wire.connection.sendall(make_request_bytes("PutItem", {**PUT, "Item": {**ITEM, "text": {"S": "x" * 15_000_000}}}))


def test_nothing_of_it_touches_other_requests(start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any) -> None:
    emulator = start(scenario_with(rule({"upload": "1kB/s"})))
    slow, quick = connect(emulator), connect(emulator)
    slow.send(make_request_bytes("PutItem", PUT))
    for _ in range(3):
        assert quick.call("ListTables").status == 200
    slow.connection.shutdown(socket.SHUT_RDWR)


def test_requests_in_pieces(start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any) -> None:
    """A head that comes byte by byte, and two requests in one piece."""
    emulator = start(scenario_with(rule({"upload": "1MB/s"})))
    wire = connect(emulator)
    request = make_request_bytes("PutItem", PUT)
    head = request.index(b"\r\n\r\n") + 4
    for place in range(head):
        wire.send(request[place : place + 1])
    wire.send(request[head:] + make_request_bytes("ListTables"))
    assert [wire.answer().status, wire.answer().status] == [200, 200]
    assert [entry.fault for entry in emulator.journal] == ["upload 1000000B/s", ""]


def test_a_request_in_pieces_is_decided_once(start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any) -> None:
    emulator = start(scenario_with(rule({"upload": "10MB/s"}, when={"request": 2})))
    wire = connect(emulator)
    # More than a server reads at once
    request = make_request_bytes("PutItem", {**PUT, "Item": {**ITEM, "text": {"S": "x" * 390_000}}})
    for _ in range(2):
        wire.send(request)
        assert wire.answer().status == 200
    assert [entry.fault for entry in emulator.journal] == ["", "upload 10000000B/s"]


def test_it_is_the_same_in_a_sandbox_and_before_an_upstream(start: Start, client_for: Callable[..., Any], scenario_with: Any) -> None:
    far = start(scenario_with())
    near = start({"version": 1, "rules": [rule({"connection": "reset", "received": "50%"}, when={"attempt": 1})]}, upstream=far.url)
    client_for(near).put_item(**PUT)
    assert [(entry.applied, entry.upstream and entry.upstream.how) for entry in near.journal] == [(False, None), (True, "answered")]
    assert [entry.operation for entry in far.journal if entry.operation != "DescribeTable"] == ["PutItem"]
    sandbox = near.sandboxes.core("one")
    sandbox.load({"version": 1, "rules": [rule({"upload": "1MB/s"})]})
    client_for(near, endpoint_url=f"{near.url}/sandbox/one").put_item(**PUT)
    assert [entry.fault for entry in sandbox.journal] == ["upload 1000000B/s"]


def test_the_panic_switch_lets_the_rest_in(start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any) -> None:
    emulator = start(scenario_with(rule({"upload": "1B/s"})))
    wire = connect(emulator)
    wire.connection.settimeout(PATIENCE)
    wire.send(make_request_bytes("PutItem", PUT))
    emulator.rules.off()
    assert wire.answer().status == 200


@pytest.mark.parametrize(
    ("rule_says", "message"),
    [
        ({"when": {"table": "orders"}, "fault": {"upload": "1kB/s"}}, "decided before the body has come, and 'table' depends on it"),
        ({"when": {"per": "key", "request": 1}, "fault": {"upload": "1kB/s"}}, "and 'per: key' depends on it"),
        ({"when": {"operation": "Query"}, "fault": {"upload": "1kB/s", "page": "empty"}}, "and 'page' depends on it"),
        ({"fault": {"received": "50%"}}, "'received' goes with 'connection' only"),
        ({"fault": {"connection": "hang", "received": "50%"}}, "goes with 'connection: reset' or 'close'"),
        ({"fault": {"connection": "reset", "received": "50%", "applied": True}}, "'applied' beside 'received'"),
        ({"fault": {"connection": "reset", "received": "100%"}}, "all of the body is all of the request"),
        ({"sequence": [{"upload": "1kB/s"}, "InternalServerError"], "then": "pass"}, "this fault is decided later"),
    ],
)
def test_what_does_not_go_with_it_is_refused(rule_says: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario({"version": 1, "rules": [{"name": "bad", **rule_says}]})
