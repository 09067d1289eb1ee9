"""Which function carries out which operation. A new operation is a new row: the module of `operations` in which its function stands,
under the operation's own name in small letters (`get_item` for GetItem).

Modules are imported when they are first needed, so that an emulator which serves two operations does not wait for thirty."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from emulator.aws.services import writes_of
from emulator.backends.dynamodb.state import State
from emulator.messages import OTHER_WRITTEN, Call, Outcome

# What it came to; of an operation on no items, what it answers is enough
Operation = Callable[[State, Call], Outcome | dict[str, Any] | None]

MODULES: dict[str, str] = {
    "BatchExecuteStatement": "batch_execute_statement",
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "CreateBackup": "backups",
    "CreateTable": "create_table",
    "DeleteBackup": "backups",
    "DeleteItem": "delete_item",
    "DeleteResourcePolicy": "resource_policies",
    "DeleteTable": "delete_table",
    "DescribeBackup": "backups",
    "DescribeContinuousBackups": "continuous_backups",
    "DescribeEndpoints": "describe_limits",
    "DescribeLimits": "describe_limits",
    "DescribeTable": "describe_table",
    "DescribeTimeToLive": "time_to_live",
    "ExecuteStatement": "execute_statement",
    "ExecuteTransaction": "execute_transaction",
    "GetItem": "get_item",
    "GetResourcePolicy": "resource_policies",
    "ListBackups": "backups",
    "ListTables": "describe_table",
    "ListTagsOfResource": "tags",
    "PutItem": "put_item",
    "PutResourcePolicy": "resource_policies",
    "Query": "query",
    "RestoreTableFromBackup": "restore_table_from_backup",
    "Scan": "scan",
    "TagResource": "tags",
    "TransactGetItems": "transact_get_items",
    "TransactWriteItems": "transact_write_items",
    "UntagResource": "tags",
    "UpdateContinuousBackups": "continuous_backups",
    "UpdateItem": "update_item",
    "UpdateTable": "update_table",
    "UpdateTimeToLive": "time_to_live",
}

_WORD_STARTS = re.compile(r"(?<!^)(?=[A-Z])")


def outcome_of(call: Call, result: Outcome | dict[str, Any] | None) -> Outcome:
    """What an operation's function gave back, as an outcome."""
    return result if isinstance(result, Outcome) else Outcome(result, OTHER_WRITTEN if writes_of(call.operation) else None)


@cache
def find_operation(name: str) -> Operation:
    """The function of an operation. Raises KeyError for one that is not in the table."""
    module = importlib.import_module(f"emulator.backends.dynamodb.operations.{MODULES[name]}")
    function: Operation = getattr(module, _WORD_STARTS.sub("_", name).lower())
    return function
