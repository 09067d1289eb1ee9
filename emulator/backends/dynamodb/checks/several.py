"""The checks of operations on several items, in their order. Data only."""

from __future__ import annotations

from emulator.backends.dynamodb.checks.check import Check, Order
from emulator.backends.dynamodb.checks.examples import (
    CONSTRAINTS,
    EMPTY,
    KEY,
    MISSING_TABLE,
    NO_TYPE,
    NO_VALUE,
    TEXT,
    WRONG_KEY,
    action,
    batch,
    condition,
    put,
)

ORDER: dict[str, Order] = {
    "BatchGetItem": Order(
        {"RequestItems": {"orders": {"Keys": [KEY]}}},
        (
            CONSTRAINTS,
            Check(
                "request",
                "the keys' values are values",
                {"RequestItems": {MISSING_TABLE: {"Keys": [{"pk": NO_TYPE}]}}},
                NO_VALUE,
            ),
            Check("request", "no key comes twice", {"RequestItems": {MISSING_TABLE: {"Keys": [KEY, KEY]}}}, "contains duplicates"),
            Check(
                "table",
                "the tables exist",
                {"RequestItems": {MISSING_TABLE: {"Keys": [{"pk": TEXT}]}}},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check("schema", "the keys have the tables' key attributes", {"RequestItems": {"orders": {"Keys": [{"pk": TEXT}]}}}, WRONG_KEY),
        ),
    ),
    "BatchWriteItem": Order(
        batch(put(KEY)),
        (
            CONSTRAINTS,
            Check("request", "the entries' values are values", batch(put({"pk": NO_TYPE}), table=MISSING_TABLE), NO_VALUE),
            Check(
                "request",
                "no item is too large",
                batch(put({"pk": TEXT, "a": {"S": "x" * 409_600}}), table=MISSING_TABLE),
                "Item size has exceeded",
            ),
            Check(
                "table",
                "the tables exist",
                batch(put(KEY), put(KEY), table=MISSING_TABLE),
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check("schema", "the entries have the tables' key attributes", batch(put({"pk": TEXT}), put(KEY), put(KEY)), WRONG_KEY),
            Check("schema", "no item is written twice", batch(put(KEY), put(KEY)), "contains duplicates"),
        ),
    ),
    "TransactWriteItems": Order(
        {"TransactItems": [action("Put", Item=KEY)]},
        (
            CONSTRAINTS,
            Check(
                "request",
                "each action, in turn: its values, then its expressions",
                {"TransactItems": [action("Put", MISSING_TABLE, Item=KEY, ConditionExpression="")]},
                f"Invalid ConditionExpression: {EMPTY}",
            ),
            Check(
                "table",
                "the tables exist",
                {"TransactItems": [action("Put", MISSING_TABLE, Item=KEY)] * 2},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check(
                "schema",
                "no key is empty",
                {"TransactItems": [action("Put", Item={"pk": TEXT}), action("Put", Item={"pk": {"S": ""}, "sk": TEXT})]},
                "cannot contain an empty string value. Key: pk",
            ),
            Check(
                "schema",
                "no two actions are about one item",
                {"TransactItems": [*([action("Put", Item=KEY)] * 2), action("Put", Item={"pk": TEXT})]},
                "cannot include multiple operations on one item",
            ),
            Check(
                "schema",
                "each action fits its table; the first that does not is a reason to cancel",
                {"TransactItems": [action("Put", Item={"pk": TEXT}), action("Put", Item=KEY, **condition())]},
                "specific reasons [ValidationError, None]",
                "TransactionCanceledException",
            ),
            Check(
                "item",
                "no item is in another transaction, and the conditions hold; all that do not are reasons to cancel",
                {"TransactItems": [action("Put", Item={"pk": {"S": "b"}, "sk": TEXT}), action("Put", Item=KEY, **condition())]},
                "specific reasons [None, ConditionalCheckFailed]",
                "TransactionCanceledException",
            ),
        ),
    ),
    "TransactGetItems": Order(
        {"TransactItems": [action("Get", Key=KEY)]},
        (
            CONSTRAINTS,
            Check(
                "request",
                "each action, in turn: its values, then its projection",
                {"TransactItems": [action("Get", MISSING_TABLE, Key=KEY, ProjectionExpression="")]},
                f"Invalid ProjectionExpression: {EMPTY}",
            ),
            Check(
                "table",
                "the tables exist",
                {"TransactItems": [action("Get", MISSING_TABLE, Key=KEY)] * 2},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
            Check(
                "schema",
                "no two actions are about one item",
                {"TransactItems": [*([action("Get", Key=KEY)] * 2), action("Get", Key={"pk": TEXT})]},
                "cannot include multiple operations on one item",
            ),
            Check(
                "schema",
                "each key fits its table; those that do not are reasons to cancel",
                {"TransactItems": [action("Get", Key={"pk": TEXT})]},
                "specific reasons [ValidationError]",
                "TransactionCanceledException",
            ),
        ),
    ),
}
