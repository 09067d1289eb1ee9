"""Tables, keys and mistakes that the examples of several operations share. The tables have no items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.backends.dynamodb.checks.check import Check


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


TABLES: tuple[Mapping[str, Any], ...] = (
    {
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes("pk", "sk", "g"),
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [{"IndexName": "by-g", "KeySchema": keys("g"), "Projection": {"ProjectionType": "KEYS_ONLY"}}],
    },
)
MISSING_TABLE = "nowhere"

TEXT = {"S": "a"}
NO_TYPE: dict[str, Any] = {}
KEY = {"pk": TEXT, "sk": TEXT}
EMPTY = "The expression can not be empty;"
MIXED = "Can not use both expression and non-expression parameters"
UNUSED = {"ExpressionAttributeNames": {"#unused": "x"}}
UNUSED_SAYS = "unused in expressions: keys: {#unused}"
NO_VALUE = "Supplied AttributeValue is empty"
WRONG_KEY = "The provided key element does not match the schema"
LONG = {"S": "x" * 1025}

CONSTRAINTS = Check(
    "request",
    "what the model says of members: presence, lengths, ranges, patterns, enums",
    {"ReturnConsumedCapacity": "x"},
    "satisfy enum value set: [INDEXES, TOTAL, NONE]",
)
TABLE = Check("table", "the table exists", {"TableName": MISSING_TABLE}, "Requested resource not found", "ResourceNotFoundException")


def condition(**others: Any) -> dict[str, Any]:
    return {"ConditionExpression": "attribute_exists(pk)", **others}


UNUSED_NAMES = Check("request", "no name or value is left over", condition(**UNUSED), UNUSED_SAYS)
BAD_CONDITION = Check("request", "the expression is one", {"ConditionExpression": ""}, f"Invalid ConditionExpression: {EMPTY}")
MIXES_CONDITIONS = Check(
    "request",
    "old parameters and expressions are not mixed",
    condition(Expected={"a": {"Exists": False}}),
    MIXED,
)
KEY_FITS = Check("schema", "the key has the table's key attributes, in their types", {"Key": {"pk": TEXT}}, WRONG_KEY)
KEY_SIZE = Check("schema", "the key is not too long", {"Key": {"pk": TEXT, "sk": LONG}}, "Aggregated size of all range keys")
KEY_VALUES = Check("request", "the key's values are values", {"Key": {"pk": NO_TYPE, "sk": TEXT}}, NO_VALUE)
FAILED = Check("item", "the condition holds", condition(), "The conditional request failed", "ConditionalCheckFailedException")
OLD_OR_NONE = Check("request", "what is to be returned is there to be returned", {"ReturnValues": "ALL_NEW"}, "can only be ALL_OLD or NONE")

BAD_START = Check(
    "request",
    "the start key's values are values",
    {"ExclusiveStartKey": {"pk": NO_TYPE, "sk": TEXT}},
    f"The provided starting key is invalid: {NO_VALUE}",
)
BAD_FILTER = Check("request", "the filter is one", {"FilterExpression": ""}, f"Invalid FilterExpression: {EMPTY}")
BAD_PROJECTION = Check("request", "the projection is one", {"ProjectionExpression": ""}, f"Invalid ProjectionExpression: {EMPTY}")
NO_INDEX = Check("table", "the index exists", {"IndexName": "gone"}, "The table does not have the specified index: gone")
SELECT = Check(
    "request",
    "Select does not contradict the other parameters",
    {"Select": "COUNT", "ProjectionExpression": "a"},
    "Cannot specify the ProjectionExpression when choosing to get only the Count",
)

PUT = {"TableName": "orders", "Item": {**KEY, "a": TEXT}}
KEYED = {"TableName": "orders", "Key": KEY}
KEY_CONDITION = {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": TEXT}}


def batch(*entries: Mapping[str, Any], table: str = "orders") -> dict[str, Any]:
    return {"RequestItems": {table: list(entries)}}


def put(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"PutRequest": {"Item": item}}


def action(kind: str, table: str = "orders", **params: Any) -> dict[str, Any]:
    return {kind: {"TableName": table, **params}}
