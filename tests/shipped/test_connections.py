"""scenarios/connections"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}


def write_and_read(client: Any) -> None:
    client.put_item(TableName="orders", Item=KEY)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == KEY


def test_reset(shipped: Run) -> None:
    write_and_read(shipped().client)


def test_cut_in_the_middle(shipped: Run) -> None:
    assert "Item" in shipped().client.get_item(TableName="orders", Key=KEY)


def test_idle_close(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for _ in range(3):
        write_and_read(client)
    connections = [entry.request.connection for entry in run.emulator.journal]
    assert len(set(connections)) == len(connections)


def test_refused(shipped: Run, eventually: Run) -> None:
    run = shipped(pause="50ms")
    client = run.client
    client.put_item(TableName="orders", Item=KEY)
    eventually(lambda: run.trying(client.get_item, TableName="orders", Key=KEY))
    write_and_read(client)


def test_hang_up(shipped: Run) -> None:
    write_and_read(shipped(silence="50ms").client)


def test_stale_pool(shipped: Run) -> None:
    run = shipped(idle="2s")
    client = run.client
    client.put_item(TableName="orders", Item=KEY)
    run.sleep(1)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == KEY
    run.sleep(5)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == KEY
