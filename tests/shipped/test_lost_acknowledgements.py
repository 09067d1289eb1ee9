"""scenarios/lost-acknowledgements"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def test_put_item(shipped: Run) -> None:
    client = shipped().client
    item = {"payment": {"S": "p-1"}, "amount": {"N": "10"}}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName="payments", Item=item, ConditionExpression="attribute_not_exists(payment)")
    # It failed its own condition: the first attempt had got through
    assert client.get_item(TableName="payments", Key={"payment": {"S": "p-1"}}, ConsistentRead=True)["Item"] == item


def test_update_item(shipped: Run) -> None:
    """A counter that remembers whose visit it counted last."""
    client = shipped().client
    key = {"counter": {"S": "visits"}}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.update_item(
            TableName="counters",
            Key=key,
            UpdateExpression="ADD visits :one SET latest = :visit",
            ConditionExpression="attribute_not_exists(latest) OR latest <> :visit",
            ExpressionAttributeValues={":one": {"N": "1"}, ":visit": {"S": "visit-1"}},
        )
    assert client.get_item(TableName="counters", Key=key, ConsistentRead=True)["Item"]["visits"] == {"N": "1"}


def test_delete_item(shipped: Run) -> None:
    client = shipped().client
    answer = client.delete_item(TableName="orders", Key={"customer": {"S": "ada"}, "order": {"N": "1"}}, ReturnValues="ALL_OLD")
    assert "Attributes" not in answer
    assert client.scan(TableName="orders")["Count"] == 0


def test_transaction(shipped: Run) -> None:
    client = shipped().client
    moves = [
        {
            "Update": {
                "TableName": "accounts",
                "Key": {"account": {"S": name}},
                "UpdateExpression": "ADD balance :amount",
                "ExpressionAttributeValues": {":amount": {"N": amount}},
            }
        }
        for name, amount in (("ada", "-10"), ("bob", "10"))
    ]
    client.transact_write_items(TransactItems=moves)
    balances = {item["account"]["S"]: item["balance"]["N"] for item in client.scan(TableName="accounts")["Items"]}
    assert balances == {"ada": "90", "bob": "110"}


def test_create_table(shipped: Run) -> None:
    client = shipped().client
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    assert client.describe_table(TableName="orders")["Table"]["TableStatus"] == "ACTIVE"
