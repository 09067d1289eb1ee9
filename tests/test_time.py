"""What a scenario does with time, seen by a real client: reads of the past, and tables that take their time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.config import Config

from emulator import Emulator

Start = Callable[..., Emulator]
ClientFor = Callable[..., Any]

TABLE = {"name": "orders", "key": {"id": "S"}, "items": [{"id": "a", "status": "open"}]}
KEY = {"id": {"S": "a"}}
PAID = {**KEY, "status": {"S": "paid"}}


def status(client: Any, **params: Any) -> Any:
    return client.get_item(TableName="orders", Key=KEY, **params)["Item"]["status"]["S"]


class TestConsistency:
    def test_only_consistent_reads_see_what_was_just_written(self, start: Start, client_for: ClientFor) -> None:
        emulator = start({"version": 1, "tables": [TABLE], "consistency": {"lag": "10s"}})
        client = client_for(emulator)
        client.put_item(TableName="orders", Item=PAID)
        assert (status(client), status(client, ConsistentRead=True)) == ("open", "paid")
        found = client.batch_get_item(RequestItems={"orders": {"Keys": [KEY], "ConsistentRead": True}})
        assert found["Responses"]["orders"] == [PAID]
        assert client.transact_get_items(TransactItems=[{"Get": {"TableName": "orders", "Key": KEY}}])["Responses"] == [{"Item": PAID}]
        emulator.clock.advance(11)
        assert status(client) == "paid"

    def test_a_fixture_can_be_read_from_the_start(self, start: Start, client_for: ClientFor) -> None:
        emulator = start({"version": 1, "tables": [TABLE], "consistency": {"lag": "1h"}})
        assert status(client_for(emulator)) == "open"
        emulator.reset("data")
        assert status(client_for(emulator)) == "open"


class TestStale:
    def test_the_read_that_a_rule_hits_sees_the_past(self, start: Start, client_for: ClientFor) -> None:
        rule = {"name": "old", "when": {"operation": "reads", "request": 2}, "fault": {"stale": "5s"}}
        emulator = start({"version": 1, "tables": [TABLE], "rules": [rule]})
        client = client_for(emulator)
        client.put_item(TableName="orders", Item=PAID)
        assert [status(client, ConsistentRead=True) for _ in range(3)] == ["paid", "open", "paid"]
        assert [entry.fault for entry in emulator.journal] == ["", "", "stale by 5s", ""]

    def test_it_wins_over_the_general_lag(self, start: Start, client_for: ClientFor) -> None:
        rule = {"name": "fresh", "when": {"operation": "GetItem", "request": 2}, "fault": {"stale": "0s"}}
        emulator = start({"version": 1, "tables": [TABLE], "consistency": {"lag": "10s"}, "rules": [rule]})
        client = client_for(emulator)
        client.put_item(TableName="orders", Item=PAID)
        assert [status(client) for _ in range(3)] == ["open", "paid", "open"]

    def test_a_rule_that_comes_later_looks_back_to_when_it_came(self, start: Start, client_for: ClientFor) -> None:
        emulator = start({"version": 1, "tables": [TABLE]})
        client = client_for(emulator)
        client.put_item(TableName="orders", Item=PAID)
        rule = {"name": "old", "when": {"operation": "GetItem"}, "fault": {"stale": "5s"}}
        emulator.rules.add(rule)
        assert status(client) == "paid"
        client.put_item(TableName="orders", Item={**KEY, "status": {"S": "sent"}})
        assert status(client) == "paid"


class TestTableStates:
    def test_a_new_table_stays_in_creation(self, start: Start, client_for: ClientFor, no_retries: Config) -> None:
        rule = {"name": "slow", "when": {"operation": "CreateTable", "request": 1}, "fault": {"table_status": {"CREATING": "30s"}}}
        emulator = start({"version": 1, "rules": [rule]})
        client = client_for(emulator, config=no_retries)
        create(client, "slow")
        create(client, "fast")
        assert (state(client, "slow"), state(client, "fast")) == ("CREATING", "ACTIVE")
        with_items = [name for name in ("slow", "fast") if can_write(client, name)]
        assert with_items == ["fast"]
        emulator.clock.advance(31)
        assert state(client, "slow") == "ACTIVE"

    def test_a_change_and_a_deletion_take_their_time(self, start: Start, client_for: ClientFor, no_retries: Config) -> None:
        rules = [
            {"name": "changing", "when": {"operation": "UpdateTable"}, "fault": {"table_status": {"UPDATING": "1m"}}},
            {"name": "going", "when": {"operation": "DeleteTable"}, "fault": {"table_status": {"DELETING": "1m"}}},
        ]
        emulator = start({"version": 1, "tables": [TABLE], "rules": rules})
        client = client_for(emulator, config=no_retries)
        client.update_table(TableName="orders", DeletionProtectionEnabled=False)
        assert state(client, "orders") == "UPDATING"
        assert can_write(client, "orders")
        emulator.clock.advance(61)
        assert state(client, "orders") == "ACTIVE"
        client.delete_table(TableName="orders")
        assert state(client, "orders") == "DELETING"
        emulator.clock.advance(61)
        assert client.list_tables()["TableNames"] == []

    def test_a_restored_table_too(self, start: Start, client_for: ClientFor, no_retries: Config) -> None:
        rule = {"name": "slow", "when": {"operation": "RestoreTableFromBackup"}, "fault": {"table_status": {"CREATING": "5m"}}}
        emulator = start({"version": 1, "tables": [TABLE], "backups": [{"table": "orders", "name": "nightly"}], "rules": [rule]})
        client = client_for(emulator, config=no_retries)
        arn = client.list_backups()["BackupSummaries"][0]["BackupArn"]
        client.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
        assert state(client, "restored") == "CREATING"
        emulator.clock.advance(301)
        assert (state(client, "restored"), client.scan(TableName="restored")["Count"]) == ("ACTIVE", 1)


def create(client: Any, name: str) -> None:
    answer = client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert answer["TableDescription"]["TableStatus"] == "CREATING"


def state(client: Any, name: str) -> Any:
    return client.describe_table(TableName=name)["Table"]["TableStatus"]


def can_write(client: Any, name: str) -> bool:
    try:
        client.put_item(TableName=name, Item=KEY)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True
