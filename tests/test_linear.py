"""Whatever a client chooses the size of costs no more than its size: work is counted, in calls of functions, at a size and at twice it."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from emulator.core import EmulatorCore
from emulator.messages import HttpRequest
from emulator.scenario import ScenarioError
from emulator.server.app import create_app
from emulator.wire.compression import MAX_MEMBERS

TABLE = {"name": "orders", "key": {"id": "S"}, "items": [{"id": "a", "v": 1}]}
SIGNED = {
    "host": "localhost",
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
# How much more than twice the work twice the size may take: what is done once in a while is not done twice as often
SLACK = 1.25


def key(number: int) -> dict[str, Any]:
    return {"id": {"S": f"k{number}"}}


def get(**params: Any) -> tuple[str, Any]:
    return "GetItem", {"TableName": "orders", "Key": key(0), **params}


def put(item: dict[str, Any] | None = None, **params: Any) -> tuple[str, Any]:
    return "PutItem", {"TableName": "orders", "Item": {**key(0), **(item or {})}, **params}


def update(**params: Any) -> tuple[str, Any]:
    return "UpdateItem", {"TableName": "orders", "Key": key(0), **params}


def statement(text: str, **params: Any) -> tuple[str, Any]:
    return "ExecuteStatement", {"Statement": text, **params}


def nested(size: int) -> tuple[str, Any]:
    return "PutItem", b'{"TableName":"orders","Item":{"id":{"S":"a"},"x":' + b'{"L":[' * size + b"]}" * size + b"}}"


# What a client chooses the size of: (a size, the request of that size)
KINDS: dict[str, tuple[int, Callable[[int], tuple[str, Any]]]] = {
    "names to get": (2_000, lambda n: get(AttributesToGet=[f"a{i}" for i in range(n)])),
    "a projection": (300, lambda n: get(ProjectionExpression=",".join(f"a{i}" for i in range(n)))),
    "names": (2_000, lambda n: get(ProjectionExpression="#a", ExpressionAttributeNames={f"#a{i}": "x" for i in range(n)})),
    "values": (
        2_000,
        lambda n: put(ConditionExpression="a = :v", ExpressionAttributeValues={f":v{i}": {"S": "x"} for i in range(n)}),
    ),
    "tables to read": (2_000, lambda n: ("BatchGetItem", {"RequestItems": {f"ttt{i}": {"Keys": [key(0)]} for i in range(n)}})),
    "tables to write": (
        2_000,
        lambda n: ("BatchWriteItem", {"RequestItems": {f"ttt{i}": [{"DeleteRequest": {"Key": key(0)}}] for i in range(n)}}),
    ),
    "keys to read": (2_000, lambda n: ("BatchGetItem", {"RequestItems": {"orders": {"Keys": [key(i) for i in range(n)]}}})),
    "items to write": (
        2_000,
        lambda n: ("BatchWriteItem", {"RequestItems": {"orders": [{"PutRequest": {"Item": key(i)}} for i in range(n)]}}),
    ),
    "a transaction": (
        1_000,
        lambda n: ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "orders", "Item": key(i)}} for i in range(n)]}),
    ),
    "attributes": (2_000, lambda n: put({f"a{i}": {"N": str(i)} for i in range(n)})),
    "a set of texts": (2_000, lambda n: put({"s": {"SS": [f"x{i}" for i in range(n)]}})),
    "a set of numbers": (2_000, lambda n: put({"s": {"NS": [str(i) for i in range(n)]}})),
    "a list": (2_000, lambda n: put({"s": {"L": [{"S": ""} for _ in range(n)]}})),
    "a number": (2_000, lambda n: put({"s": {"N": "0" * n + "1"}})),
    "nested lists": (10, nested),
    "alternatives": (150, lambda n: put(ConditionExpression=" OR ".join(["a = b"] * n))),
    "parentheses": (100, lambda n: put(ConditionExpression="(" * n + "a = b" + ")" * n)),
    "negations": (100, lambda n: put(ConditionExpression="NOT " * n + "a = b")),
    "a path": (14, lambda n: put(ConditionExpression=f"attribute_exists(a{'.a' * n})")),
    "a list of operands": (45, lambda n: put(ConditionExpression=f"a IN ({','.join(['b'] * n)})")),
    "an expression": (30_000, lambda n: put(ConditionExpression="a" * n)),
    "blanks": (1_500, lambda n: put(ConditionExpression=" " * n + "a = b")),
    "assignments": (140, lambda n: update(UpdateExpression="SET " + ",".join(f"a{i} = v" for i in range(n)))),
    "removals": (140, lambda n: update(UpdateExpression="REMOVE " + ",".join(f"a[{i}]" for i in range(n)))),
    "attributes to update": (2_000, lambda n: update(AttributeUpdates={f"a{i}": {"Value": {"S": "x"}} for i in range(n)})),
    "expectations": (2_000, lambda n: put(Expected={f"a{i}": {"Exists": False} for i in range(n)})),
    "key conditions": (
        1_000,
        lambda n: (
            "Query",
            {
                "TableName": "orders",
                "KeyConditions": {f"a{i}": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]} for i in range(n)},
            },
        ),
    ),
    "a filter": (
        1_000,
        lambda n: ("Scan", {"TableName": "orders", "ScanFilter": {f"a{i}": {"ComparisonOperator": "NULL"} for i in range(n)}}),
    ),
    "attributes of a key": (2_000, lambda n: ("GetItem", {"TableName": "orders", "Key": {f"k{i}": {"S": "x"} for i in range(n)}})),
    "unknown members": (2_000, lambda n: get(**{f"x{i}": i for i in range(n)})),
    "a statement": (100, lambda n: statement(f"SELECT * FROM orders WHERE {' OR '.join(['id = 1'] * n)}")),
    "parentheses of a statement": (50, lambda n: statement(f"SELECT * FROM orders WHERE {'(' * n}id = 'a'{')' * n}")),
    "alternatives of a statement": (200, lambda n: statement(f"SELECT * FROM orders WHERE id IN [{','.join(['1'] * n)}]")),
    "words of a statement": (500, lambda n: statement("FROM " * n)),
    "an item of a statement": (
        400,
        lambda n: statement("INSERT INTO orders VALUE {'id': 'q'" + "".join(f",'a{i}':1" for i in range(n)) + "}"),
    ),
    "parameters": (2_000, lambda n: statement("SELECT * FROM orders WHERE id = ?", Parameters=[{"S": "x"}] * n)),
    "statements": (
        1_000,
        lambda n: ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM orders WHERE id = 'a'"}] * n}),
    ),
    "tags": (1_000, lambda n: ("TagResource", {"ResourceArn": ARN, "Tags": [{"Key": f"k{i}", "Value": "v"} for i in range(n)]})),
    "a policy": (2_000, lambda n: ("PutResourcePolicy", {"ResourceArn": ARN, "Policy": "[" * n})),
    "a name": (50_000, lambda n: ("GetItem", {"TableName": "t" * n, "Key": key(0)})),
    "an ARN": (20_000, lambda n: ("GetItem", {"TableName": "arn:" + ":table/" * n, "Key": key(0)})),
    "a start key": (2_000, lambda n: ("Scan", {"TableName": "orders", "ExclusiveStartKey": {f"k{i}": {"S": "x"} for i in range(n)}})),
    "gzip members": (MAX_MEMBERS, lambda n: ("GetItem", gzip.compress(b"") * n)),
    "headers": (200, lambda n: get()),
}
RULES = [
    {"name": "glob", "when": {"key": {"id": "*a*b*c*"}}, "fault": "InternalServerError"},
    {"name": "where", "when": {"where": "contains(to_string(@), 'nowhere')"}, "fault": "InternalServerError"},
    {"name": "per key", "when": {"request": 10**9, "per": "key"}, "fault": "InternalServerError"},
]


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_size_is_twice_the_work(kind: str) -> None:
    size, request = KINDS[kind]
    core = EmulatorCore({"version": 1, "tables": [TABLE], "rules": RULES})
    # What is imported or compiled once is not the request's
    work_of(core, kind, *request(size // 2), size // 2)
    once, twice = (work_of(core, kind, *request(times * size), times * size) for times in (1, 2))
    assert twice <= SLACK * 2 * once


def work_of(core: EmulatorCore, kind: str, operation: str, body: Any, size: int) -> int:
    headers = {**SIGNED, "x-amz-target": f"DynamoDB_20120810.{operation}"}
    if kind == "headers":
        headers.update({f"x-{number}": "value" for number in range(size)})
    if kind == "gzip members":
        headers["content-encoding"] = "gzip"
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = HttpRequest("POST", "/", headers, sent)
    return calls_of(lambda: core.exchange(request))


def calls_of(work: Callable[[], object]) -> int:
    """How many functions were called, C's included."""
    count = 0

    def see(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_a_question_that_doubles_its_own_answer_is_no_match() -> None:
    rule = {"name": "doubling", "when": {"where": "|".join(["[@,@]"] * 40) + "|to_string(@)"}, "fault": "InternalServerError"}
    core = EmulatorCore({"version": 1, "tables": [TABLE], "rules": [rule]})
    _, params = get()
    assert work_of(core, "where", "GetItem", params, 0) < 10**6
    assert core.journal.entries()[-1].reply.status == 200


def scenario_of(size: int) -> dict[str, Any]:
    rules = [{"name": f"rule {number}", "when": {"table": f"t{number}*"}, "fault": "InternalServerError"} for number in range(size)]
    return {"version": 1, "rules": rules}


@pytest.mark.parametrize("broken", [False, True])
def test_a_scenario_costs_its_size(broken: bool) -> None:
    def load(size: int) -> int:
        scenario = scenario_of(size)
        if broken:
            for rule in scenario["rules"]:
                rule["fualt"] = rule.pop("fault")

        def attempt() -> None:
            try:
                EmulatorCore(scenario)
            except ScenarioError:
                assert broken

        return calls_of(attempt)

    load(10)
    once, twice = load(150), load(300)
    assert twice <= SLACK * 2 * once


def test_faults_of_the_admin_api_cost_their_number() -> None:
    def configure(size: int) -> int:
        client = create_app(EmulatorCore()).test_client()
        body = json.dumps([{"service": "dynamodb"}] * size)
        assert client.post("/_localstack/chaos/faults", data=body).status_code == 200
        return calls_of(lambda: client.post("/_localstack/chaos/faults", data=body))

    configure(1)
    once, twice = configure(100), configure(200)
    assert twice <= SLACK * 2 * once
