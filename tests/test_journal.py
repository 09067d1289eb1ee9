from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import orjson
import pytest

from emulator.core import EmulatorCore
from emulator.journal import Delivery, Exchange, Journal, readable
from emulator.journal.journal import MAX_UNPACKED, MIN_BESIDE_LARGE
from emulator.journal.packed import MAX_KINDS, Packed, Packer, unpacked
from emulator.messages import HttpReply, HttpRequest, Written


def entry(number: int, body: bytes = b"{}") -> Exchange:
    request = HttpRequest("POST", "/", {"user-agent": "Boto3/1.44.5 md/Botocore#1.44.5"}, body, arrived=1.0)
    return Exchange(number, 1_800_000_000.0, request, None, HttpReply(200, [("X", "y")], b'{"a":1}'), Delivery())


def added(journal: Journal, body: bytes = b"{}") -> Exchange:
    exchange = entry(journal.next_id(), body)
    journal.add(exchange)
    return exchange


def test_entries_are_numbered_in_order_and_found_by_number() -> None:
    journal = Journal()
    entries = [added(journal) for _ in range(3)]
    assert [one.id for one in journal] == [1, 2, 3]
    assert journal.find(2) is entries[1]
    assert journal.find(4) is None


def test_the_oldest_fall_out_and_are_counted() -> None:
    journal = Journal(most_entries=10)
    for _ in range(25):
        added(journal)
    assert (next(one.id for one in journal), len(journal), journal.dropped) == (16, 10, 15)
    journal.clear()
    assert (len(journal), journal.dropped) == (0, 0)
    added(journal)
    assert [one.id for one in journal] == [26]


def test_large_bodies_make_room_too() -> None:
    journal = Journal(most_bytes=1_000_000)
    for _ in range(20):
        added(journal, b"x" * 100_000)
    assert len(journal) == 9


def test_threads_do_not_lose_entries() -> None:
    journal = Journal()
    threads = [threading.Thread(target=lambda: [added(journal) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.id for one in journal) == list(range(1, 4001))


def test_the_published_form_says_what_happened() -> None:
    written = Written((("orders", '{"id":{"S":"a"}}'),))
    one = entry(1)._replace(rule="r", fault="connection reset", written=written)
    one.delivery.ended, one.delivery.how = 1.25, "reset"
    record = one.to_json()
    assert record["client"] == "Boto3/1.44.5"
    assert (record["rule"], record["fault"], record["error"], record["applied"]) == ("r", "connection reset", None, True)
    assert (record["delivery"], record["duration_ms"]) == ("reset", 250.0)
    assert record["request"]["body"] == {}
    assert record["response"] == {"status": 200, "headers": {"X": "y"}, "body": {"a": 1}}
    assert record["written"] == {"items": {"orders": [{"id": {"S": "a"}}]}, "other": False, "replayed": False}
    assert "request" not in one.to_json(bodies=False)


def test_bodies_that_are_no_text_can_be_read_all_the_same() -> None:
    assert readable(b"plain") == "plain"
    assert readable(b"\xff\x00a") == "\\xff\x00a"


# --- what is put away

HEADERS = {
    "host": "localhost",
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
SCENARIO = {
    "version": 1,
    "tables": [{"name": "orders", "key": {"id": "S"}, "items": [{"id": "a"}]}],
    "rules": [
        {"name": "lost", "when": {"operation": "PutItem"}, "fault": {"connection": "reset", "applied": True}},
        {"name": "slow", "when": {"operation": "Scan"}, "fault": {"delay": "1s"}},
        {"name": "throttled", "when": {"operation": "Query"}, "fault": "ThrottlingException"},
    ],
}
KEY = {"TableName": "orders", "Key": {"id": {"S": "a"}}}
ASKED: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = {
    "a read": ("GetItem", KEY, {}, {}),
    "a write": ("UpdateItem", KEY, {}, {"amz-sdk-invocation-id": "0f3a"}),
    "nothing written": ("DeleteItem", {**KEY, "ConditionExpression": "attribute_not_exists(id)"}, {}, {}),
    "a lost answer": ("PutItem", {"TableName": "orders", "Item": {"id": {"S": "b"}}}, {}, {}),
    "a delay": ("Scan", {"TableName": "orders"}, {}, {}),
    "an error": ("Query", {"TableName": "orders", "KeyConditionExpression": "id = :i"}, {}, {}),
    "a refused type": ("GetItem", {"TableName": 7}, {}, {}),
    "nobody": ("GetItem", KEY, {}, {"authorization": "none"}),
    "no operation": ("Nothing", {}, {}, {}),
    "a sandbox": ("GetItem", KEY, {"prefix": "/sandbox/a", "sent": "/sandbox/a/", "keep_alive": False}, {}),
    "a connection": ("GetItem", KEY, {"connection": 7, "peer": "10.0.0.1:99", "opened": 1.5, "idle_since": 2.5, "late": 0.25}, {}),
    "too large": ("GetItem", KEY, {"too_large": True}, {}),
}


def asked(core: EmulatorCore, name: str) -> Exchange:
    operation, params, server, headers = ASKED[name]
    target = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
    exchange = core.exchange(HttpRequest("POST", "/", {**HEADERS, **target, **headers}, orjson.dumps(params), arrived=3.0, **server))
    assert isinstance(exchange, Exchange)
    return exchange


@pytest.mark.parametrize("first_byte", [None, 4.0])
@pytest.mark.parametrize("name", ASKED)
def test_an_exchange_that_is_put_away_says_all_that_it_said(name: str, first_byte: float | None) -> None:
    exchange = asked(EmulatorCore(SCENARIO, can_cut=True), name)
    delivery = exchange.delivery
    delivery.first_byte, delivery.ended, delivery.sent, delivery.how = first_byte, 5.0, 321, "client-closed"
    packed = Packer().pack(exchange)
    assert isinstance(packed, Packed)
    assert packed.id == exchange.id
    again = unpacked(packed)
    assert again == exchange
    assert (again.to_json(), repr(again)) == (exchange.to_json(), repr(exchange))
    assert again.call is None or again.call.request is again.request


STRANGE = {
    "TableName": "orders",
    "Item": {
        "id": {"S": "\u00e9\U0001f600" * 300},
        "n": {"N": "1e3"},
        "l": {"L": [{"NULL": True}, {"B": "AA=="}]},
        "t": {"S": "a, b: c,d:e"},
    },
}
# Bodies, and whether they say all that is to be kept, and nothing else
BODIES = {
    "without blanks": (orjson.dumps(STRANGE), True),
    "with Python's blanks": (json.dumps(STRANGE, ensure_ascii=False).encode(), True),
    "with other blanks": (json.dumps(STRANGE, ensure_ascii=False, indent=1).encode(), False),
    "with escapes": (json.dumps(STRANGE).encode(), False),
    "with a member that nobody knows": (json.dumps({**STRANGE, "Other": 1}, ensure_ascii=False).encode(), False),
    "with a null": (json.dumps({**STRANGE, "ReturnValues": None}, ensure_ascii=False).encode(), False),
    "with a flag in words": (b'{"TableName": "orders", "Item": {"id": {"S": "a, b"}, "x": {"NULL": "true"}}}', False),
}


@pytest.mark.parametrize("kind", BODIES)
def test_what_a_body_was_parsed_to_comes_back(kind: str) -> None:
    body, is_same = BODIES[kind]
    core = EmulatorCore(SCENARIO, can_cut=True)
    exchange = core.exchange(HttpRequest("POST", "/", {**HEADERS, "x-amz-target": "DynamoDB_20120810.PutItem"}, body, arrived=3.0))
    assert isinstance(exchange, Exchange)
    exchange.delivery.ended = 4.0
    packed = Packer().pack(exchange)
    assert isinstance(packed, Packed)
    assert isinstance(packed.params, bytes)
    assert (packed.params is exchange.request.body) == is_same
    assert unpacked(packed) == exchange


def test_what_was_written_is_known_as_well_when_no_more_than_its_keys_is_held() -> None:
    items = [("orders", ("id", "n"), {"n": {"N": "1"}, "id": {"S": "a"}, "more": {"S": "x"}}), ("carts", ("user",), {"user": {"S": "b"}})]
    written = Written(items=tuple(items))
    written.slim()
    written.slim()
    assert written.has_items
    assert written.applied
    assert written == Written(items=tuple(items))
    assert written.keys == (("orders", '{"id":{"S":"a"},"n":{"N":"1"}}'), ("carts", '{"user":{"S":"b"}}'))
    written.slim()
    assert len(written.keys) == 2
    nothing = Written()
    nothing.slim()
    assert not nothing.has_items


def test_answers_that_a_connection_gets_again_are_held_once() -> None:
    core, packer = EmulatorCore(SCENARIO, can_cut=True), Packer()
    first, again, other = (asked(core, name) for name in ("a read", "a read", "a delay"))
    assert first.reply.body is not again.reply.body
    for exchange in (first, again, other):
        exchange.delivery.ended = 4.0
        assert unpacked(packer.pack(exchange)) == exchange
    assert first.reply.body is again.reply.body
    assert other.reply.body != first.reply.body


def test_beside_large_bodies_little_waits_to_be_counted() -> None:
    journal = Journal(most_bytes=50_000_000)
    for number in range(20):
        added(journal, b"[" + b"{}," * 10_000 + b"{}]").delivery.ended = 2.0
        assert len(journal._latest) <= MIN_BESIDE_LARGE + 1
        assert len(journal) == number + 1
    assert journal.size > 20 * 30_000


def test_an_exchange_that_is_under_way_is_not_put_away() -> None:
    core = EmulatorCore(SCENARIO, can_cut=True)
    first = asked(core, "a delay")
    for _ in range(2 * MAX_UNPACKED):
        asked(core, "a read").delivery.ended = 4.0
    first.delivery.ended, first.delivery.how = 9.0, "sent"
    assert core.journal.entries()[0] is first


def test_kinds_of_exchanges_are_bounded() -> None:
    core, packer = EmulatorCore(SCENARIO, can_cut=True), Packer()
    exchange = asked(core, "a read")
    exchange.delivery.ended = 4.0
    for number in range(MAX_KINDS + 10):
        packer.pack(exchange._replace(rule=str(number)))
    assert len(packer._kinds) <= MAX_KINDS
    held = len(packer._kinds)
    for number in range(10):
        request = replace(exchange.request, target=f"/{number}" + "x" * 10_000)
        packed = packer.pack(exchange._replace(request=request, call=None))
        assert unpacked(packed).request == request
    assert len(packer._kinds) == held


def test_a_long_path_counts() -> None:
    journal = Journal(most_bytes=1_000_000)
    for _ in range(20):
        one = entry(journal.next_id())
        journal.add(one._replace(request=replace(one.request, target="/" + "x" * 100_000)))
    assert len(journal) == 9


def test_what_is_put_away_is_found_and_listed_as_what_is_not() -> None:
    journal = Journal(most_entries=3 * MAX_UNPACKED)
    for number in range(4 * MAX_UNPACKED):
        added(journal, str(number).encode()).delivery.ended = 2.0
    ids = list(range(MAX_UNPACKED + 1, 4 * MAX_UNPACKED + 1))
    assert [one.id for one in journal] == ids
    assert [one.id for one in journal.after(ids[5])] == ids[6:]
    assert [one.id for one in journal.after(0)] == ids
    assert journal.after(ids[-1]) == []
    for number in (ids[0], ids[MAX_UNPACKED], ids[-1]):
        found = journal.find(number)
        assert found is not None
        assert (found.id, found.request.body) == (number, str(number - 1).encode())
    assert journal.find(ids[0] - 1) is None
    assert len(journal) == len(ids)


def test_a_number_that_is_too_large_is_kept_as_it_came() -> None:
    exchange = asked(EmulatorCore(SCENARIO, can_cut=True), "a read")._replace(attempt=10**30)
    exchange.delivery.ended = 4.0
    assert Packer().pack(exchange) is exchange
