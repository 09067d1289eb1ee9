"""Why a rule fired or did not, where users ask: an entry of the journal, and the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.clock import EmulatedClock

Start = Callable[..., Emulator]
ClientFor = Callable[..., Any]

TABLE = {"name": "orders", "key": {"id": "S"}}
RULES = [
    {"name": "writes", "when": {"operation": "writes", "attempt": 1}, "fault": "InternalServerError"},
    {"name": "queries", "when": {"operation": "Query", "table": "users"}, "fault": "InternalServerError"},
    {"name": "third", "when": {"operation": "PutItem", "request": 3}, "fault": "InternalServerError"},
]


@pytest.fixture
def emulator(start: Start, client_for: ClientFor, emulated_clock: EmulatedClock) -> Emulator:
    """One PutItem in two attempts, then a GetItem."""
    emulator = start({"version": 1, "tables": [TABLE], "rules": RULES}, clock=emulated_clock)
    client = client_for(emulator)
    client.put_item(TableName="orders", Item={"id": {"S": "a"}})
    client.get_item(TableName="orders", Key={"id": {"S": "a"}})
    return emulator


def explained(emulator: Emulator, entry: int) -> dict[str, tuple[Any, str]]:
    body = requests.get(f"{emulator.url}/_emulator/journal/{entry}", timeout=20).json()
    return {rule["rule"]: (rule["fired"], rule["why"]) for rule in body["rules"]}


def test_an_entry_says_of_each_rule_why(emulator: Emulator) -> None:
    assert explained(emulator, 1) == {
        "writes": (True, "fired"),
        "queries": (False, "operation: wanted Query, was PutItem; table: wanted users, was orders"),
        "third": (False, "request: wanted 3, was 1"),
    }
    assert explained(emulator, 2)["writes"] == (False, "attempt: wanted 1, was 2")
    assert explained(emulator, 3)["writes"] == (False, "operation: wanted writes, was GetItem")


def test_differences_come_apart_too(emulator: Emulator) -> None:
    body = requests.get(f"{emulator.url}/_emulator/journal/2", timeout=20).json()
    assert body["rules"][0]["differences"] == [{"key": "attempt", "wanted": "1", "seen": "2"}]


def test_a_rule_that_never_fired_shows_its_nearest_miss(emulator: Emulator) -> None:
    report = emulator.report()
    nearest = {rule["name"]: rule["nearest"] for rule in report.to_json()["rules"]}
    assert nearest["writes"] is None
    assert (nearest["third"]["exchange"], nearest["third"]["why"]) == (1, "request: wanted 3, was 1")
    assert nearest["queries"]["differences"][0] == {"key": "operation", "wanted": "Query", "seen": "PutItem"}
    assert "nearest was exchange 1 (PutItem): request: wanted 3, was 1" in report.text()
    whys = {finding.text: finding.why for finding in report.expectations}
    assert whys["rule 'third' fires"].startswith("it matched 2 times and was never due, nearest was exchange 1 (PutItem)")


def test_without_requests_nothing_is_near(start: Start) -> None:
    report = start({"version": 1, "tables": [TABLE], "rules": RULES}).report()
    assert [rule["nearest"] for rule in report.to_json()["rules"]] == [None, None, None]


def test_what_no_rule_was_asked_about(start: Start, client_for: ClientFor, no_retries: Config) -> None:
    auth = {"keys": {"AKIDONE": "secret"}, "deny": [{"operation": "DeleteItem"}]}
    emulator = start({"version": 1, "tables": [TABLE], "rules": RULES, "auth": auth})
    with pytest.raises(ClientError):
        client_for(emulator, config=no_retries, aws_secret_access_key="wrong").list_tables()
    assert explained(emulator, 1) == {}
    with pytest.raises(ClientError):
        client_for(emulator, config=no_retries).delete_item(TableName="orders", Key={"id": {"S": "a"}})
    assert explained(emulator, 2)["writes"] == (False, "auth: wanted an action that is allowed, was denied")
