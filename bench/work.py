"""The six operations that servers are compared by, on one table of small items: the same request over and over, and requests about other
items in turn, as programs send them."""

from __future__ import annotations

from typing import Any

TABLE: dict[str, Any] = {
    "TableName": "orders",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "order", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "order", "AttributeType": "N"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(order: int, customer: str = "ada") -> dict[str, Any]:
    return {"id": {"S": customer}, "order": {"N": str(order)}, "status": {"S": "open"}, "note": {"S": "x" * 60}}


def _key(order: int) -> dict[str, Any]:
    return {"id": {"S": "ada"}, "order": {"N": str(order)}}


# What is there before the work begins
ITEMS = [item(order) for order in range(10)]
WORK: dict[str, dict[str, Any]] = {
    "GetItem": {"TableName": "orders", "Key": _key(1)},
    "PutItem": {"TableName": "orders", "Item": item(1)},
    "UpdateItem": {
        "TableName": "orders",
        "Key": _key(2),
        "UpdateExpression": "SET #s = :new",
        "ConditionExpression": "#s = :open",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":new": {"S": "open"}, ":open": {"S": "open"}},
    },
    "Query": {"TableName": "orders", "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"S": "ada"}}},
    "BatchWriteItem": {"RequestItems": {"orders": [{"PutRequest": {"Item": item(order, "bob")}} for order in range(25)]}},
    "TransactWriteItems": {
        "TransactItems": [
            {"Put": {"TableName": "orders", "Item": item(0, "eve")}},
            {"Put": {"TableName": "orders", "Item": item(1, "eve")}},
            {
                "Update": {
                    **{"TableName": "orders", "Key": _key(3)},
                    "UpdateExpression": "SET n = :n",
                    "ExpressionAttributeValues": {":n": {"N": "1"}},
                }
            },
            {"Delete": {"TableName": "orders", "Key": {"id": {"S": "eve"}, "order": {"N": "9"}}}},
        ]
    },
}

# Whose items are asked for in turn, ten each
CUSTOMERS = [f"customer-{number:03}" for number in range(500)]
OTHERS = [item(order, customer) for customer in CUSTOMERS for order in range(10)]


def _key_of(found: dict[str, Any]) -> dict[str, Any]:
    return {"id": found["id"], "order": found["order"]}


# By operation, what is asked in turn
TURNS: dict[str, list[dict[str, Any]]] = {
    "GetItem": [{"TableName": "orders", "Key": _key_of(one)} for one in OTHERS],
    "PutItem": [{"TableName": "orders", "Item": one} for one in OTHERS],
    "UpdateItem": [
        {
            "TableName": "orders",
            "Key": _key_of(one),
            "UpdateExpression": "SET #n = :new",
            "ConditionExpression": "#s = :open",
            "ExpressionAttributeNames": {"#s": "status", "#n": "note"},
            "ExpressionAttributeValues": {":new": {"S": f"{number:060}"}, ":open": {"S": "open"}},
        }
        for number, one in enumerate(OTHERS)
    ],
    "Query": [
        {"TableName": "orders", "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"S": customer}}}
        for customer in CUSTOMERS
    ],
}
