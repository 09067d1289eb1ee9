"""The one order of a request: told apart as far as it can be read, counted and decided, and only then validated and carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2
import orjson
import pytest
import requests

from emulator import Emulator

TABLE = {"name": "orders", "key": {"id": "S"}}
PUTS = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(26)]
# Each is refused by another of the service's looks at a request: JSON, types, constraints, authorization
REFUSED: dict[str, tuple[str, bytes, dict[str, str], str]] = {
    "no JSON": ("PutItem", b"{", {}, "SerializationException"),
    "no body": ("PutItem", b"", {}, "SerializationException"),
    "a wrong type": ("PutItem", b'{"TableName": "orders", "Item": 5}', {}, "SerializationException"),
    "too many entries": ("BatchWriteItem", orjson.dumps({"RequestItems": {"orders": PUTS}}), {}, "ValidationException"),
    "something missing": ("GetItem", b'{"TableName": "orders"}', {}, "ValidationException"),
    "a bad name": ("GetItem", b'{"TableName": "o!", "Key": {"id": {"S": "a"}}}', {}, "ValidationException"),
    "packed badly": ("PutItem", b"no gzip", {"content-encoding": "gzip"}, "InternalServerError"),
}
REFUSALS = pytest.mark.parametrize(("operation", "body", "more", "error"), REFUSED.values(), ids=REFUSED)


def ask(emulator: Emulator, operation: str, body: bytes, more: dict[str, str] | None = None) -> requests.Response:
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"DynamoDB_20120810.{operation}",
        "x-amz-date": "20261120T120000Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
        **(more or {}),
    }
    return requests.post(emulator.url, data=body, headers=headers, timeout=60)


def with_rule(operation: str, fault: Any) -> dict[str, Any]:
    return {"version": 1, "tables": [TABLE], "rules": [{"name": "r", "when": {"operation": operation}, "fault": fault}]}


@REFUSALS
def test_a_refused_request_is_a_call_like_any_other(
    start: Callable[..., Emulator], operation: str, body: bytes, more: dict[str, str], error: str
) -> None:
    expect = [{"calls": {"operation": operation}, "count": 1, "attempts": 1, "outcome": error}]
    emulator = start({"version": 1, "tables": [TABLE], "expect": expect})
    assert ask(emulator, operation, body, more).json()["__type"].endswith(error)
    (call,) = emulator.calls(operation=operation)
    assert (call.outcome, call.first.applied) == (error, None if operation == "GetItem" else False)
    assert [finding.status for finding in emulator.report().expectations] == ["pass"]


@REFUSALS
@pytest.mark.parametrize("fault", ["InternalServerError", "ServiceUnavailable", {"error": "ThrottlingException", "status": 503}])
def test_an_outage_comes_before_the_service_looks(
    start: Callable[..., Emulator], operation: str, body: bytes, more: dict[str, str], error: str, fault: Any
) -> None:
    emulator = start(with_rule(operation, fault))
    assert ask(emulator, operation, body, more).status_code in (500, 503)
    assert [rule.fired for rule in emulator.rules.list()] == [1]


@REFUSALS
@pytest.mark.parametrize("fault", [{"connection": "reset"}, {"connection": "close"}])
def test_so_does_a_lost_connection(
    start: Callable[..., Emulator], operation: str, body: bytes, more: dict[str, str], error: str, fault: Any
) -> None:
    emulator = start(with_rule(operation, fault))
    with pytest.raises(requests.ConnectionError):
        ask(emulator, operation, body, more)
    assert [rule.fired for rule in emulator.rules.list()] == [1]


@REFUSALS
@pytest.mark.parametrize(
    "fault",
    [
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "ConditionalCheckFailedException",
        {"error": "InternalServerError", "applied": True},
        {"error": "InternalServerError", "status": 400},
    ],
)
def test_what_the_service_refuses_it_refuses_whatever_else_is_scripted(
    start: Callable[..., Emulator], operation: str, body: bytes, more: dict[str, str], error: str, fault: Any
) -> None:
    emulator = start(with_rule(operation, fault))
    assert ask(emulator, operation, body, more).json()["__type"].endswith(error)
    (rule,) = emulator.rules.list()
    assert (rule.matched, rule.fired) == (1, 0)
    (why,) = emulator.core.explain(emulator.journal.entries()[0])
    assert why.text == f"validation: wanted a request that the service does not refuse by itself, was {error}"


def test_a_refused_request_uses_nothing_up(start: Callable[..., Emulator]) -> None:
    rule = {"name": "r", "when": {"operation": "GetItem"}, "sequence": ["ThrottlingException", "ok"], "then": "pass"}
    emulator = start({"version": 1, "tables": [TABLE], "rules": [rule]})
    good = orjson.dumps({"TableName": "orders", "Key": {"id": {"S": "a"}}})
    assert ask(emulator, "GetItem", b"{}").json()["__type"].endswith("ValidationException")
    assert ask(emulator, "GetItem", good).json()["__type"].endswith("ThrottlingException")
    assert ask(emulator, "GetItem", good).status_code == 200


def test_what_changes_any_answer_changes_that_of_a_refusal_too(start: Callable[..., Emulator]) -> None:
    emulator = start(with_rule("GetItem", {"headers": {"x-seen": "yes"}}))
    answer = ask(emulator, "GetItem", b"{}")
    assert (answer.status_code, answer.headers["x-seen"]) == (400, "yes")


def test_rules_see_as_much_as_could_be_read(start: Callable[..., Emulator]) -> None:
    when = {"operation": "PutItem", "table": "orders", "where": "ReturnValues == 'ALL_OLD'"}
    emulator = start({"version": 1, "tables": [TABLE], "rules": [{"name": "r", "when": when, "fault": "InternalServerError"}]})
    assert ask(emulator, "PutItem", b'{"TableName": "orders", "ReturnValues": "ALL_OLD", "Item": 5}').status_code == 500
    assert ask(emulator, "PutItem", b'{"TableName": "others", "ReturnValues": "ALL_OLD", "Item": 5}').status_code == 400


def test_limits_and_denials_are_not_asked_about_refused_requests(start: Callable[..., Emulator]) -> None:
    limits = {"auth": {"deny": [{"operation": "GetItem"}]}, "throughput": [{"table": "orders", "read": 1}]}
    emulator = start({"version": 1, "tables": [TABLE], **limits})
    assert ask(emulator, "GetItem", b"{}").json()["__type"].endswith("ValidationException")


def test_who_is_not_admitted_meets_no_rule_but_makes_attempts(start: Callable[..., Emulator]) -> None:
    emulator = start(with_rule("GetItem", "InternalServerError"))
    answer = ask(emulator, "GetItem", b"{}", {"authorization": "", "amz-sdk-invocation-id": "i-1"})
    assert answer.json()["__type"].endswith("MissingAuthenticationTokenException")
    assert ([rule.matched for rule in emulator.rules.list()], emulator.calls()[0].id) == ([0], "i-1")


def test_a_body_that_is_too_large_is_refused_and_journaled(start: Callable[..., Emulator]) -> None:
    emulator = start({"version": 1})
    answer = ask(emulator, "PutItem", b" " * (16 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    (call,) = emulator.calls()
    assert (call.first.operation, call.outcome, call.first.applied) == ("PutItem", "RequestEntityTooLarge", False)


def test_other_protocols_keep_the_same_order(start: Callable[..., Emulator]) -> None:
    rule = {"name": "r", "when": {"service": "backup-gateway", "operation": "GetGateway", "request": 2}, "fault": "InternalServerException"}
    emulator = start({"version": 1, "rules": [rule]})
    headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", "x-amz-date": "20261120T120000Z"}
    headers["authorization"] = "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/bg/aws4_request, SignedHeaders=host, Signature=a"
    url = f"{emulator.url}/service/BackupOnPremises_v20210101/operation/GetGateway"
    answers = [requests.post(url, data=body, headers=headers, timeout=60) for body in (b"\xff", b"\xff", cbor2.dumps({}))]
    assert [answer.status_code for answer in answers] == [400, 500, 400]
    assert [call.outcome for call in emulator.calls()] == [
        "SerializationException",
        "InternalServerException",
        "ValidationException",
    ]
