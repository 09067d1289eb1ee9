"""scenarios/transactions"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]

PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def moves(**more: str) -> list[dict[str, Any]]:
    return [
        {
            "Update": {
                "TableName": "accounts",
                "Key": {"account": {"S": name}},
                "UpdateExpression": "ADD balance :amount",
                "ExpressionAttributeValues": {":amount": {"N": amount}},
                **more,
            }
        }
        for name, amount in (("ada", "-10"), ("bob", "10"))
    ]


def until_done(client: Any, ask: Callable[[], Any], wait: Callable[[float], None]) -> Any:
    """Again where all that stood in the way was passing."""
    pause = 0.1
    while True:
        try:
            return ask()
        except client.exceptions.TransactionCanceledException as error:
            codes = {reason["Code"] for reason in error.response["CancellationReasons"]} - {"None"}
            if not codes <= PASSING:
                raise
            wait(pause)
            pause *= 2


def balances(client: Any) -> dict[str, str]:
    return {item["account"]["S"]: item["balance"]["N"] for item in client.scan(TableName="accounts")["Items"]}


def test_conflict(shipped: Run) -> None:
    run = shipped()
    client = run.client
    until_done(client, lambda: client.transact_write_items(TransactItems=moves()), run.sleep)
    assert balances(client) == {"ada": "90", "bob": "110"}


def test_condition_and_conflict(shipped: Run) -> None:
    run = shipped()
    client = run.client
    guarded = moves(ConditionExpression="attribute_exists(account)")
    with pytest.raises(client.exceptions.TransactionCanceledException):
        until_done(client, lambda: client.transact_write_items(TransactItems=guarded), run.sleep)


def test_in_progress(shipped: Run) -> None:
    client = shipped().client
    client.transact_write_items(TransactItems=moves())
    assert balances(client) == {"ada": "90", "bob": "110"}


def test_throttled_in_part(shipped: Run) -> None:
    run = shipped()
    client = run.client
    until_done(client, lambda: client.transact_write_items(TransactItems=moves()), run.sleep)
    assert balances(client) == {"ada": "90", "bob": "110"}


def test_read_conflict(shipped: Run) -> None:
    run = shipped()
    client = run.client
    gets = [{"Get": {"TableName": "accounts", "Key": {"account": {"S": name}}}} for name in ("ada", "bob")]
    answer = until_done(client, lambda: client.transact_get_items(TransactItems=gets), run.sleep)
    assert [response["Item"]["balance"]["N"] for response in answer["Responses"]] == ["100", "100"]
