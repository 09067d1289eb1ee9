"""The report on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.report import Report
from emulator.report.formats.registry import FORMATS
from emulator.report.formats.text import MAX_CALLS


def test_complaints_stand_in_full_and_the_rest_by_their_numbers(hostile_report: Report) -> None:
    lines = hostile_report.text().splitlines()
    audit = lines[lines.index("audit of the client's retries:") :]
    assert audit[1] == "  fail  V20 A write is not carried out twice"
    assert audit[2].startswith("        1 write that adds up carried out more than once (UpdateItem <b>'\"&\ufffd2J)")
    assert any(line.startswith("  pass  V3 V6") for line in audit)
    assert any(line.startswith("  n/a   ") and line.endswith(" verdicts had nothing to judge") for line in audit)
    assert lines[-1] == "verdict: fail"


def test_it_says_what_to_do_next(hostile_report: Report) -> None:
    text = hostile_report.text()
    assert "next: 2 expectations did not hold: see " in text
    assert "      V20: Give writes that add up a ConditionExpression" in text


def test_attempts_that_were_carried_out_without_a_word_are_marked(hostile_report: Report) -> None:
    assert "#1 connection reset (applied) --" in hostile_report.text()
    assert "#2 200   success, applied twice" in hostile_report.text()


def test_it_is_plain_unless_colours_are_wanted(hostile_report: Report) -> None:
    assert "\x1b" not in hostile_report.text()
    assert "\x1b[" in hostile_report.text(color=True)
    assert "\x9b" not in hostile_report.text(color=True)
    assert "[bold]" in hostile_report.text()


def test_a_run_in_which_nobody_came_says_how_to_come(quiet_report: Report) -> None:
    text = quiet_report.text()
    assert "calls: none, no client has contacted the emulator" in text
    assert "AWS_ENDPOINT_URL_DYNAMODB" in text
    assert "audit" not in text


def test_of_a_long_run_the_telling_calls_are_shown(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    rule = {"name": "late", "when": {"operation": "PutItem", "key": {"id": "77"}, "attempt": 1}, "fault": "InternalServerError"}
    emulator = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}], "rules": [rule]})
    client = client_for(emulator)
    for number in range(MAX_CALLS + 40):
        client.put_item(TableName="orders", Item={"id": {"S": str(number)}})
    text = emulator.report().text()
    assert text.count("  PutItem ") == MAX_CALLS
    assert text.count("InternalServerError") == 1
    assert "  ... and 40 more" in text


def test_requests_that_are_no_call_are_told_by_kind(start: Callable[..., Emulator]) -> None:
    emulator = start({"version": 1})
    for target in ("DynamoDB_20120810.FlyToTheMoon", "DynamoDB_20120810.FlyToTheMoon", "Moon.Fly"):
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
        assert requests.post(emulator.url, headers=headers, data="{}", timeout=60).status_code == 400
    report = emulator.report()
    lines = report.text().splitlines()
    told = lines[lines.index("3 requests could not be understood as a call of an operation:") :]
    assert "calls: none" in lines
    assert told[1].startswith("  FlyToTheMoon: UnknownOperationException")
    assert told[1].endswith("   2 times")
    assert told[2].startswith("  Fly: UnknownOperationException")
    page = FORMATS["html"].render(report)
    assert "FlyToTheMoon: UnknownOperationException" in page
    assert "(2 times)" in page


def test_a_call_is_told_by_its_id_and_its_items_and_a_half_done_batch_is_no_plain_success(
    start: Callable[..., Emulator], client_for: Callable[..., Any]
) -> None:
    table = {"name": "orders", "key": {"id": "S"}, "items": [{"id": "a"}]}
    rules = [
        {"name": "half", "when": {"operation": "BatchWriteItem"}, "fault": {"unprocessed": {"all_but": 1}}},
        {"name": "late", "when": {"operation": "GetItem"}, "fault": {"delay": "5ms"}},
        {"name": "old", "when": {"operation": "Query"}, "fault": {"stale": "2s"}},
        {"name": "lost", "when": {"operation": "TransactWriteItems", "attempt": 1}, "fault": {"connection": "reset", "applied": True}},
    ]
    emulator = start({"version": 1, "tables": [table], "rules": rules})
    client = client_for(emulator)
    puts = [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in "abcd"]
    client.batch_write_item(RequestItems={"orders": puts})
    client.get_item(TableName="orders", Key={"id": {"S": "a"}})
    client.query(TableName="orders", KeyConditionExpression="id = :x", ExpressionAttributeValues={":x": {"S": "a"}})
    client.transact_write_items(TransactItems=[{"Put": {"TableName": "orders", "Item": {"id": {"S": "z"}}}}])
    report = emulator.report()
    batch, get, query, transaction = (line for line in report.text().splitlines() if "orders" in line and "#1" in line)
    ids = [call.id[:8] for call in emulator.calls()]
    assert [line.split()[1] for line in (batch, get, query, transaction)] == ids
    assert "orders 4 items" in batch
    assert "#1 200 (3 of 4 unprocessed)   success, 3 unprocessed, applied once" in batch
    assert "orders id=a" in get
    assert "(delay 5ms)" in get
    assert "(stale by 2s)" in query
    assert "#1 connection reset (applied) --" in transaction
    assert "#2 200 (answered from the token)   success, applied once" in transaction
    page = FORMATS["html"].render(report)
    assert all(text in page for text in (*ids, "3 of 4 unprocessed", "answered from the token", "stale by 2s", "id=a"))


def test_loops_around_the_sdk_are_named(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    rules = [{"name": "throttle", "when": {"operation": "PutItem", "try": "1..2"}, "fault": "ThrottlingException"}]
    expect = [{"calls": {"operation": "PutItem"}, "tries": 3}]
    emulator = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}], "rules": rules, "expect": expect})
    client = client_for(emulator, config=Config(retries={"total_max_attempts": 1}))
    for number in range(3):
        with suppress(ClientError):
            client.put_item(TableName="orders", Item={"id": {"S": "a"}, "stamp": {"N": str(number)}})
    report = emulator.report()
    assert [finding.status for finding in report.expectations] == ["pass"]
    assert "3 calls look like 1 loop around the SDK" in report.text()
