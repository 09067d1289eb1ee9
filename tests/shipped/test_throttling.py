"""scenarios/throttling"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def order(number: int, customer: str = "ada", **more: str) -> dict[str, Any]:
    return {"customer": {"S": customer}, "order": {"N": str(number)}, **{name: {"S": text} for name, text in more.items()}}


def reasons(shipped: Any) -> set[str]:
    """The ThrottlingReasons that clients were shown."""
    found = set()
    for entry in shipped.emulator.journal:
        body = entry.to_json()["response"]["body"]
        given = body.get("ThrottlingReasons") or body.get("throttlingReasons") or []
        found |= {reason["reason"] for reason in given}
    return found


def test_first_two_attempts(shipped: Run) -> None:
    run = shipped()
    run.client.put_item(TableName="orders", Item=order(1, status="paid"))
    assert run.emulator.calls(operation="PutItem")[0].attempts == 3


def test_provisioned_table(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for number in range(14):
        client.put_item(TableName="orders", Item=order(number))
    assert reasons(run) == {"TableWriteProvisionedThroughputExceeded"}


def test_provisioned_index(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for number in range(7):
        client.put_item(TableName="orders", Item=order(number, day="monday"))
    assert reasons(run) == {"IndexWriteProvisionedThroughputExceeded"}


def test_hot_key(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for number in range(6):
        client.put_item(TableName="orders", Item=order(number, "hot"))
        client.put_item(TableName="orders", Item=order(1, f"quiet-{number}"))
    client.put_item(TableName="orders", Item=order(1, "quiet"))
    assert reasons(run) == {"TableWriteKeyRangeThroughputExceeded"}


def test_on_demand_maximum(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for number in range(8):
        client.put_item(TableName="orders", Item=order(number))
    assert reasons(run) == {"TableWriteMaxOnDemandThroughputExceeded"}


def test_account_limit(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for number in range(4):
        client.put_item(TableName="orders", Item=order(number))
        client.put_item(TableName="customers", Item={"customer": {"S": str(number)}})
    assert reasons(run) == {"TableWriteAccountLimitExceeded"}


def test_every_reason(shipped: Run) -> None:
    run = shipped()
    client = run.client
    key = order(1)
    for number in range(4):
        client.put_item(TableName="orders", Item=order(1, day="monday"))
        turn = {":turn": {"N": str(number)}}
        client.update_item(TableName="orders", Key=key, UpdateExpression="SET turn = :turn", ExpressionAttributeValues=turn)
        client.get_item(TableName="orders", Key=key)
        client.query(
            TableName="orders", IndexName="by-day", KeyConditionExpression="#d = :d",
            ExpressionAttributeNames={"#d": "day"}, ExpressionAttributeValues={":d": {"S": "monday"}},
        )  # fmt: skip
    assert len(reasons(run)) == 16


def test_control_plane(shipped: Run) -> None:
    client = shipped().client
    client.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert client.describe_table(TableName="orders")["Table"]["TableStatus"] == "ACTIVE"
    client.delete_table(TableName="orders")


def test_wait_as_told(shipped: Run) -> None:
    shipped().client.put_item(TableName="orders", Item=order(1))


def test_no_end(shipped: Run) -> None:
    client = shipped().client
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
        client.put_item(TableName="orders", Item=order(1))
