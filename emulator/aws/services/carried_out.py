"""Which operations the emulator carries out. Any other is answered by rules alone, and unknown where no rule answers it.

The table stands below everything else, since the scenario language asks it, too: a rule that lets a request through wants an operation
that is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from emulator.aws.services.model import load_service

# A new operation of DynamoDB is a new row: the module of `emulator.backends.dynamodb.operations` that has its function, which is called
# like the operation in small letters (`get_item` for GetItem)
OPERATION_MODULES: Mapping[str, str] = {
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
_BACKUP = (
    *("CreateBackupVault", "DeleteBackupVault", "DescribeBackupVault", "ListBackupVaults"),
    *("DescribeBackupJob", "ListBackupJobs", "StartBackupJob", "StopBackupJob"),
)
# Of these services every operation
_WHOLE = ("streams", "backup-gateway")


@cache
def carried_out() -> frozenset[tuple[str, str]]:
    """All of them, as (service, operation)."""
    whole = ((name, operation) for name in _WHOLE for operation in load_service(name).operations)
    return frozenset((*whole, *(("dynamodb", name) for name in OPERATION_MODULES), *(("backup", name) for name in _BACKUP)))
