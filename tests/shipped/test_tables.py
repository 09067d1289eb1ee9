"""scenarios/tables"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}
SCHEMA: dict[str, Any] = {
    "TableName": "orders",
    "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "order", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": "customer", "AttributeType": "S"}, {"AttributeName": "order", "AttributeType": "N"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def status(client: Any) -> Any:
    return client.describe_table(TableName="orders")["Table"]["TableStatus"]


def test_stuck_in_creating(shipped: Run) -> None:
    run = shipped()
    client = run.client
    client.create_table(**SCHEMA)
    while status(client) != "ACTIVE":
        run.sleep(20)
    client.put_item(TableName="orders", Item=KEY)


def test_slow_update(shipped: Run) -> None:
    run = shipped()
    client = run.client
    client.update_table(TableName="orders", ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9})
    client.put_item(TableName="orders", Item=KEY)
    assert status(client) == "UPDATING"
    run.sleep(601)
    client.update_table(TableName="orders", BillingMode="PAY_PER_REQUEST")


def test_slow_deletion(shipped: Run) -> None:
    run = shipped()
    client = run.client
    client.delete_table(TableName="orders")
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(**SCHEMA)
    run.sleep(301)
    client.create_table(**SCHEMA)
