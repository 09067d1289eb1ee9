"""DescribeTable and ListTables."""

from __future__ import annotations

from typing import Any

from emulator.backends.dynamodb.describing import table_description
from emulator.backends.dynamodb.state import State
from emulator.messages import Call

_MAX_LISTED = 100


def describe_table(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        return {"Table": table_description(state.described_table(call, call.params["TableName"]))}


def list_tables(state: State, call: Call) -> dict[str, Any]:
    """By name; the start need not exist, so that a page goes on where a table has been deleted."""
    start = call.params.get("ExclusiveStartTableName", "")
    limit = call.params.get("Limit", _MAX_LISTED)
    with state.lock:
        names = [table.name for table in state.catalog.tables(call, state.clock.now()) if table.name > start]
    if len(names) <= limit:
        return {"TableNames": names}
    return {"TableNames": names[:limit], "LastEvaluatedTableName": names[limit - 1]}
