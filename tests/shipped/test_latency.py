"""scenarios/latency"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}
# Long enough for a busy machine to answer what is not held back
HURRIED = Config(read_timeout=1.0)


def test_slow_tail(shipped: Run) -> None:
    client = shipped().client
    for number in range(20):
        client.put_item(TableName="orders", Item={**KEY, "order": {"N": str(number)}})


def test_time_out(shipped: Run) -> None:
    run = shipped()
    client = run.client_for(run.emulator, config=HURRIED)
    client.put_item(TableName="orders", Item=KEY)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == KEY
    assert {call.attempt_records[0].delivery.how for call in run.emulator.calls()} == {"client-closed"}


def test_time_out_but_written(shipped: Run) -> None:
    run = shipped()
    client = run.client_for(run.emulator, config=HURRIED)
    payment = {"payment": {"S": "p-1"}}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName="payments", Item=payment, ConditionExpression="attribute_not_exists(payment)")
    assert client.get_item(TableName="payments", Key=payment, ConsistentRead=True)["Item"] == payment


def test_trickle(shipped: Run, journaled: Callable[..., None]) -> None:
    """A read time-out of less than the answer takes does not fire: it is one of each read of the socket."""
    run = shipped()
    client = run.client_for(run.emulator, config=HURRIED)
    # At 400 bytes a second
    client.put_item(TableName="orders", Item={**KEY, "note": {"S": "x" * 600}})
    assert "Item" in client.get_item(TableName="orders", Key=KEY)
    put, get = run.emulator.journal.entries()
    journaled(run.emulator, lambda: get.ended is not None)
    assert (put.attempt, get.attempt) == (1, 1)
