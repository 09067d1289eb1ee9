"""scenarios/server-errors"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}
PAID = {**KEY, "status": {"S": "paid"}}


def test_500_then_fine(shipped: Run) -> None:
    client = shipped().client
    client.put_item(TableName="orders", Item=PAID)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == PAID


def test_brown_out(shipped: Run) -> None:
    """Reads before, during and after; within, some are repeated and none is lost."""
    run = shipped(delay="20ms")
    client = run.client
    for step in (0, 11, 30):
        run.sleep(step)
        for _ in range(12):
            assert "Item" in client.get_item(TableName="orders", Key=KEY)
    fired = {rule.name: rule.fired for rule in run.emulator.rules.list()}
    assert fired["slow"] >= 12
    assert fired["failing-reads"] == sum(call.attempts - 1 for call in run.emulator.calls()) > 0


def test_unavailable(shipped: Run) -> None:
    client = shipped().client
    client.put_item(TableName="orders", Item=PAID)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == PAID


def test_outage(shipped: Run) -> None:
    run = shipped()
    client = run.client
    assert "Item" in client.get_item(TableName="orders", Key=KEY)
    run.sleep(11)
    assert run.trying(client.put_item, TableName="orders", Item=PAID) is None
    run.sleep(20)
    client.put_item(TableName="orders", Item=PAID)
    outcomes = [call.outcome for call in run.emulator.calls()]
    assert outcomes == ["success", "InternalServerError", "success"]


def test_one_in_ten(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for number in range(40):
        client.put_item(TableName="orders", Item={**KEY, "order": {"N": str(number)}})
    assert client.query(
        TableName="orders", KeyConditionExpression="customer = :c", ExpressionAttributeValues={":c": {"S": "ada"}}, Select="COUNT"
    )["Count"] == 40  # fmt: skip
    assert any(call.attempts > 1 for call in run.emulator.calls())


def test_writes_fail(shipped: Run) -> None:
    run = shipped()
    client = run.client
    assert run.trying(client.put_item, TableName="orders", Item=PAID) is None
    assert client.get_item(TableName="orders", Key=KEY)["Item"]["status"] == {"S": "open"}
    run.sleep(10)
    client.put_item(TableName="orders", Item=PAID)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == PAID
