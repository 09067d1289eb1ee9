"""The checks of operations of one item, in their order. Data only."""

from __future__ import annotations

from emulator.backends.dynamodb.checks.check import Check, Order
from emulator.backends.dynamodb.checks.examples import (
    BAD_CONDITION,
    BAD_PROJECTION,
    CONSTRAINTS,
    EMPTY,
    FAILED,
    KEY,
    KEY_FITS,
    KEY_SIZE,
    KEY_VALUES,
    KEYED,
    LONG,
    MIXED,
    MIXES_CONDITIONS,
    NO_TYPE,
    NO_VALUE,
    OLD_OR_NONE,
    PUT,
    TABLE,
    TEXT,
    UNUSED,
    UNUSED_NAMES,
    UNUSED_SAYS,
)

ORDER: dict[str, Order] = {
    "GetItem": Order(
        KEYED,
        (
            CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
                MIXED,
            ),
            KEY_VALUES,
            BAD_PROJECTION,
            Check("request", "no name is left over", {"ProjectionExpression": "a", **UNUSED}, UNUSED_SAYS),
            TABLE,
            KEY_FITS,
            KEY_SIZE,
            Check(
                "schema", "nothing is looked for within a key attribute", {"ProjectionExpression": "pk.a"}, "Key attributes must be scalars"
            ),
        ),
    ),
    "PutItem": Order(
        PUT,
        (
            CONSTRAINTS,
            MIXES_CONDITIONS,
            Check("request", "the item's values are values", {"Item": {**KEY, "a": NO_TYPE}}, NO_VALUE),
            OLD_OR_NONE,
            Check("request", "the item is not too large", {"Item": {**KEY, "a": {"S": "x" * 409_600}}}, "Item size has exceeded"),
            BAD_CONDITION,
            UNUSED_NAMES,
            TABLE,
            Check(
                "schema",
                "the item has the table's key attributes, in their types",
                {"Item": {"pk": TEXT}},
                "Missing the key sk in the item",
            ),
            Check("schema", "the key is not too long", {"Item": {"pk": TEXT, "sk": LONG}}, "Aggregated size of all range keys"),
            Check(
                "schema",
                "what the item has of an index's key fits it",
                {"Item": {**KEY, "g": {"N": "1"}}},
                "Type mismatch for Index Key g",
            ),
            FAILED,
        ),
    ),
    "DeleteItem": Order(
        KEYED,
        (CONSTRAINTS, MIXES_CONDITIONS, KEY_VALUES, BAD_CONDITION, UNUSED_NAMES, OLD_OR_NONE, TABLE, KEY_FITS, KEY_SIZE, FAILED),
    ),
    "UpdateItem": Order(
        KEYED,
        (
            CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"UpdateExpression": "REMOVE a", "AttributeUpdates": {"a": {"Action": "DELETE"}}},
                MIXED,
            ),
            KEY_VALUES,
            Check("request", "the update is one", {"UpdateExpression": ""}, f"Invalid UpdateExpression: {EMPTY}"),
            BAD_CONDITION,
            UNUSED_NAMES,
            TABLE,
            KEY_FITS,
            KEY_SIZE,
            Check("schema", "no key attribute is changed", {"UpdateExpression": "REMOVE pk"}, "Cannot update attribute pk"),
            Check(
                "schema",
                "the values for an index's key fit it",
                {"UpdateExpression": "SET g = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
                "Type mismatch for Index Key g",
            ),
            FAILED,
            Check(
                "item",
                "what the update refers to is there",
                {"UpdateExpression": "SET a = b"},
                "refers to an attribute that does not exist",
            ),
        ),
    ),
}
