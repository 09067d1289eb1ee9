"""Requests of any kind are answered, in the service's own words, and leave the emulator whole: bodies, CBOR, expressions, PartiQL."""

from __future__ import annotations

from typing import Any

import cbor2
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import EmulatorCore
from emulator.messages import HttpRequest
from tests.fuzz.conftest import FUZZING

SCENARIO = {
    "version": 1,
    "tables": [{"name": "orders", "key": {"id": "S"}, "items": [{"id": "a", "n": 1, "l": [1, "x", {"m": True}], "s": {"SS": ["x", "y"]}}]}],
    "rules": [{"name": "some", "when": {"operation": "writes", "request": "every 7"}, "fault": "ThrottlingException"}],
}
SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
    "x-amz-date": "20261120T120000Z",
}
HEADERS = ["content-encoding", "accept-encoding", "origin", "authorization", "x-amz-date"]
OPERATIONS = [
    "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems",
    "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction", "CreateTable", "DescribeTable", "UpdateTable",
    "DeleteTable", "ListTables", "UpdateTimeToLive", "TagResource", "CreateBackup", "ListBackups", "Nonsense",
]  # fmt: skip
GATEWAY = ["CreateGateway", "ListGateways", "GetGateway", "TagResource", "ImportHypervisorConfiguration", "Nonsense"]
NAMES = ["TableName", "Key", "Item", "id", "S", "N", "B", "L", "M", "SS", "NULL", "BOOL", "RequestItems", "orders", "PutRequest", "Keys",
         "TransactItems", "Put", "Statement", "Statements", "Parameters", "Expected", "AttributeUpdates", "Value", "ExclusiveStartKey",
         "AttributeDefinitions", "KeySchema", "AttributeName", "KeyType", "BillingMode", "Limit", "Segment", "Tags"]  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=20),
    st.sampled_from(["orders", "a", "id", "1", "1e400", "-0", "HASH", "S", "PAY_PER_REQUEST", "x" * 300]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=5),
    max_leaves=25,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
TOKENS = [
    "SET",
    "ADD",
    "REMOVE",
    "DELETE",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    "AND",
    "OR",
    "NOT",
    "BETWEEN",
    "IN",
    "(",
    ")",
    ",",
    "+",
    "-",
    ".",
    "[0]",
    "[",
    "]",
    "n",
    "l",
    "s",
    "id",
    "#n",
    "#x",
    ":v",
    ":w",
    "size",
    "contains",
    "begins_with",
    "attribute_exists",
    "attribute_type",
    "if_not_exists",
    "list_append",
    "é",
    "\x00",
    "99999999999999999999",
    "select",
    "a-b",
]
EXPRESSIONS = st.lists(st.sampled_from(TOKENS), max_size=14).map(" ".join) | st.text(max_size=30)
SUBSTITUTES = st.dictionaries(st.sampled_from([":v", ":w"]), VALUES, max_size=2)
PARTIQL = [
    "SELECT",
    "*",
    "FROM",
    "orders",
    '"orders"',
    "WHERE",
    "id",
    "=",
    "'a'",
    "?",
    "INSERT",
    "INTO",
    "VALUE",
    "{",
    "}",
    ":",
    "'id'",
    ",",
    "UPDATE",
    "SET",
    "n",
    "1",
    "DELETE",
    "REMOVE",
    "RETURNING",
    "ALL",
    "NEW",
    "AND",
    "OR",
    "IN",
    "[",
    "]",
    "<<",
    ">>",
    "BETWEEN",
    "EXISTS",
    "(",
    ")",
    "MISSING",
    "NULL",
    "'",
    '"',
    "--",
    "1e999",
    "ORDER",
    "BY",
    "DESC",
    ".",
]


@pytest.fixture(scope="module")
def core() -> EmulatorCore:
    return EmulatorCore(SCENARIO, seed=1)


def answered(core: EmulatorCore, request: HttpRequest) -> Any:
    """The exchange, which must be an answer that is no failure of the emulator's own, and can be shown."""
    exchange: Any = core.exchange(request)
    assert not exchange.bug, exchange.bug
    assert 200 <= exchange.reply.status < 600
    exchange.delivery.how, exchange.delivery.ended = "sent", 1.0
    core.delivered(exchange)
    orjson.dumps(exchange.to_json())
    core.explain(exchange)
    return exchange


def request(operation: str, body: bytes, **headers: str) -> HttpRequest:
    named = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}"}
    return HttpRequest("POST", "/", {**named, **SIGNED, **headers}, body, 1, "127.0.0.1:1")


def as_json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str)


@FUZZING
@given(operation=st.sampled_from(OPERATIONS), body=BODIES)
def test_bodies(core: EmulatorCore, operation: str, body: Any) -> None:
    try:
        content = as_json(body)
    except TypeError:
        # An integer that JSON has no room for here
        content = repr(body).encode()
    answered(core, request(operation, content))


@FUZZING
@given(
    operation=st.sampled_from(OPERATIONS),
    body=st.binary(max_size=200),
    headers=st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=30)),
)
def test_bytes_and_headers(core: EmulatorCore, operation: str, body: bytes, headers: dict[str, str]) -> None:
    answered(core, request(operation, body, **headers))


@FUZZING
@given(operation=st.sampled_from(GATEWAY), value=VALUES, cut=st.integers(0, 100), flip=st.integers(0, 2000))
def test_cbor(core: EmulatorCore, operation: str, value: Any, cut: int, flip: int) -> None:
    body = bytearray(cbor2.dumps(value))
    if flip < len(body) * 8:
        body[flip // 8] ^= 1 << flip % 8
    headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", **SIGNED}
    target = f"/service/BackupOnPremises_v20210101/operation/{operation}"
    answered(core, HttpRequest("POST", target, headers, bytes(body[: len(body) - cut % 3]), 1, "127.0.0.1:1"))


@FUZZING
@given(update=EXPRESSIONS, condition=EXPRESSIONS, projection=EXPRESSIONS, values=SUBSTITUTES)
def test_expressions(core: EmulatorCore, update: str, condition: str, projection: str, values: Any) -> None:
    key = {"TableName": "orders", "Key": {"id": {"S": "a"}}}
    used: dict[str, Any] = {"ExpressionAttributeNames": {"#n": "n"}, "ExpressionAttributeValues": {":v": {"N": "1"}, ":w": {"SS": ["x"]}}}
    for operation, body in (
        ("UpdateItem", {**key, "UpdateExpression": update, **used}),
        ("UpdateItem", {**key, "UpdateExpression": update}),
        ("PutItem", {"TableName": "orders", "Item": {"id": {"S": "b"}}, "ConditionExpression": condition, **used}),
        ("Query", {"TableName": "orders", "KeyConditionExpression": condition, "FilterExpression": condition, **used}),
        ("GetItem", {**key, "ProjectionExpression": projection}),
        ("Scan", {"TableName": "orders", "FilterExpression": condition, "ExpressionAttributeValues": values or None}),
    ):
        try:
            content = as_json(body)
        except TypeError:
            continue
        answered(core, request(operation, content))


@FUZZING
@given(words=st.lists(st.sampled_from(PARTIQL), max_size=16), parameters=st.lists(VALUES, max_size=2), text=st.text(max_size=20))
def test_statements(core: EmulatorCore, words: list[str], parameters: list[Any], text: str) -> None:
    for statement in (" ".join(words), text, "".join(words)):
        for operation, body in (
            ("ExecuteStatement", {"Statement": statement}),
            ("BatchExecuteStatement", {"Statements": [{"Statement": statement, "Parameters": [{"S": "a"}]}]}),
            ("ExecuteTransaction", {"TransactStatements": [{"Statement": statement, "Parameters": parameters}]}),
        ):
            try:
                content = as_json(body)
            except TypeError:
                continue
            answered(core, request(operation, content))


def test_what_came_of_it_can_be_reported(core: EmulatorCore) -> None:
    report = core.report()
    assert not report.bugs
    report.to_json()
    report.text()
