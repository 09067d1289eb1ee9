"""Whole programs, each with a way of its own to try again: what the judge says of them, and what it must not say. They wait in emulated
time."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emulator import Emulator
from emulator.audit import AuditFinding
from emulator.clock import EmulatedClock

TABLES = [
    {"name": "orders", "key": {"customer": "S", "order": "N"}, "items": [{"customer": "bob", "order": number} for number in range(6)]}
]
TROUBLED = (ClientError, BotoCoreError)


def key(number: int, customer: str = "ada") -> dict[str, Any]:
    return {"customer": {"S": customer}, "order": {"N": str(number)}}


def writes(count: int) -> dict[str, Any]:
    return {"orders": [{"PutRequest": {"Item": key(number)}} for number in range(count)]}


def findings(emulator: Emulator) -> dict[str, AuditFinding]:
    return {finding.verdict.id: finding for finding in emulator.report().audit}


def complaints(emulator: Emulator) -> dict[str, str]:
    """What fails or warns, with the reason."""
    return {id: finding.ruling.why for id, finding in findings(emulator).items() if finding.status in ("fail", "warn")}


@pytest.fixture
def begin(start: Callable[..., Emulator], emulated_clock: EmulatedClock) -> Callable[..., Emulator]:
    """An emulator in emulated time, with a scenario of such rules."""

    def make(*rules: dict[str, Any], **more: Any) -> Emulator:
        named = [{"name": f"rule-{number}", **rule} for number, rule in enumerate(rules, 1)]
        return start({"version": 1, "tables": TABLES, "rules": named, **more}, clock=emulated_clock)

    return make


@pytest.fixture
def once(client_for: Callable[..., Any], no_retries: Config) -> Callable[[Emulator], Any]:
    """A client of boto3 that makes one attempt: each of the program's tries is a call with an invocation id of its own."""
    return lambda emulator: client_for(emulator, config=no_retries)


class Plain:
    """A client without an SDK, on one kept-alive connection: nothing tells its attempts apart but what they ask for."""

    def __init__(self, emulator: Emulator) -> None:
        self._url = emulator.url
        self._session = requests.Session()

    def send(self, operation: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        credential = f"Credential=x/{now[:8]}/us-east-1/dynamodb/aws4_request"
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": now,
            "User-Agent": "erlcloud",
            "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host;x-amz-date, Signature=00",
        }
        answer = self._session.post(self._url, json.dumps(params), headers=headers, timeout=20)
        return answer.status_code, answer.json()

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def plain() -> Any:
    made: list[Plain] = []

    def make(emulator: Emulator) -> Plain:
        made.append(Plain(emulator))
        return made[-1]

    yield make
    for client in made:
        client.close()


def tried(clock: EmulatedClock, work: Callable[[], Any], *, tries: int = 6) -> None:
    """Again after whatever went wrong, with a back-off that doubles and full jitter."""
    for number in range(tries):
        try:
            work()
            return
        except TROUBLED:
            if number + 1 == tries:
                raise
            clock.sleep(random.uniform(0, 0.1 * 2**number))


# --- content that changes from try to try


def test_a_time_stamp_in_the_item_does_not_hide_that_it_was_tried_again(begin, once, emulated_clock: EmulatedClock) -> None:
    emulator = begin(
        {"when": {"operation": "PutItem", "request": "every 3"}, "fault": "ThrottlingException"},
        {"when": {"operation": "PutItem", "request": "every 4"}, "fault": "InternalServerError"},
    )
    client = once(emulator)

    def save(number: int) -> None:
        stamp = f"{emulated_clock.now():.6f} {random.random()}"
        client.put_item(TableName="orders", Item={**key(number), "updatedAt": {"S": stamp}})

    for number in range(12):
        tried(emulated_clock, partial(save, number))
    assert complaints(emulator) == {}
    assert {findings(emulator)[id].status for id in ("V1", "V2")} == {"pass"}


@pytest.mark.parametrize("operation", ["put_item", "update_item"])
def test_a_loop_that_does_not_wait_is_seen_through_changing_content(begin, once, operation: str) -> None:
    emulator = begin({"when": {"request": "1..60"}, "fault": "ThrottlingException"})
    client = once(emulator)

    def write(number: int, value: int) -> None:
        if operation == "put_item":
            client.put_item(TableName="orders", Item={**key(number), "at": {"N": str(value)}})
        else:
            seen = {":at": {"N": str(value)}}
            client.update_item(TableName="orders", Key=key(number), UpdateExpression="SET seen = :at", ExpressionAttributeValues=seen)

    for number in range(10):
        for value in range(50):
            try:
                write(number, value)
                break
            except ClientError:
                continue
    found = complaints(emulator)
    assert {"V6", "V9"} <= set(found)
    assert "V1" not in found


# --- writes whose fate is unknown


def test_who_reads_before_it_repeats_is_right(begin, once, emulated_clock: EmulatedClock) -> None:
    emulator = begin({"when": {"operation": "UpdateItem", "request": "every 2"}, "fault": {"connection": "reset", "applied": True}})
    client = once(emulator)

    def add(number: int) -> None:
        """Adds one, and a mark of its own by which it knows whether it has got through."""
        mark = f"{random.random()}"
        for turn in range(5):
            with suppress(*TROUBLED):
                client.update_item(
                    TableName="orders",
                    Key=key(number % 6),
                    UpdateExpression="ADD amount :one, marks :mark",
                    ExpressionAttributeValues={":one": {"N": "1"}, ":mark": {"SS": [mark]}},
                )
                return
            emulated_clock.sleep(random.uniform(0, 0.1 * 2**turn))
            item = client.get_item(TableName="orders", Key=key(number % 6), ConsistentRead=True).get("Item", {})
            if mark in item.get("marks", {}).get("SS", []):
                return

    for number in range(12):
        add(number)
    assert complaints(emulator) == {}


@pytest.mark.parametrize("by", ["TransactWriteItems", "ExecuteTransaction"])
def test_the_replay_of_a_token_applies_nothing(begin, client_for, by: str) -> None:
    emulator = begin(
        {"when": {"operation": by, "attempt": 1}, "fault": {"connection": "reset", "applied": True}},
        expect=[{"calls": {"operation": by}, "outcome": "success", "attempts": 2, "applied": {"per_key": 1}}],
    )
    client = client_for(emulator)
    if by == "TransactWriteItems":
        one = {":one": {"N": "1"}}
        add = {"TableName": "orders", "Key": key(1, "bob"), "UpdateExpression": "ADD amount :one", "ExpressionAttributeValues": one}
        client.transact_write_items(TransactItems=[{"Update": add}])
    else:
        insert = "INSERT INTO orders VALUE {'customer': 'ada', 'order': 1}"
        client.execute_transaction(TransactStatements=[{"Statement": insert}])
    report = emulator.report()
    assert report.passed, report.reasons
    assert [exchange.applied for exchange in emulator.journal] == [True, False]
    assert complaints(emulator) == {}


# --- reads


def test_hedged_reads_are_told_of_and_not_blamed(begin, plain, emulated_clock: EmulatedClock, eventually) -> None:
    emulator = begin({"when": {"operation": "GetItem", "request": "every 5"}, "fault": {"delay": "600ms"}})
    first, second = plain(emulator), plain(emulator)
    hedged = 0
    with ThreadPoolExecutor(1) as pool:
        for number in range(40):
            read = {"TableName": "orders", "Key": key(number % 6, "bob")}
            if len(emulator.journal) % 5 == 4:
                seen = len(emulator.journal)
                slow = pool.submit(first.send, "GetItem", read)
                eventually(lambda seen=seen: len(emulator.journal) > seen)
                emulated_clock.advance(0.1)
                second.send("GetItem", read)
                hedged += 1
                emulated_clock.advance(0.5)
                slow.result()
            else:
                first.send("GetItem", read)
    assert complaints(emulator) == {}
    finding = findings(emulator)["V35"]
    assert finding.status == "info"
    assert f"{hedged} " in finding.ruling.why


@pytest.mark.parametrize("operation", ["Query", "Scan"])
def test_a_paginator_that_starts_again_at_its_first_page_is_warned(begin, once, emulated_clock: EmulatedClock, operation: str) -> None:
    emulator = begin({"when": {"operation": operation, "request": [3, 6, 9]}, "fault": "InternalServerError"})
    client = once(emulator)

    def everything() -> None:
        start: dict[str, Any] = {}
        while start is not None:
            if operation == "Query":
                asked = {"KeyConditionExpression": "customer = :c", "ExpressionAttributeValues": {":c": {"S": "bob"}}}
                page = client.query(TableName="orders", Limit=1, **asked, **start)
            else:
                page = client.scan(TableName="orders", Limit=1, **start)
            last = page.get("LastEvaluatedKey")
            start = {"ExclusiveStartKey": last} if last else None  # type: ignore[assignment]

    tried(emulated_clock, everything)
    found = complaints(emulator)
    assert set(found) == {"V42"}


# --- batches


def test_a_constant_wait_between_the_rounds_of_a_batch_is_found(begin, once, emulated_clock: EmulatedClock) -> None:
    emulator = begin({"when": {"operation": "BatchWriteItem"}, "fault": {"unprocessed": {"all_but": 1}}})
    client, left = once(emulator), writes(20)
    while left := client.batch_write_item(RequestItems=left)["UnprocessedItems"]:
        emulated_clock.sleep(0.025 * random.uniform(1, 1.2))
    assert findings(emulator)["V28"].status == "fail"


def test_who_gives_up_on_a_batch_after_some_growing_waits_fails_nothing(begin, once, emulated_clock: EmulatedClock) -> None:
    emulator = begin({"when": {"operation": "BatchWriteItem"}, "fault": {"unprocessed": {"all_but": 1}}})
    client, left = once(emulator), writes(25)
    for number in range(6):
        left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]
        emulated_clock.sleep(0.05 * 2**number * random.uniform(1, 2))
    found = findings(emulator)
    assert found["V26"].status == "warn"
    assert set(complaints(emulator)) == {"V26"}
    assert "6 " in found["V26"].ruling.why


# --- clients that number nothing


@pytest.mark.parametrize("is_pooled", [False, True], ids=["own connections", "a pool"])
def test_workers_on_one_hot_item_are_accused_of_nothing(begin, plain, emulated_clock: EmulatedClock, is_pooled: bool) -> None:
    pool: list[Plain] = []
    emulator = begin({"when": {"operation": "GetItem", "request": "1..16"}, "fault": "ProvisionedThroughputExceededException"})

    def read(own: Plain, turn: int) -> int:
        # Workers that begin together find the pool empty
        client = pool.pop() if pool and turn else own
        status, _ = client.send("GetItem", {"TableName": "orders", "Key": key(1, "bob")})
        if is_pooled:
            pool.append(client)
        return status

    begun = Barrier(8)

    def work() -> int:
        own = plain(emulator)
        with emulated_clock.taking_part():
            begun.wait()
            for turn in range(12):
                if read(own, turn) == 200:
                    return turn + 1
                emulated_clock.sleep(0.02 + random.uniform(0, 0.05 * 2**turn))
        return 0

    with ThreadPoolExecutor(8) as workers:
        taken = [done.result() for done in [workers.submit(work) for _ in range(8)]]
    assert sum(taken) == 16 + 8
    assert complaints(emulator) == {}


@pytest.mark.parametrize("operation", ["get_item", "update_item"])
def test_so_are_workers_with_a_client_that_makes_one_attempt(begin, once, emulated_clock: EmulatedClock, operation: str) -> None:
    """Each try has an id of its own, which tells as little of the worker as none."""
    fault = {"when": {"operation": "".join(word.title() for word in operation.split("_")), "request": "1..40"}}
    emulator = begin({**fault, "fault": "ProvisionedThroughputExceededException"})
    client = once(emulator)
    one = {"UpdateExpression": "ADD amount :one", "ExpressionAttributeValues": {":one": {"N": "1"}}} if operation == "update_item" else {}

    begun = Barrier(8)

    def work() -> None:
        with emulated_clock.taking_part():
            begun.wait()
            for turn in range(12):
                with suppress(ClientError):
                    getattr(client, operation)(TableName="orders", Key=key(1, "bob"), **one)
                    return
                emulated_clock.sleep(0.02 + random.uniform(0, 0.05 * 2**turn))

    with ThreadPoolExecutor(8) as workers:
        for done in [workers.submit(work) for _ in range(8)]:
            done.result()
    assert complaints(emulator) == {}


def test_workers_that_loop_at_once_on_items_of_their_own_are_found(begin, once) -> None:
    emulator = begin({"when": {"operation": "PutItem", "try": "1..20"}, "fault": "ThrottlingException"})
    client = once(emulator)

    def work(number: int) -> None:
        for value in range(30):
            with suppress(ClientError):
                client.put_item(TableName="orders", Item={**key(number), "at": {"N": str(value)}})
                return

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(8)))
    assert {"V6", "V9"} <= set(complaints(emulator))


# --- those that ask how far something has come


@pytest.mark.parametrize("retries", [False, True], ids=["one attempt", "retries"])
def test_a_poll_through_an_outage_is_no_retry_without_an_end(begin, once, client_for, emulated_clock: EmulatedClock, retries: bool) -> None:
    emulator = begin({"when": {"operation": "DescribeTable", "request": "4..100"}, "fault": "InternalServerError"})
    client = client_for(emulator) if retries else once(emulator)
    with emulated_clock.taking_part():
        for _ in range(70):
            with suppress(ClientError):
                client.describe_table(TableName="orders")
            emulated_clock.sleep(5.0)
    allowed = {"V16"} if retries else set()
    assert set(complaints(emulator)) <= allowed


# --- what the service refuses by its shape


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("batch_write_item", {"RequestItems": writes(26)}),
        ("get_item", {"TableName": "orders", "Key": {"customer": {"S": "ada"}}}),
        ("query", {"TableName": "orders", "KeyConditionExpression": "customer = "}),
        ("update_item", {"TableName": "orders", "Key": key(1), "UpdateExpression": "SET"}),
    ],
)
def test_what_is_refused_by_its_shape_is_a_call_and_an_outage_comes_first(
    begin, client_for, operation: str, params: dict[str, Any]
) -> None:
    name = "".join(word.title() for word in operation.split("_"))
    emulator = begin(
        {"when": {"operation": name, "call": 1}, "limit": 1, "fault": "InternalServerError"},
        expect=[{"calls": {"operation": name}, "outcome": "ValidationException", "attempts": 2}],
    )
    with pytest.raises(ClientError, match="ValidationException"):
        getattr(client_for(emulator), operation)(**params)
    report = emulator.report()
    assert report.passed, report.reasons
