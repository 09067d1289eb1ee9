"""scenarios/batches"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def key(number: int, customer: str = "ada") -> dict[str, Any]:
    return {"customer": {"S": customer}, "order": {"N": str(number)}}


def put(*keys: dict[str, Any]) -> dict[str, Any]:
    return {"orders": [{"PutRequest": {"Item": one}} for one in keys]}


def write_all(client: Any, requests: dict[str, Any], wait: Callable[[float], None]) -> None:
    """Until nothing is left over, waiting longer from turn to turn."""
    pause = 0.05
    while requests:
        requests = client.batch_write_item(RequestItems=requests)["UnprocessedItems"]
        if requests:
            wait(pause)
            pause *= 2


def test_half_written(shipped: Run) -> None:
    run = shipped()
    write_all(run.client, put(*map(key, range(6))), run.sleep)
    assert run.client.scan(TableName="orders")["Count"] == 6


def test_half_read(shipped: Run) -> None:
    run = shipped()
    client = run.client
    wanted: dict[str, Any] = {"orders": {"Keys": [key(number) for number in range(1, 5)]}}
    items: list[Any] = []
    while wanted:
        answer = client.batch_get_item(RequestItems=wanted)
        items += answer["Responses"]["orders"]
        wanted = answer["UnprocessedKeys"]
        run.sleep(0.1)
    assert sorted(item["order"]["N"] for item in items) == ["1", "2", "3", "4"]


def test_one_at_a_time(shipped: Run) -> None:
    run = shipped()
    write_all(run.client, put(*map(key, range(4))), run.sleep)


def test_one_hot_entry(shipped: Run) -> None:
    run = shipped()
    write_all(run.client, put(key(1, "quiet"), key(1, "hot"), key(2, "quiet")), run.sleep)
    assert run.client.scan(TableName="orders")["Count"] == 3


def test_nothing_done(shipped: Run) -> None:
    run = shipped()
    write_all(run.client, put(*map(key, range(3))), run.sleep)


def test_not_enough_capacity(shipped: Run) -> None:
    run = shipped()
    write_all(run.client, put(*map(key, range(25))), run.sleep)
    assert run.client.scan(TableName="orders")["Count"] == 25
    first = run.emulator.calls(operation="BatchWriteItem")[0].last.to_json()["response"]["body"]
    assert len(first["UnprocessedItems"]["orders"]) == 15
