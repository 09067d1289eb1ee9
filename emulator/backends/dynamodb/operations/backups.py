"""CreateBackup, DescribeBackup, ListBackups and DeleteBackup. A request that comes too early is refused with the errors that the API
reference names; of their sentences only that of BackupNotFoundException has been seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.backups import Backup, backup_description, backup_details, backup_summary, check_arn, place
from emulator.backends.dynamodb.operations.delete_table import DOING
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call

_MAX_LISTED = 100


def create_backup(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        table = source_table(state, call)
        if table.status in ("CREATING", "DELETING"):
            raise ServiceError("TableInUseException", f"Table is being {DOING[table.status]}: {table.name}")
        now = state.clock.now()
        if state.backups.in_the_making(call, table, now):
            raise ServiceError("BackupInUseException", f"Backup is being created for the table: {table.name}")
        backup = state.backups.make(call, table, call.params["BackupName"], now, state.table_delay)
        # So the service answers, however short a time it takes (AWS CLI reference, create-backup)
        return {"BackupDetails": {**backup_details(backup, now), "BackupStatus": "CREATING"}}


def describe_backup(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        now = state.clock.now()
        return {"BackupDescription": backup_description(state.backups.get(call, call.params["BackupArn"], now), now)}


def delete_backup(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        now = state.clock.now()
        backup = available_backup(state, call, call.params["BackupArn"], now)
        for table in state.catalog.tables(call, now):
            if table.is_being_restored and table.origin is not None and table.origin.backup_arn == backup.arn:
                raise ServiceError("BackupInUseException", f"Backup is being restored: {backup.arn}")
        backup.gone = state.clock.elapsed() + state.table_delay
        return {"BackupDescription": backup_description(backup, now)}


def list_backups(state: State, call: Call) -> dict[str, Any]:
    """Oldest first; the start need not exist, so that a page goes on where a backup has been deleted."""
    params = call.params
    start = params.get("ExclusiveStartBackupArn")
    if start is not None:
        check_arn(start)
    limit = params.get("Limit", _MAX_LISTED)
    with state.lock:
        now = state.clock.now()
        found = [backup for backup in _selected(state, call, now) if start is None or place(backup.arn) > place(start)]
        answer: dict[str, Any] = {"BackupSummaries": [backup_summary(backup, now) for backup in found[:limit]]}
    if len(found) > limit:
        answer["LastEvaluatedBackupArn"] = found[limit - 1].arn
    return answer


def available_backup(state: State, call: Call, arn: str, now: float) -> Backup:
    """The backup, ready to be deleted or restored. Raises ServiceError: ValidationException, BackupNotFoundException,
    BackupInUseException. Hold the lock."""
    backup = state.backups.get(call, arn, now)
    status = backup.status
    if status != "AVAILABLE":
        raise ServiceError("BackupInUseException", f"Backup is being {'created' if status == 'CREATING' else 'deleted'}: {arn}")
    return backup


def source_table(state: State, call: Call) -> Table:
    """The table that backups are about. Raises ServiceError (TableNotFoundException). Hold the lock."""
    name = call.params["TableName"]
    table = state.catalog.find(call, name, state.clock.now())
    if table is None:
        raise ServiceError("TableNotFoundException", f"Table not found: {name}")
    return table


def _selected(state: State, call: Call, now: float) -> Iterator[Backup]:
    """None is of type AWS_BACKUP: AWS Backup makes those."""
    params = call.params
    kind = params.get("BackupType", "USER")
    lower, upper = params.get("TimeRangeLowerBound", float("-inf")), params.get("TimeRangeUpperBound", float("inf"))
    table = params.get("TableName")
    for backup in state.backups.all(call, now):
        if kind not in (backup.kind, "ALL"):
            continue
        if lower <= backup.created < upper and (table is None or table in (backup.source.name, backup.source.arn)):
            yield backup
