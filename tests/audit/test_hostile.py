"""Whatever clients send and scenarios answer, the audit says something and every form of the report can be had."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.audit import VERDICTS
from emulator.audit.verdicts import Status
from emulator.journal import Delivery, Exchange
from emulator.messages import HttpReply, HttpRequest
from emulator.report import FORMATS, build_report
from emulator.scenario import load_scenario

AGENTS = (
    "",
    "x" * 5000,
    "Boto3/1.44.5 md/Botocore#1.44.5 m/E,B cfg/retry-mode#standard Botocore/1.44.5 Resource",
    "Boto3/9999999999999999.1 md/Botocore#.. m/,, cfg/retry-mode#legacy",
    "aws-sdk-java/1.12.1 cfg/retry-mode/adaptive",
    "aws-sdk-ruby3/3.1",
    "aws-sdk-go-v2/1.47.6 m/E",
    "aws-sdk-php/3",
)
REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("PutItem", {"TableName": "orders", "Item": {"id": {"S": "x"}}}),
    ("PutItem", {"TableName": "orders", "Item": {"n": {"N": "not a number"}}, "ConditionExpression": "((("}),
    ("UpdateItem", {"TableName": "orders", "Key": {"id": {"S": "x"}}, "UpdateExpression": "ADD #a :b SET ((", "AttributeUpdates": {}}),
    ("UpdateItem", {"TableName": "orders", "Key": {"id": {"S": "x"}}, "UpdateExpression": "ADD hits :b"}),
    ("UpdateItem", {"TableName": "orders", "Key": {"id": {"S": "x"}}, "AttributeUpdates": {"a": {"Action": "ADD"}}}),
    ("GetItem", {"TableName": "arn:aws:dynamodb:us-east-1:0:table/orders", "Key": {}}),
    ("BatchWriteItem", {"RequestItems": {"orders": [{"PutRequest": {"Item": {"id": {"S": "x"}}}}, {"DeleteRequest": {"Key": {}}}]}}),
    ("BatchGetItem", {"RequestItems": {"orders": {"Keys": [{"id": {"S": "x"}}]}}}),
    ("TransactWriteItems", {"TransactItems": [{}], "ClientRequestToken": "t"}),
    ("TransactWriteItems", {"TransactItems": [{"Put": {"Item": {"id": {"S": "x"}}}}]}),
    ("ExecuteStatement", {"Statement": "UPDATE orders SET n = n + 1 WHERE id = 'x'"}),
    ("ExecuteStatement", {}),
    ("BatchExecuteStatement", {"Statements": [{"Statement": None}, {}]}),
    ("Query", {"TableName": "orders"}),
)
BODIES = (
    None,
    b"",
    b"null",
    b"[]",
    b"\xff\xfe",
    b"<html>",
    b'{"UnprocessedItems": {}}',
    b'{"UnprocessedItems": {"orders": [{"PutRequest": {"Item": {"id": {"S": "x"}}}}]}}',
    b'{"CancellationReasons": [null, {"Code": "TransactionConflict"}, 7]}',
    b'{"CancellationReasons": 5}',
    b'{"__type": null, "message": ["x"]}',
)
WHATS = (
    *("ok",) * 6,
    *("ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError", "RequestLimitExceeded"),
    *("ValidationException", "ConditionalCheckFailedException", "TransactionCanceledException", "TransactionInProgressException"),
    *("RequestTimeTooSkewed", "FooException", "503", "500", "429", "307", "413", "reset", "closed", "hung", "client-closed"),
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"amz-sdk-request": "attempt=1; max=3"},
    {"amz-sdk-request": "attempt=999999; max=0; ttl=99999999T999999Z"},
    {"amz-sdk-request": "=;=;attempt"},
    {"aws-sdk-retry": "7/"},
    {"x-amz-date": "20261120T120000Z"},
    {"x-amz-date": "tomorrow"},
)
REPLIES: tuple[dict[str, str], ...] = (
    {},
    {},
    {"x-amz-retry-after": "1500"},
    {"x-amz-crc32": "no"},
    {"Date": "yesterday"},
    {"Date": "Fri, 20 Nov 2026 13:00:00 GMT"},
)


@pytest.fixture
def journal(call: Any, attempt: Any) -> Callable[[int], list[Exchange]]:
    """A journal that makes no sense, the same for the same seed."""

    def make(seed: int) -> list[Exchange]:
        dice = random.Random(seed)
        entries: list[Exchange] = []
        for number in range(dice.randint(0, 30)):
            operation, params = dice.choice(REQUESTS)
            tries = [_attempt(attempt, dice) for _ in range(dice.choice((1, 1, 2, 3, 14)))]
            tries[-1].pending = dice.random() < 0.1
            agent = dice.choice(AGENTS)
            entries += call(
                f"c{number}", *tries, operation=operation, params=params, agent=agent, at=dice.random() * 20, identified=dice.random() < 0.7
            )
        entries += [_refused(dice) for _ in range(dice.randint(0, 5))]
        return sorted(entries, key=lambda entry: entry.request.arrived)

    return make


def _attempt(attempt: Any, dice: random.Random) -> Any:
    return attempt(
        dice.choice(WHATS),
        gap=dice.choice((-0.5, 0.0, 0.001, 0.1, 3.0, 70.0)),
        took=dice.choice((0.0, 0.002, 40.0)),
        applied=dice.choice((None, None, True, False)),
        body=dice.choice(BODIES),
        headers=dict(dice.choice(HEADERS)),
        reply=dict(dice.choice(REPLIES)),
    )


def _refused(dice: random.Random) -> Exchange:
    headers = dice.choice(({}, {"amz-sdk-invocation-id": "i"}))
    request = HttpRequest("POST", "/", headers, dice.choice((b"", b"{}")), arrived=dice.random() * 20)
    error = dice.choice(("ValidationException", "SerializationException"))
    delivery = Delivery(how="sent", ended=request.arrived)
    return Exchange(0, request.arrived, request, None, HttpReply(400, [], b""), delivery, error=error)


@pytest.mark.parametrize("block", range(10))
def test_no_journal_is_too_strange(journal: Callable[[int], list[Exchange]], block: int) -> None:
    seen: set[Status] = set()
    for seed in range(block * 30, block * 30 + 30):
        report = build_report(load_scenario(None), seed, [], journal(seed))
        assert [finding.verdict.id for finding in report.audit] == list(VERDICTS)
        known = {call.id for call in report.calls}
        for finding in report.audit:
            assert set(finding.ruling.calls) <= known
            assert finding.ruling.why
            assert finding.status != "fail" or finding.verdict.grade is Status.FAIL
            seen.add(finding.ruling.status)
        if seed % 10 == 0:
            assert all(form.render(report) for form in FORMATS.values())
            assert orjson.loads(FORMATS["json"].render(report))["verdict"] == report.verdict
    assert seen == set(Status)


def test_a_call_without_end_is_judged_and_told_in_short(call: Callable[..., list[Exchange]]) -> None:
    report = build_report(load_scenario(None), 1, [], call("a", *["InternalServerError"] * 2000))
    assert "made more than 11 attempts, the longest 2000" in report.text()
    assert "#20 InternalServerError ... 1979 more ... --100 ms-- #2000 InternalServerError" in report.text()
    assert all(len(form.render(report)) < 150_000 for form in FORMATS.values())
