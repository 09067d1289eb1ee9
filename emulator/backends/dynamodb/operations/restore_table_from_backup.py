"""RestoreTableFromBackup: a new table with the items of a backup."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import creation
from emulator.backends.dynamodb.backups import restored_definition
from emulator.backends.dynamodb.describing import table_description
from emulator.backends.dynamodb.limits import RESTORES
from emulator.backends.dynamodb.operations.backups import available_backup
from emulator.backends.dynamodb.operations.delete_table import DOING
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Origin, Table
from emulator.messages import Call


def restore_table_from_backup(state: State, call: Call) -> dict[str, Any]:
    params = call.params
    name = params["TargetTableName"]
    with state.lock:
        now = state.clock.now()
        backup = available_backup(state, call, params["BackupArn"], now)
        source = backup.source
        definition = restored_definition(source, name, call)
        _check_target(state, call, name, now)

        def prepare(table: Table) -> None:
            table.origin = Origin(backup.arn, source.arn, backup.created)
            # Filled when the time has come, so that a table that is still being restored has no items to count
            table.after(state.table_delay, lambda table: table.fill(source.records))

        return {"TableDescription": table_description(creation.create(state, call, definition, now, prepare))}


def _check_target(state: State, call: Call, name: str, now: float) -> None:
    """There is nothing of that name yet, and room for it. The sentences but that of an existing table have not been seen."""
    table = state.catalog.find(call, name, now)
    if table is not None:
        if table.status in ("CREATING", "DELETING"):
            raise ServiceError("TableInUseException", f"Table is being {DOING[table.status]}: {name}")
        raise ServiceError("TableAlreadyExistsException", f"Table already exists: {name}")
    creation.check_room(state, call, now)
    if sum(table.is_being_restored for table in state.catalog.tables(call, now)) >= RESTORES:
        text = f"Subscriber limit exceeded: Only {RESTORES} tables can be restored simultaneously"
        raise ServiceError("LimitExceededException", text)
