"""scenarios/reads"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}
OPEN = {**KEY, "status": {"S": "open"}}
PAID = {**KEY, "status": {"S": "paid"}}


def status(client: Any, **params: Any) -> Any:
    return client.get_item(TableName="orders", Key=KEY, **params)["Item"]["status"]["S"]


def test_behind(shipped: Run) -> None:
    run = shipped(lag="1h")
    client = run.client
    client.put_item(TableName="orders", Item={**PAID, "day": {"S": "2026-11-20"}})
    asked = {"KeyConditionExpression": "#d = :d", "ExpressionAttributeNames": {"#d": "day"}}
    found = client.query(TableName="orders", IndexName="by-day", **asked, ExpressionAttributeValues={":d": {"S": "2026-11-20"}})
    assert found["Items"][0]["status"] == {"S": "open"}
    assert (status(client), status(client, ConsistentRead=True)) == ("open", "paid")
    run.sleep(3601)
    assert status(client) == "paid"


def test_one_old_answer(shipped: Run) -> None:
    client = shipped().client
    client.put_item(TableName="orders", Item=PAID)
    assert [status(client) for _ in range(3)] == ["paid", "open", "paid"]


def test_short_pages(shipped: Run) -> None:
    pages = shipped().client.get_paginator("scan").paginate(TableName="orders")
    assert sorted(item["order"]["N"] for page in pages for item in page["Items"]) == ["1", "2", "3"]


def test_empty_page(shipped: Run) -> None:
    client = shipped().client
    pages = client.get_paginator("query").paginate(
        TableName="orders", KeyConditionExpression="customer = :c", ExpressionAttributeValues={":c": {"S": "ada"}}
    )
    assert [len(page["Items"]) for page in pages] == [0, 2]
