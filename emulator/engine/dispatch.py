"""Which function carries out which operation. A new operation is a new row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.engine.operations.backups import (
    create_backup,
    delete_backup,
    describe_backup,
    describe_continuous_backups,
    list_backups,
)
from emulator.engine.operations.batch_execute_statement import batch_execute_statement
from emulator.engine.operations.batch_get_item import batch_get_item
from emulator.engine.operations.batch_write_item import batch_write_item
from emulator.engine.operations.create_table import create_table
from emulator.engine.operations.delete_item import delete_item
from emulator.engine.operations.delete_table import delete_table
from emulator.engine.operations.describe_limits import describe_endpoints, describe_limits
from emulator.engine.operations.describe_table import describe_table, list_tables
from emulator.engine.operations.execute_statement import execute_statement
from emulator.engine.operations.execute_transaction import execute_transaction
from emulator.engine.operations.get_item import get_item
from emulator.engine.operations.put_item import put_item
from emulator.engine.operations.query import query
from emulator.engine.operations.restore_table_from_backup import restore_table_from_backup
from emulator.engine.operations.scan import scan
from emulator.engine.operations.tags import list_tags_of_resource, tag_resource, untag_resource
from emulator.engine.operations.time_to_live import describe_time_to_live, update_time_to_live
from emulator.engine.operations.transact_get_items import transact_get_items
from emulator.engine.operations.transact_write_items import transact_write_items
from emulator.engine.operations.update_item import update_item
from emulator.engine.operations.update_table import update_table
from emulator.engine.state import State
from emulator.messages import Call

Operation = Callable[[State, Call], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "BatchExecuteStatement": batch_execute_statement,
    "BatchGetItem": batch_get_item,
    "BatchWriteItem": batch_write_item,
    "CreateBackup": create_backup,
    "CreateTable": create_table,
    "DeleteBackup": delete_backup,
    "DeleteItem": delete_item,
    "DeleteTable": delete_table,
    "DescribeBackup": describe_backup,
    "DescribeContinuousBackups": describe_continuous_backups,
    "DescribeEndpoints": describe_endpoints,
    "DescribeLimits": describe_limits,
    "DescribeTable": describe_table,
    "DescribeTimeToLive": describe_time_to_live,
    "ExecuteStatement": execute_statement,
    "ExecuteTransaction": execute_transaction,
    "GetItem": get_item,
    "ListBackups": list_backups,
    "ListTables": list_tables,
    "ListTagsOfResource": list_tags_of_resource,
    "PutItem": put_item,
    "Query": query,
    "RestoreTableFromBackup": restore_table_from_backup,
    "Scan": scan,
    "TagResource": tag_resource,
    "TransactGetItems": transact_get_items,
    "TransactWriteItems": transact_write_items,
    "UntagResource": untag_resource,
    "UpdateItem": update_item,
    "UpdateTable": update_table,
    "UpdateTimeToLive": update_time_to_live,
}
