"""scenarios/backups"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def test_backup_not_found(shipped: Run) -> None:
    run = shipped()
    client = run.client
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/backup/01489602797149-73d8d5bc"
    with pytest.raises(client.exceptions.BackupNotFoundException):
        client.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
    assert run.emulator.calls()[0].attempts == 1


def test_slow_restore(shipped: Run) -> None:
    run = shipped()
    client = run.client
    arn = client.list_backups(TableName="orders")["BackupSummaries"][0]["BackupArn"]
    client.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
    turns = 0
    while client.describe_table(TableName="restored")["Table"]["TableStatus"] != "ACTIVE":
        run.sleep(60)
        turns += 1
    assert turns == 10
    assert client.scan(TableName="restored")["Count"] == 1


def test_busy(shipped: Run) -> None:
    run = shipped()
    client = run.client
    for _ in range(3):
        if run.trying(client.create_backup, TableName="orders", BackupName="nightly") is not None:
            break
        run.sleep(60)
    assert [summary["BackupName"] for summary in client.list_backups()["BackupSummaries"]] == ["nightly"]


def test_gateway_throttled(shipped: Run) -> None:
    run = shipped()
    assert run.client_for(run.emulator, "backup-gateway").list_gateways()["Gateways"] == []
