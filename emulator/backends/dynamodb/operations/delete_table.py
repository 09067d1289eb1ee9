"""DeleteTable."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.describing import table_description
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call

# What is said of a table that goes (botocore's examples, AWS CLI reference: no keys, no indexes, no dates)
_LAST_WORDS = (
    "TableName",
    "TableStatus",
    "ProvisionedThroughput",
    "TableSizeBytes",
    "ItemCount",
    "TableArn",
    "TableId",
    "BillingModeSummary",
    "TableThroughputModeSummary",
    "DeletionProtectionEnabled",
)
DOING = {"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}


def delete_table(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        table = state.described_table(call, call.params["TableName"])
        refuse_while_changing(table)
        if table.settings.deletion_protection:
            text = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
            raise refusal(text)
        now = state.clock.now()
        if state.backups.in_the_making(call, table, now):
            # Developer Guide, "Using on-demand backup and restore"; the end of the sentence has not been seen
            text = f"Attempt to change a resource which is still in use: Table is being backed up: {table.name}"
            raise ServiceError("ResourceInUseException", text)
        if table.recovery is not None:
            state.backups.keep_deleted(call, table, now)
        table.status = "DELETING"
        description = table_description(table)
        gone = now + state.table_delay
        table.after(state.table_delay, lambda table: _vanish(table, gone))
        return {"TableDescription": {name: description[name] for name in _LAST_WORDS if name in description}}


def refuse_while_changing(table: Table) -> None:
    """Raises ServiceError (ResourceInUseException) unless the table is active."""
    doing = DOING.get(table.status)
    if doing is not None:
        text = f"Attempt to change a resource which is still in use: Table is being {doing}: {table.name}"
        raise ServiceError("ResourceInUseException", text)


def _vanish(table: Table, now: float) -> None:
    table.status = "DELETED"
    if table.stream is not None and table.stream.is_in_force:
        table.stream.disable(now)
