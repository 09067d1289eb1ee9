"""In which order an operation's checks are made, and what each of them needs: one table per operation. Data only.

A request with several mistakes is told of one, so the order is part of the answer. The tests send every two of an operation's mistakes
in one request, and hold the engine to this table; `dynafault explain` and docs/answers.md show it. Where an order is known from is said
where the check is made; the whole of it as recordings of the live service show it up to October 2026.

Examples are about the tables of `TABLES`, which have no items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# What has to be known before a check can be made, in the order in which it becomes known
Needs = Literal["request", "table", "schema", "item"]
NEEDS: dict[Needs, str] = {
    "request": "the request alone; the table need not exist",
    "table": "the table, whether it is there and in which state",
    "schema": "the key schemas of the table and of its indexes",
    "item": "the stored item",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of mistake. `wrong` are the parameters that show it, put over those of the operation's good request; `says` is part of
    the text of the refusal, `error` its name."""

    needs: Needs
    what: str
    wrong: Mapping[str, Any]
    says: str
    error: str = "ValidationException"


@dataclass(frozen=True, slots=True)
class Order:
    """An operation's checks, the first made first. `good` is a request that passes them."""

    good: Mapping[str, Any]
    checks: tuple[Check, ...]


def _attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def _keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


TABLES: tuple[Mapping[str, Any], ...] = (
    {
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": _attributes("pk", "sk", "g"),
        "KeySchema": _keys("pk", "sk"),
        "GlobalSecondaryIndexes": [{"IndexName": "by-g", "KeySchema": _keys("g"), "Projection": {"ProjectionType": "KEYS_ONLY"}}],
    },
)
MISSING_TABLE = "nowhere"

_S = {"S": "a"}
_NO_TYPE: dict[str, Any] = {}
_KEY = {"pk": _S, "sk": _S}
_EMPTY = "The expression can not be empty;"
_MIXED = "Can not use both expression and non-expression parameters"
_UNUSED = {"ExpressionAttributeNames": {"#unused": "x"}}
_UNUSED_SAYS = "unused in expressions: keys: {#unused}"
_NO_VALUE = "Supplied AttributeValue is empty"
_WRONG_KEY = "The provided key element does not match the schema"
_LONG = {"S": "x" * 1025}

_CONSTRAINTS = Check(
    "request",
    "what the model says of members: presence, lengths, ranges, patterns, enums",
    {"ReturnConsumedCapacity": "x"},
    "satisfy enum value set: [INDEXES, TOTAL, NONE]",
)
_TABLE = Check("table", "the table exists", {"TableName": MISSING_TABLE}, "Requested resource not found", "ResourceNotFoundException")


def _condition(**others: Any) -> dict[str, Any]:
    return {"ConditionExpression": "attribute_exists(pk)", **others}


_UNUSED_NAMES = Check("request", "no name or value is left over", _condition(**_UNUSED), _UNUSED_SAYS)
_BAD_CONDITION = Check("request", "the expression is one", {"ConditionExpression": ""}, f"Invalid ConditionExpression: {_EMPTY}")
_MIXES_CONDITIONS = Check(
    "request",
    "old parameters and expressions are not mixed",
    _condition(Expected={"a": {"Exists": False}}),
    _MIXED,
)
_KEY_FITS = Check("schema", "the key has the table's key attributes, in their types", {"Key": {"pk": _S}}, _WRONG_KEY)
_KEY_SIZE = Check("schema", "the key is not too long", {"Key": {"pk": _S, "sk": _LONG}}, "Aggregated size of all range keys")
_KEY_VALUES = Check("request", "the key's values are values", {"Key": {"pk": _NO_TYPE, "sk": _S}}, _NO_VALUE)
_FAILED = Check("item", "the condition holds", _condition(), "The conditional request failed", "ConditionalCheckFailedException")
_OLD_OR_NONE = Check(
    "request", "what is to be returned is there to be returned", {"ReturnValues": "ALL_NEW"}, "can only be ALL_OLD or NONE"
)

_BAD_START = Check(
    "request",
    "the start key's values are values",
    {"ExclusiveStartKey": {"pk": _NO_TYPE, "sk": _S}},
    f"The provided starting key is invalid: {_NO_VALUE}",
)
_BAD_FILTER = Check("request", "the filter is one", {"FilterExpression": ""}, f"Invalid FilterExpression: {_EMPTY}")
_BAD_PROJECTION = Check("request", "the projection is one", {"ProjectionExpression": ""}, f"Invalid ProjectionExpression: {_EMPTY}")
_NO_INDEX = Check("table", "the index exists", {"IndexName": "gone"}, "The table does not have the specified index: gone")
_SELECT = Check(
    "request",
    "Select does not contradict the other parameters",
    {"Select": "COUNT", "ProjectionExpression": "a"},
    "Cannot specify the ProjectionExpression when choosing to get only the Count",
)

_PUT = {"TableName": "orders", "Item": {**_KEY, "a": _S}}
_KEYED = {"TableName": "orders", "Key": _KEY}
_KEY_CONDITION = {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": _S}}


def _batch(*entries: Mapping[str, Any], table: str = "orders") -> dict[str, Any]:
    return {"RequestItems": {table: list(entries)}}


def _put(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"PutRequest": {"Item": item}}


def _action(kind: str, table: str = "orders", **params: Any) -> dict[str, Any]:
    return {kind: {"TableName": table, **params}}


ORDER: dict[str, Order] = {
    "GetItem": Order(
        _KEYED,
        (
            _CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
                _MIXED,
            ),
            _KEY_VALUES,
            _BAD_PROJECTION,
            Check("request", "no name is left over", {"ProjectionExpression": "a", **_UNUSED}, _UNUSED_SAYS),
            _TABLE,
            _KEY_FITS,
            _KEY_SIZE,
            Check(
                "schema", "nothing is looked for within a key attribute", {"ProjectionExpression": "pk.a"}, "Key attributes must be scalars"
            ),
        ),
    ),
    "PutItem": Order(
        _PUT,
        (
            _CONSTRAINTS,
            _MIXES_CONDITIONS,
            Check("request", "the item's values are values", {"Item": {**_KEY, "a": _NO_TYPE}}, _NO_VALUE),
            _OLD_OR_NONE,
            Check("request", "the item is not too large", {"Item": {**_KEY, "a": {"S": "x" * 409_600}}}, "Item size has exceeded"),
            _BAD_CONDITION,
            _UNUSED_NAMES,
            _TABLE,
            Check(
                "schema", "the item has the table's key attributes, in their types", {"Item": {"pk": _S}}, "Missing the key sk in the item"
            ),
            Check("schema", "the key is not too long", {"Item": {"pk": _S, "sk": _LONG}}, "Aggregated size of all range keys"),
            Check(
                "schema",
                "what the item has of an index's key fits it",
                {"Item": {**_KEY, "g": {"N": "1"}}},
                "Type mismatch for Index Key g",
            ),
            _FAILED,
        ),
    ),
    "DeleteItem": Order(
        _KEYED,
        (_CONSTRAINTS, _MIXES_CONDITIONS, _KEY_VALUES, _BAD_CONDITION, _UNUSED_NAMES, _OLD_OR_NONE, _TABLE, _KEY_FITS, _KEY_SIZE, _FAILED),
    ),
    "UpdateItem": Order(
        _KEYED,
        (
            _CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"UpdateExpression": "REMOVE a", "AttributeUpdates": {"a": {"Action": "DELETE"}}},
                _MIXED,
            ),
            _KEY_VALUES,
            Check("request", "the update is one", {"UpdateExpression": ""}, f"Invalid UpdateExpression: {_EMPTY}"),
            _BAD_CONDITION,
            _UNUSED_NAMES,
            _TABLE,
            _KEY_FITS,
            _KEY_SIZE,
            Check("schema", "no key attribute is changed", {"UpdateExpression": "REMOVE pk"}, "Cannot update attribute pk"),
            Check(
                "schema",
                "the values for an index's key fit it",
                {"UpdateExpression": "SET g = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
                "Type mismatch for Index Key g",
            ),
            _FAILED,
            Check(
                "item",
                "what the update refers to is there",
                {"UpdateExpression": "SET a = b"},
                "refers to an attribute that does not exist",
            ),
        ),
    ),
    "Query": Order(
        {"TableName": "orders", **_KEY_CONDITION},
        (
            _CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
                _MIXED,
            ),
            _BAD_START,
            _SELECT,
            Check(
                "request",
                "there is a key condition",
                {"KeyConditionExpression": None, "ExpressionAttributeValues": None},
                "Either the KeyConditions or KeyConditionExpression parameter must be specified",
            ),
            Check(
                "request",
                "the key condition is a condition",
                {"KeyConditionExpression": "pk = "},
                "Invalid KeyConditionExpression: Syntax error",
            ),
            _BAD_FILTER,
            _BAD_PROJECTION,
            Check(
                "request",
                "no name or value is left over",
                {"ExpressionAttributeValues": {":v": _S, ":unused": _S}},
                "unused in expressions: keys: {:unused}",
            ),
            Check("request", "it is a condition that a key can have", {"KeyConditionExpression": "pk <> :v"}, "Invalid operator used"),
            _TABLE,
            _NO_INDEX,
            Check(
                "table",
                "what the index cannot do is not asked of it",
                {"IndexName": "by-g", "ConsistentRead": True},
                "Consistent reads are not supported",
            ),
            Check("schema", "the start key has the attributes of the keys", {"ExclusiveStartKey": {"pk": _S}}, "he provided "),
            Check(
                "schema",
                "the conditions are on the key, from the left",
                {"KeyConditionExpression": "a = :v"},
                "missed key schema element: pk",
            ),
            Check(
                "schema",
                "the start key is one that the query could have ended at",
                {"ExclusiveStartKey": {"pk": {"S": "b"}, "sk": _S}},
                "outside query boundaries",
            ),
            Check(
                "schema",
                "the filter leaves the key alone",
                {"FilterExpression": "sk = :v"},
                "can only contain non-primary key attributes",
            ),
        ),
    ),
    "Scan": Order(
        {"TableName": "orders"},
        (
            _CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
                _MIXED,
            ),
            _BAD_START,
            Check("request", "Segment and TotalSegments go together", {"Segment": 1}, "The TotalSegments parameter is required"),
            _SELECT,
            _BAD_FILTER,
            _BAD_PROJECTION,
            Check("request", "no name or value is left over", {"FilterExpression": "attribute_exists(a)", **_UNUSED}, _UNUSED_SAYS),
            _TABLE,
            _NO_INDEX,
            Check("schema", "the start key has the attributes of the keys", {"ExclusiveStartKey": {"pk": _S}}, "does not match the schema"),
            Check(
                "schema", "nothing is looked for within a key attribute", {"FilterExpression": "attribute_exists(pk.a)"}, "must be scalars"
            ),
        ),
    ),
    "BatchGetItem": Order(
        {"RequestItems": {"orders": {"Keys": [_KEY]}}},
        (
            _CONSTRAINTS,
            Check(
                "request",
                "the keys' values are values",
                {"RequestItems": {MISSING_TABLE: {"Keys": [{"pk": _NO_TYPE}]}}},
                _NO_VALUE,
            ),
            Check("request", "no key comes twice", {"RequestItems": {MISSING_TABLE: {"Keys": [_KEY, _KEY]}}}, "contains duplicates"),
            Check(
                "table",
                "the tables exist",
                {"RequestItems": {MISSING_TABLE: {"Keys": [{"pk": _S}]}}},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check("schema", "the keys have the tables' key attributes", {"RequestItems": {"orders": {"Keys": [{"pk": _S}]}}}, _WRONG_KEY),
        ),
    ),
    "BatchWriteItem": Order(
        _batch(_put(_KEY)),
        (
            _CONSTRAINTS,
            Check("request", "the entries' values are values", _batch(_put({"pk": _NO_TYPE}), table=MISSING_TABLE), _NO_VALUE),
            Check(
                "request",
                "no item is too large",
                _batch(_put({"pk": _S, "a": {"S": "x" * 409_600}}), table=MISSING_TABLE),
                "Item size has exceeded",
            ),
            Check(
                "table",
                "the tables exist",
                _batch(_put(_KEY), _put(_KEY), table=MISSING_TABLE),
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check("schema", "the entries have the tables' key attributes", _batch(_put({"pk": _S}), _put(_KEY), _put(_KEY)), _WRONG_KEY),
            Check("schema", "no item is written twice", _batch(_put(_KEY), _put(_KEY)), "contains duplicates"),
        ),
    ),
    "TransactWriteItems": Order(
        {"TransactItems": [_action("Put", Item=_KEY)]},
        (
            _CONSTRAINTS,
            Check(
                "request",
                "each action, in turn: its values, then its expressions",
                {"TransactItems": [_action("Put", MISSING_TABLE, Item=_KEY, ConditionExpression="")]},
                f"Invalid ConditionExpression: {_EMPTY}",
            ),
            Check(
                "table",
                "the tables exist",
                {"TransactItems": [_action("Put", MISSING_TABLE, Item=_KEY)] * 2},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check(
                "schema",
                "no key is empty",
                {"TransactItems": [_action("Put", Item={"pk": _S}), _action("Put", Item={"pk": {"S": ""}, "sk": _S})]},
                "cannot contain an empty string value. Key: pk",
            ),
            Check(
                "schema",
                "no two actions are about one item",
                {"TransactItems": [*([_action("Put", Item=_KEY)] * 2), _action("Put", Item={"pk": _S})]},
                "cannot include multiple operations on one item",
            ),
            Check(
                "schema",
                "each action fits its table; the first that does not is a reason to cancel",
                {"TransactItems": [_action("Put", Item={"pk": _S}), _action("Put", Item=_KEY, **_condition())]},
                "specific reasons [ValidationError, None]",
                "TransactionCanceledException",
            ),
            Check(
                "item",
                "no item is in another transaction, and the conditions hold; all that do not are reasons to cancel",
                {"TransactItems": [_action("Put", Item={"pk": {"S": "b"}, "sk": _S}), _action("Put", Item=_KEY, **_condition())]},
                "specific reasons [None, ConditionalCheckFailed]",
                "TransactionCanceledException",
            ),
        ),
    ),
    "TransactGetItems": Order(
        {"TransactItems": [_action("Get", Key=_KEY)]},
        (
            _CONSTRAINTS,
            Check(
                "request",
                "each action, in turn: its values, then its projection",
                {"TransactItems": [_action("Get", MISSING_TABLE, Key=_KEY, ProjectionExpression="")]},
                f"Invalid ProjectionExpression: {_EMPTY}",
            ),
            Check(
                "table",
                "the tables exist",
                {"TransactItems": [_action("Get", MISSING_TABLE, Key=_KEY)] * 2},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check(
                "schema",
                "no two actions are about one item",
                {"TransactItems": [*([_action("Get", Key=_KEY)] * 2), _action("Get", Key={"pk": _S})]},
                "cannot include multiple operations on one item",
            ),
            Check(
                "schema",
                "each key fits its table; those that do not are reasons to cancel",
                {"TransactItems": [_action("Get", Key={"pk": _S})]},
                "specific reasons [ValidationError]",
                "TransactionCanceledException",
            ),
        ),
    ),
    "UpdateTable": Order(
        {"TableName": "orders", "BillingMode": "PAY_PER_REQUEST"},
        (
            Check(
                "request",
                "the name has a length that names have",
                {"TableName": "ab"},
                "TableName must be at least 3 characters long and at most 255 characters long",
            ),
            Check("request", "what the model says of members", {"BillingMode": "x"}, "enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
            Check(
                "request",
                "numbers are within bounds",
                {"ProvisionedThroughput": {"ReadCapacityUnits": 10**13, "WriteCapacityUnits": 1}},
                "Given value 10000000000000 for ReadCapacityUnits is out of bounds",
            ),
            Check(
                "request",
                "each index is changed in one way",
                {"GlobalSecondaryIndexUpdates": [{}, {"Delete": {"IndexName": "one"}}, {"Delete": {"IndexName": "two"}}]},
                "must not be null",
            ),
            Check(
                "request",
                "one index is made or deleted at a time",
                {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "one"}}, {"Delete": {"IndexName": "two"}}]},
                "Only 1 online index can be created or deleted simultaneously per table",
                "LimitExceededException",
            ),
            Check(
                "table",
                "the table exists",
                {"TableName": MISSING_TABLE},
                f"Requested resource not found: Table: {MISSING_TABLE} not found",
                "ResourceNotFoundException",
            ),
            Check(
                "schema",
                "the indexes exist",
                {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gone"}}]},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
        ),
    ),
    "TagResource": Order(
        {"ResourceArn": "arn:aws:dynamodb:eu-west-1:000000000000:table/orders", "Tags": [{"Key": "a", "Value": "b"}]},
        (
            Check("request", "the resource is named by an ARN", {"ResourceArn": "orders"}, "ARNs must start with 'arn:'"),
            Check(
                "request",
                "and by one of the caller's account",
                {"ResourceArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"},
                "is not authorized to perform: dynamodb:TagResource",
                "AccessDeniedException",
            ),
            Check("request", "there are tags", {"Tags": []}, "Atleast one Tag needs to be provided as Input."),
            Check("request", "tags hold what tags may hold", {"Tags": [{"Key": "a!", "Value": ""}]}, "Tag key has characters"),
            Check(
                "table",
                "the table exists",
                {"ResourceArn": f"arn:aws:dynamodb:eu-west-1:000000000000:table/{MISSING_TABLE}"},
                "Requested resource not found: ResourcArn: ",
                "ResourceNotFoundException",
            ),
        ),
    ),
}
