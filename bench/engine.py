"""The engine without HTTP, filled with small items: about 200 bytes of JSON each, a partition key and a sort key."""

from __future__ import annotations

from typing import Any

from emulator.backends.dynamodb import Engine
from emulator.clock import SystemClock
from emulator.messages import Call, HttpRequest

_NOTE = "x" * 92
_REQUEST = HttpRequest("POST", "/", {}, b"")


def calling(operation: str, params: dict[str, Any]) -> Call:
    return Call("dynamodb", operation, params, ("items",), "us-east-1", "000000000000", "", "", _REQUEST)


def item(number: int, partition: int) -> dict[str, Any]:
    return {
        "pk": {"S": f"p{number // partition}"},
        "sk": {"N": str(number % partition)},
        "status": {"S": "open"},
        "count": {"N": str(number)},
        "note": {"S": _NOTE},
    }


def table_of(size: int, partition: int) -> Engine:
    """An engine whose table `items` has so many items, so many of them in each partition."""
    engine = Engine(SystemClock())
    engine.execute(
        calling(
            "CreateTable",
            {
                "TableName": "items",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
    )
    for first in range(0, size, 25):
        puts = [{"PutRequest": {"Item": item(number, partition)}} for number in range(first, min(first + 25, size))]
        engine.execute(calling("BatchWriteItem", {"RequestItems": {"items": puts}}))
    return engine
