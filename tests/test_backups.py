"""Backups as a real client has them: made, waited for, found missing, restored; and those that a scenario brings along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from emulator.clock import ManualClock

Start = Callable[..., Emulator]
ClientFor = Callable[..., Any]

SCENARIO = {
    "version": 1,
    "tables": [{"name": "orders", "key": {"customer": "S"}, "items": [{"customer": "ada"}, {"customer": "bob"}]}],
    "backups": [{"table": "orders", "name": "nightly"}],
}


def test_a_lost_table_is_restored_from_a_scenarios_backup(start: Start, client_for: ClientFor) -> None:
    client = client_for(start(SCENARIO), region="eu-central-1")
    client.delete_table(TableName="orders")
    (backup,) = client.list_backups(TableName="orders")["BackupSummaries"]
    assert (backup["BackupName"], backup["BackupStatus"]) == ("nightly", "AVAILABLE")
    client.restore_table_from_backup(TargetTableName="orders", BackupArn=backup["BackupArn"])
    assert client.scan(TableName="orders")["Count"] == 2


def test_the_three_ways_of_not_finding_a_backup(start: Start, client_for: ClientFor) -> None:
    emulator = start(SCENARIO)
    client = client_for(emulator)
    arn = client.list_backups()["BackupSummaries"][0]["BackupArn"]
    never = "arn:aws:dynamodb:us-east-1:123456789012:table/backup/backupID"

    def restore(client: Any, arn: str) -> str:
        with pytest.raises(client.exceptions.BackupNotFoundException) as caught:
            client.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        message: str = caught.value.response["Error"]["Message"]
        return message

    assert restore(client, never) == f"Backup not found: {never}"
    assert restore(client_for(emulator, region="us-west-2"), arn) == f"Backup not found: {arn}"
    assert client.delete_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] == "DELETED"
    assert restore(client, arn) == f"Backup not found: {arn}"
    assert [entry.applied for entry in emulator.journal if entry.error] == [False, False, False]


def test_a_backup_is_waited_for(start: Start, client_for: ClientFor) -> None:
    clock = ManualClock()
    client = client_for(start(SCENARIO, clock=clock, table_delay=30))
    details = client.create_backup(TableName="orders", BackupName="by-hand")["BackupDetails"]
    assert (details["BackupStatus"], details["BackupCreationDateTime"].timestamp()) == ("CREATING", clock.now())
    with pytest.raises(client.exceptions.BackupInUseException):
        client.delete_backup(BackupArn=details["BackupArn"])
    clock.advance(30)
    description = client.describe_backup(BackupArn=details["BackupArn"])["BackupDescription"]
    assert description["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert description["SourceTableDetails"]["ItemCount"] == 2
    pages = client.get_paginator("list_backups").paginate(PaginationConfig={"PageSize": 1})
    assert [summary["BackupName"] for page in pages for summary in page["BackupSummaries"]] == ["nightly", "by-hand"]
