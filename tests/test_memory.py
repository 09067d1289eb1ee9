"""Bounds of memory count what is really held: headers, bodies, and what bodies were parsed to."""

from __future__ import annotations

import gc
import gzip
import tracemalloc
import weakref
from dataclasses import replace
from typing import Any

import cbor2
import orjson
import pytest

from emulator.core import EmulatorCore
from emulator.messages import Call, HttpRequest
from emulator.wire.json_rpc import MAX_REMEMBERED_BYTES, MAX_SEEN
from emulator.wire.parsed_size import estimated_size, walked_size

SCENARIO = {"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}]}
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.PutItem",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
MANY = 3_000
BODIES = {
    "values": orjson.dumps({"Item": {f"a{number}": {"S": f"value {number}"} for number in range(200)}}),
    "numbers": orjson.dumps({"L": [{"N": str(number)} for number in range(MANY)]}),
    "lists": b"[" + b"[]," * MANY + b"[]]",
    "objects": b"[" + b"{}," * MANY + b"{}]",
    "fractions": b"[" + b"1.5," * MANY + b"1]",
    "texts": orjson.dumps([str(number) for number in range(MANY)]),
    "names": orjson.dumps({str(number): number for number in range(MANY)}),
    "one text": orjson.dumps(["x" * 100_000]),
    "depth": b"[" * 500 + b"]" * 500,
    "a short request": b'{"TableName": "orders", "Key": {"id": {"S": "k1"}}}',
}


@pytest.mark.parametrize("shape", BODIES)
def test_what_a_body_is_parsed_to_is_estimated_well_enough(shape: str) -> None:
    value = orjson.loads(BODIES[shape])
    held = walked_size(value)
    assert held / 2 < estimated_size(BODIES[shape]) < held * 4


def request(body: bytes, number: int, **headers: str) -> HttpRequest:
    return HttpRequest("POST", "/", {**HEADERS, **headers, "x-number": str(number)}, body, 1, "127.0.0.1:5000")


def held_and_counted(make: Any, count: int) -> tuple[int, int]:
    """Bytes that Python holds for so many exchanges, and what the journal counts for them."""
    core = EmulatorCore(SCENARIO)
    for number in range(5):
        send(core, make(10**6 + number))
    gc.collect()
    before = core.journal.size
    tracemalloc.start()
    try:
        for number in range(count):
            send(core, make(number))
        gc.collect()
        return tracemalloc.get_traced_memory()[0], core.journal.size - before
    finally:
        tracemalloc.stop()


def send(core: EmulatorCore, asked: HttpRequest) -> None:
    exchange: Any = core.exchange(asked)
    exchange.delivery.how, exchange.delivery.ended = "sent", 1.0
    core.delivered(exchange)


def compact(value: Any) -> bytes:
    return bytes(memoryview(orjson.dumps(value)))


MANY_VALUES = b'{"S":"a"},' * 9_999 + b"1]}}}"
REQUESTS = {
    "small writes": (lambda number: request(compact({"TableName": "orders", "Item": {"id": {"S": f"k{number % 5}"}}}), number), 2_000),
    "many values": (
        lambda number: request(
            compact({"TableName": "orders", "Item": {"id": {"S": "k"}, "l": {"L": [{"N": str(number + one)} for one in range(300)]}}}),
            number,
        ),
        200,
    ),
    "batches": (
        lambda number: request(
            compact(
                {"RequestItems": {"orders": [{"PutRequest": {"Item": {"id": {"S": f"k{one}"}, "n": {"N": "1"}}}} for one in range(9)]}}
            ),
            number,
            **{"x-amz-target": "DynamoDB_20120810.BatchWriteItem"},
        ),
        500,
    ),
    "long headers": (lambda number: request(b'{"TableName":"orders"}', number, x="h" * 10_000 + str(number)), 300),
    "long paths": (
        lambda number: replace(request(b'{"TableName":"orders","X":"%s"}' % (b"x" * 600), number), target=f"/?{'p' * 12_000}{number}"),
        300,
    ),
    "refused for its types": (
        lambda number: request(
            b'{"TableName":"orders","Item":{"id":{"S":"%d"},"q":{"L":[' % number + b'{"S":"a"},' * 9_999 + b"1]}}}", number
        ),
        20,
    ),
    "unknown members": (lambda number: request(b'{"TableName":"orders","X%d":[' % number + b"{}," * 9_999 + b"{}]}", number), 20),
    "refused for its signature": (
        lambda number: request(b'{"TableName":"orders","X%d":[' % number + b"{}," * 9_999 + b"{}]}", number, authorization="AWS4"),
        20,
    ),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_the_journal_counts_what_it_holds(kind: str) -> None:
    make, count = REQUESTS[kind]
    held, counted = held_and_counted(make, count)
    assert held < 2 * counted + 100_000
    assert counted < 4 * held


def test_packed_and_binary_bodies_are_counted_as_what_they_hold() -> None:
    core = EmulatorCore(SCENARIO)
    tags = [{"Key": str(number), "Value": "x"} for number in range(200)]
    binary = cbor2.dumps({"ResourceARN": "arn:aws:backup-gateway:us-east-1:000000000000:gateway/bgw-12345678", "Tags": tags})
    headers = {**HEADERS, "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    send(core, HttpRequest("POST", "/service/BackupOnPremises_v20210101/operation/TagResource", headers, binary))
    item = {"id": {"S": "a"}, "l": {"L": [{"L": []}] * 3_000}}
    packed = gzip.compress(orjson.dumps({"TableName": "orders", "Item": item}))
    send(core, request(packed, 1, **{"content-encoding": "gzip"}))
    counted = 0
    for exchange in core.journal.entries():
        assert exchange.call is not None
        assert exchange.call.params
        counted += walked_size(exchange.call.params)
    assert core.journal.size > counted > 500_000


def test_refused_requests_of_any_number_stay_within_the_bound() -> None:
    core = EmulatorCore(SCENARIO)
    tracemalloc.start()
    try:
        for number in range(10):
            send(core, request(b'{"TableName":"orders","X%d":[' % number + b"[]," * 100_000 + b"1]}", number))
        gc.collect()
        # A third of a megabyte each, of which the journal keeps the body
        assert tracemalloc.get_traced_memory()[0] < 8_000_000
    finally:
        tracemalloc.stop()


def test_parsed_bodies_that_are_remembered_are_bounded_in_bytes() -> None:
    core = EmulatorCore(SCENARIO)
    cache = core._codec._json
    for number in range(2_000):
        body = b'{"TableName":"orders","X%d":[' % number + b"{}," * 600 + b"{}]}"
        for _ in range(2):
            send(core, request(body, number))
        assert cache._parsed_bytes <= MAX_REMEMBERED_BYTES
    assert len(cache._parsed) > 10
    assert sum(walked_size(parsed.params) for parsed in cache._parsed.values()) < 2 * MAX_REMEMBERED_BYTES


def test_a_body_that_came_once_is_not_remembered() -> None:
    core = EmulatorCore(SCENARIO)
    cache = core._codec._json
    asked = [request(b'{"TableName":"orders","Key":{"id":{"S":"k%d"}}}' % number, number) for number in range(2 * MAX_SEEN)]
    for one in asked:
        send(core, one)
        assert len(cache._seen) <= MAX_SEEN
    assert not cache._parsed
    for _ in range(2):
        send(core, asked[-1])
    first, second = (core._codec.decode(asked[-1]) for _ in range(2))
    assert isinstance(first, Call)
    assert isinstance(second, Call)
    assert first.params is second.params


def test_a_large_request_that_fails_is_remembered_by_its_digest() -> None:
    from emulator.journal.tracking import work_of

    core = EmulatorCore(SCENARIO)
    asked = request(b'{"TableName":"orders","ScanFilter":' + b'"' + b"x" * 100_000 + b'"}', 1)
    send(core, asked)
    (exchange,) = core.journal.entries()
    call: Any = core._codec.decode(asked, None)
    assert exchange.error
    assert len(repr(work_of(call, lambda call, table: None))) < 1_000


LEFT_BEHIND: dict[str, tuple[str, dict[str, Any]]] = {
    "a write": ("PutItem", {"TableName": "orders", "Item": {"id": {"S": "a"}}}),
    "a read": ("GetItem", {"TableName": "orders", "Key": {"id": {"S": "a"}}}),
    "a failed condition": (
        "UpdateItem",
        {
            "TableName": "orders",
            "Key": {"id": {"S": "b"}},
            "UpdateExpression": "SET n = :n",
            "ConditionExpression": "n = :n",
            "ExpressionAttributeValues": {":n": {"N": "1"}},
        },
    ),
    "a wrong type": ("GetItem", {"TableName": 1}),
    "a wrong length": ("GetItem", {"TableName": "o", "Key": {}}),
    "a wrong key": ("GetItem", {"TableName": "orders", "Key": {"other": {"S": "a"}}}),
    "a wrong number": ("PutItem", {"TableName": "orders", "Item": {"id": {"N": "x"}}}),
    "a wrong expression": ("Query", {"TableName": "orders", "KeyConditionExpression": "id ="}),
    "no such table": ("GetItem", {"TableName": "nobody", "Key": {"id": {"S": "a"}}}),
    "no such operation": ("GetEverything", {}),
    "a cancelled transaction": (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"ConditionCheck": {"TableName": "orders", "Key": {"id": {"S": "b"}}, "ConditionExpression": "attribute_exists(id)"}}
            ]
        },
    ),
    "failed statements": ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM orders"}, {"Statement": "?"}]}),
    "a cancelled statement": (
        "ExecuteTransaction",
        {"TransactStatements": [{"Statement": "UPDATE orders SET n = 1 WHERE id = 'b'"}, {"Statement": "DELETE FROM orders WHERE n = 1"}]},
    ),
    "an unknown name": (
        "Query",
        {"TableName": "orders", "KeyConditionExpression": "#id = :id", "ExpressionAttributeValues": {":id": {"S": "a"}}},
    ),
    "a fault": ("Scan", {"TableName": "orders"}),
}


@pytest.mark.parametrize("kind", LEFT_BEHIND)
def test_what_is_over_leaves_nothing_to_the_garbage_collector(kind: str) -> None:
    operation, params = LEFT_BEHIND[kind]
    core = EmulatorCore({**SCENARIO, "rules": [{"name": "throttled", "when": {"operation": "Scan"}, "fault": "ThrottlingException"}]})
    target = {"x-amz-target": f"DynamoDB_20120810.{operation}"}

    def ask(number: int) -> None:
        # Never the same bytes, so that each is read anew
        send(core, request(orjson.dumps({**params, f"X{number}": 1}), number, **target))

    for number in range(5):
        ask(number)
    gc.collect()
    gc.disable()
    try:
        for number in range(5, 55):
            ask(number)
        assert gc.collect() < 50
    finally:
        gc.enable()


SCENARIOS: dict[str, dict[str, Any]] = {
    "nothing": {"version": 1},
    "rules of all kinds": {
        **SCENARIO,
        "phases": [{"name": "calm", "for": "1s"}, {"name": "outage"}],
        "rules": [
            {"name": "by count", "when": {"operation": "PutItem", "request": 3}, "fault": "ThrottlingException"},
            {"name": "by key", "when": {"operation": "PutItem", "request": 2, "per": "key"}, "fault": "InternalServerError"},
            {"name": "by chance", "when": {"operation": "GetItem"}, "chance": 0.5, "fault": "ThrottlingException"},
            {"name": "later", "when": {"operation": "Scan"}, "in": ["outage"], "fault": "ThrottlingException"},
        ],
    },
    "limits": {**SCENARIO, "throughput": [{"table": "orders", "write": 100}]},
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_emulator_that_nobody_holds_is_gone_at_once(name: str) -> None:
    def used() -> weakref.ref[EmulatorCore]:
        core = EmulatorCore(SCENARIOS[name])
        for number in range(20):
            for operation, params in LEFT_BEHIND.values():
                send(core, request(orjson.dumps(params), number, **{"x-amz-target": f"DynamoDB_20120810.{operation}"}))
        core.report()
        core.reset("data", "counters")
        return weakref.ref(core)

    used()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        assert used()() is None
        gc.collect()
        # Rules that count together know each other, and wait for the collector, with the last call that they saw; data and journal do not
        left = {type(one).__name__ for one in gc.garbage}
        assert left.isdisjoint({"Exchange", "Journal", "Packed", "Engine", "OrderedRecords", "Table"})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
