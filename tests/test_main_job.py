"""The main job, end to end: real clients are throttled, retry, succeed, and are judged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import requests

from emulator import Emulator
from emulator.clock import EmulatedClock

TABLE = {"name": "orders", "key": {"id": "S"}}
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.GetItem",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    "X-Amz-Date": "20261120T000000Z",
}
Start = Callable[..., Emulator]
ClientFor = Callable[..., Any]


def test_every_write_of_many_threads_takes_exactly_three_attempts(
    start: Start, client_for: ClientFor, emulated_clock: EmulatedClock
) -> None:
    rule = {"name": "twice", "when": {"operation": "writes", "attempt": "1..2"}, "fault": "ProvisionedThroughputExceededException"}
    expect = [{"calls": {"operation": "writes"}, "count": 100, "outcome": "success", "attempts": 3, "applied": {"per_key": 1}}]
    emulator = start({"version": 1, "tables": [TABLE], "rules": [rule], "expect": expect}, clock=emulated_clock)
    # A client for each thread: a hundred calls of one would use up its retry quota (500 tokens, five net for each of these calls)
    clients = [client_for(emulator) for _ in range(16)]
    failures: list[Exception] = []

    def write(first: int) -> None:
        try:
            with emulated_clock.taking_part():
                for number in range(first, 100, 16):
                    clients[first].put_item(TableName="orders", Item={"id": {"S": str(number)}})
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(first,)) for first in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = emulator.report()
    assert not failures
    assert report.passed, report.text()
    assert {call.attempts for call in report.calls} == {3}
    assert clients[0].scan(TableName="orders", Select="COUNT")["Count"] == 100


def test_one_client_s_retry_quota_runs_out(start: Start, client_for: ClientFor, emulated_clock: EmulatedClock) -> None:
    rule = {"name": "twice", "when": {"operation": "writes", "attempt": "1..2"}, "fault": "ProvisionedThroughputExceededException"}
    emulator = start({"version": 1, "tables": [TABLE], "rules": [rule]}, clock=emulated_clock)
    client = client_for(emulator)
    for number in range(99):
        client.put_item(TableName="orders", Item={"id": {"S": str(number)}})
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
        client.put_item(TableName="orders", Item={"id": {"S": "99"}})
    *served, last = emulator.calls()
    assert (len(served), last.attempts) == (99, 2)


def test_the_default_client_backs_off_and_is_judged(start: Start, client_for: ClientFor, emulated_clock: EmulatedClock) -> None:
    rule = {"name": "once", "when": {"operation": "PutItem", "attempt": 1}, "fault": "InternalServerError"}
    expect = [{"calls": {"operation": "PutItem"}, "outcome": "success", "attempts": 2, "backoff": {"profile": "standard-2026"}}]
    emulator = start({"version": 1, "tables": [TABLE], "rules": [rule], "expect": expect}, clock=emulated_clock)
    client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "1"}})
    (call,) = emulator.calls(operation="PutItem")
    assert [entry.fault for entry in call.attempt_records] == ["InternalServerError", ""]
    assert [entry.applied for entry in call.attempt_records] == [False, True]
    assert call.first.client.startswith("Boto3/")
    assert emulator.report().passed


def test_a_lost_acknowledgement_doubles_an_unconditional_write(start: Start, client_for: ClientFor, emulated_clock: EmulatedClock) -> None:
    rule = {"name": "lost", "when": {"operation": "UpdateItem", "attempt": 1}, "fault": {"connection": "reset", "applied": True}}
    expect = [{"calls": {"operation": "UpdateItem"}, "applied": {"per_key": 1}}]
    emulator = start({"version": 1, "tables": [TABLE], "rules": [rule], "expect": expect}, clock=emulated_clock)
    client = client_for(emulator)
    client.update_item(
        TableName="orders", Key={"id": {"S": "1"}}, UpdateExpression="ADD hits :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )
    assert client.get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"]["hits"] == {"N": "2"}
    report = emulator.report()
    assert not report.passed
    assert 'orders {"id":{"S":"1"}}: 2' in report.expectations[0].why


def test_a_run_in_which_nothing_happened_does_not_pass(start: Start) -> None:
    rule = {"name": "never", "when": {"operation": "PutItem"}, "fault": "InternalServerError"}
    report = start({"version": 1, "tables": [TABLE], "rules": [rule]}).report()
    assert not report.passed
    assert "no request matched it" in report.expectations[0].why


def test_the_scenario_s_tables_are_there_in_every_region(start: Start, client_for: ClientFor) -> None:
    emulator = start({"version": 1, "tables": [{**TABLE, "items": [{"id": "a"}]}]})
    for region in ("us-east-1", "eu-central-1"):
        client = client_for(emulator, region=region)
        assert client.list_tables()["TableNames"] == ["orders"]
        assert client.get_item(TableName="orders", Key={"id": {"S": "a"}})["Item"] == {"id": {"S": "a"}}
        client.delete_item(TableName="orders", Key={"id": {"S": "a"}})
    assert all(entry.fault == "" for entry in emulator.journal)


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        ({"response": {"status": 503, "body": "busy"}}, 1),
        ({"error": "ValidationException", "status": 500}, 1),
        ({"response": "cut-json"}, 1),
        ({"connection": "close"}, 1),
        ({"response": {"status": 400, "body": {"__type": "x#ThrottlingException"}}}, 1),
        ({"error": "InternalServerError", "status": 400}, 2),
        ({"response": {"status": 404, "body": "gone"}}, 2),
        ("ValidationException", 2),
        ("ok", 2),
    ],
)
def test_a_client_that_sends_no_id_tries_again_after_what_really_went_out(start: Start, fault: Any, calls: int) -> None:
    emulator = start({"version": 1, "tables": [TABLE], "rules": [{"name": "r", "when": {"request": 1}, "fault": fault}]})
    for _ in range(2):
        with suppress(requests.ConnectionError):
            requests.post(emulator.url, '{"TableName": "orders", "Key": {"id": {"S": "a"}}}', headers=HEADERS, timeout=20)
    assert [call.attempts for call in emulator.calls()] == [2 // calls] * calls
