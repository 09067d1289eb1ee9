"""The checks of operations that read pages, in their order. Data only."""

from __future__ import annotations

from emulator.backends.dynamodb.checks.check import Check, Order
from emulator.backends.dynamodb.checks.examples import (
    BAD_FILTER,
    BAD_PROJECTION,
    BAD_START,
    CONSTRAINTS,
    KEY_CONDITION,
    MIXED,
    NO_INDEX,
    SELECT,
    TABLE,
    TEXT,
    UNUSED,
    UNUSED_SAYS,
)

ORDER: dict[str, Order] = {
    "Query": Order(
        {"TableName": "orders", **KEY_CONDITION},
        (
            CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
                MIXED,
            ),
            BAD_START,
            SELECT,
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
            BAD_FILTER,
            BAD_PROJECTION,
            Check(
                "request",
                "no name or value is left over",
                {"ExpressionAttributeValues": {":v": TEXT, ":unused": TEXT}},
                "unused in expressions: keys: {:unused}",
            ),
            Check("request", "it is a condition that a key can have", {"KeyConditionExpression": "pk <> :v"}, "Invalid operator used"),
            TABLE,
            NO_INDEX,
            Check(
                "table",
                "what the index cannot do is not asked of it",
                {"IndexName": "by-g", "ConsistentRead": True},
                "Consistent reads are not supported",
            ),
            Check("schema", "the start key has the attributes of the keys", {"ExclusiveStartKey": {"pk": TEXT}}, "he provided "),
            Check(
                "schema",
                "the conditions are on the key, from the left",
                {"KeyConditionExpression": "a = :v"},
                "missed key schema element: pk",
            ),
            Check(
                "schema",
                "the start key is one that the query could have ended at",
                {"ExclusiveStartKey": {"pk": {"S": "b"}, "sk": TEXT}},
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
            CONSTRAINTS,
            Check(
                "request",
                "old parameters and expressions are not mixed",
                {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
                MIXED,
            ),
            BAD_START,
            Check("request", "Segment and TotalSegments go together", {"Segment": 1}, "The TotalSegments parameter is required"),
            SELECT,
            BAD_FILTER,
            BAD_PROJECTION,
            Check("request", "no name or value is left over", {"FilterExpression": "attribute_exists(a)", **UNUSED}, UNUSED_SAYS),
            TABLE,
            NO_INDEX,
            Check(
                "schema", "the start key has the attributes of the keys", {"ExclusiveStartKey": {"pk": TEXT}}, "does not match the schema"
            ),
            Check(
                "schema", "nothing is looked for within a key attribute", {"FilterExpression": "attribute_exists(pk.a)"}, "must be scalars"
            ),
        ),
    ),
}
