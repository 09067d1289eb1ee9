"""What is known of an operation before a request for it comes: rules are asked only where one can be about it, and never too seldom."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.messages import HttpRequest

TABLE = {"name": "orders", "key": {"id": "S", "n": "N"}, "items": [{"id": "a", "n": number} for number in range(4)]}
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
GET = {"TableName": "orders", "Key": {"id": {"S": "a"}, "n": {"N": "1"}}}
ABOUT = {"TableName": "orders", "KeyConditionExpression": "id = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}


def ask(core: EmulatorCore, operation: str, params: dict[str, Any]) -> Exchange:
    headers = {**HEADERS, "x-amz-target": f"DynamoDB_20120810.{operation}"}
    exchange = core.exchange(HttpRequest("POST", "/", headers, orjson.dumps(params)))
    assert isinstance(exchange, Exchange)
    exchange.delivery.ended, exchange.delivery.how = core.clock.monotonic(), "sent"
    core.delivered(exchange)
    return exchange


def is_asked(core: EmulatorCore, operation: str) -> bool:
    core_run = core.run
    exchange = ask(core, operation, GET)
    assert exchange.call is not None
    return core_run.endpoint(exchange.call).rules is not None


THROTTLED = {"name": "throttled", "when": {"operation": "PutItem"}, "fault": "ThrottlingException"}
# What a scenario may say, and whether rules have to be asked about a GetItem then
SAID: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing": ({}, False),
    "a rule about another operation": ({"rules": [THROTTLED]}, False),
    "a rule about it": ({"rules": [{"name": "r", "when": {"operation": "Get*"}, "fault": "InternalServerError"}]}, True),
    "a rule about everything": ({"rules": [{"name": "r", "fault": "ok"}]}, True),
    "a rule about another service": ({"rules": [{"name": "r", "when": {"service": "streams"}, "fault": "InternalServerError"}]}, False),
    "phases": ({"phases": [{"name": "one", "for": {"calls": 2}}, {"name": "two"}]}, True),
    "limits": ({"throughput": [{"table": "orders", "read": 1}]}, True),
    "reads of the past": ({"consistency": {"lag": "1s"}}, True),
    "denials": ({"auth": {"deny": [{"operation": "DeleteItem"}]}}, True),
    "pages": ({"rules": [{"name": "r", "when": {"operation": "Query"}, "fault": {"page": "empty"}}]}, True),
}


@pytest.mark.parametrize("said", SAID)
def test_rules_are_asked_where_something_can_be_about_an_operation(said: str) -> None:
    sections, asked = SAID[said]
    assert is_asked(EmulatorCore({"version": 1, "tables": [TABLE], **sections}), "GetItem") is asked


def test_what_is_added_or_taken_away_counts_at_once() -> None:
    core = EmulatorCore({"version": 1, "tables": [TABLE]})
    assert not is_asked(core, "GetItem")
    core.rules.add({"name": "r", "when": {"operation": "GetItem"}, "fault": "InternalServerError"})
    assert ask(core, "GetItem", GET).error == "InternalServerError"
    core.rules.enable("r", False)
    assert ask(core, "GetItem", GET).error == ""
    core.rules.enable("r", True)
    assert ask(core, "GetItem", GET).error == "InternalServerError"
    core.rules.remove("r")
    assert ask(core, "GetItem", GET).error == ""
    assert not is_asked(core, "GetItem")
    core.load({"version": 1, "tables": [TABLE], "rules": [{"name": "s", "fault": "ThrottlingException"}]})
    assert ask(core, "GetItem", GET).error == "ThrottlingException"


def test_a_page_goes_on_after_its_rule_has_gone() -> None:
    rule = {"name": "empty", "when": {"operation": "Query", "request": 1}, "fault": {"page": "empty"}}
    core = EmulatorCore({"version": 1, "tables": [TABLE], "rules": [rule]})
    first = orjson.loads(ask(core, "Query", ABOUT).reply.body)
    assert first["Items"] == []
    core.rules.remove("empty")
    rest = orjson.loads(ask(core, "Query", {**ABOUT, "ExclusiveStartKey": first["LastEvaluatedKey"]}).reply.body)
    assert [item["n"]["N"] for item in rest["Items"]] == ["0", "1", "2", "3"]


def test_an_operation_that_a_service_does_not_have_is_told_so_each_time() -> None:
    core = EmulatorCore({"version": 1})
    assert [ask(core, "ListGlobalTables", {}).error for _ in range(2)] == ["UnknownOperationException"] * 2
