"""Tables of a scenario at an upstream: made only if that was said, under a prefix, and nothing else is ever dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from emulator import Emulator
from emulator.aws.errors import EmulatorError
from emulator.scenario import ScenarioError
from tests.conftest import PATIENCE

Start = Callable[..., Emulator]
TABLE = {"name": "try-orders", "key": {"id": "S"}, "ttl": "expires", "items": [{"id": f"item-{number}"} for number in range(60)]}
SCENARIO: dict[str, Any] = {"version": 1, "tables": [TABLE]}


def test_tables_are_made_filled_and_dropped(start: Start, client_for: Callable[..., Any]) -> None:
    far = start({"version": 1, "tables": [{"name": "theirs", "key": {"id": "S"}}]}, table_delay=0.3)
    near = start(SCENARIO, upstream=far.url, create_tables="try-")
    client = client_for(near)
    assert client.scan(TableName="try-orders", Select="COUNT")["Count"] == 60
    assert client.describe_time_to_live(TableName="try-orders")["TimeToLiveDescription"]["AttributeName"] == "expires"
    assert [entry.operation for entry in near.journal if entry.operation.startswith("Create")] == []
    near.stop()
    assert client_for(far).list_tables()["TableNames"] in (["theirs"], ["theirs", "try-orders"])
    deleted = [entry.call.tables for entry in far.journal if entry.operation == "DeleteTable" and entry.call is not None]
    assert deleted == [("try-orders",)]


def test_what_is_there_already_is_left_alone(start: Start, client_for: Callable[..., Any]) -> None:
    far = start({"version": 1, "tables": [TABLE]})
    near = Emulator({"version": 1, "tables": [{"name": "try-new", "key": {"id": "S"}}, TABLE]}, upstream=far.url, create_tables="try-")
    with pytest.raises(EmulatorError, match="has a table 'try-orders' already, which this run has not made"):
        near.start()
    assert client_for(far).list_tables()["TableNames"] == ["try-orders"]
    assert client_for(far).scan(TableName="try-orders", Select="COUNT")["Count"] == 60


@pytest.mark.parametrize(
    ("prefix", "message"),
    [(None, "is made at an upstream with --create-tables PREFIX only"), ("other-", "does not begin with 'other-'")],
)
def test_nothing_is_made_unawares(prefix: str | None, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        Emulator(SCENARIO, upstream="http://127.0.0.1:1", create_tables=prefix)


def test_a_prefix_is_one() -> None:
    with pytest.raises(EmulatorError, match="is no beginning of a table's name"):
        Emulator(SCENARIO, upstream="http://127.0.0.1:1", create_tables="")


def test_what_the_service_would_refuse_is_a_problem_of_the_scenario() -> None:
    bad = {"version": 1, "tables": [{**TABLE, "items": [{"id": ""}]}]}
    with pytest.raises(ScenarioError, match="the service refuses table 'try-orders'"):
        Emulator(bad, upstream="http://127.0.0.1:1", create_tables="try-")


def test_an_upstream_that_is_held_to_reads_gets_none(start: Start) -> None:
    far = start()
    scenario = {**SCENARIO, "upstream": {"url": far.url, "read_only": True}}
    with pytest.raises(EmulatorError, match="cannot be made: dynafault: only reads"):
        Emulator(scenario, create_tables="try-").start()
    assert not far.journal.entries()


def test_tables_come_at_the_start_or_not_at_all(start: Start) -> None:
    far = start()
    near = start(SCENARIO, upstream=far.url, create_tables="try-")
    near.load({**SCENARIO, "name": "the same tables"})
    late = {"version": 1, "tables": [{"name": "try-late", "key": {"id": "S"}}]}
    with pytest.raises(ScenarioError, match="table 'try-late' comes too late"):
        near.load(late)
    answer = requests.put(f"{near.url}/sandbox/one/_emulator/scenario", json=SCENARIO, timeout=PATIENCE)
    assert "comes too late" in answer.json()["error"]["message"]


def test_an_upstream_that_is_not_there_is_said_at_the_start() -> None:
    near = Emulator(SCENARIO, upstream="http://127.0.0.1:1", create_tables="try-")
    with pytest.raises(EmulatorError, match="refuses CreateTable for table 'try-orders': UpstreamUnreachable"):
        near.start()
