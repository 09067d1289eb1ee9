from __future__ import annotations

from typing import Any

import pytest

from emulator.aws.arns import table_name
from emulator.aws.services import load_service
from emulator.wire.tables import compile_finder

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"


@pytest.mark.parametrize(
    ("operation", "params", "tables"),
    [
        ("GetItem", {"TableName": "orders"}, ("orders",)),
        ("GetItem", {"TableName": ARN}, ("orders",)),
        ("ListTables", {}, ()),
        ("BatchGetItem", {"RequestItems": {"b": {}, ARN: {}, "orders": {}}}, ("b", "orders")),
        ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "a"}}, {"Delete": {"TableName": "b"}}, {}, None]}, ("a", "b")),
        ("ExecuteStatement", {"Statement": 'SELECT * FROM "orders"."by-day" WHERE a = 1'}, ("orders",)),
        ("ExecuteStatement", {"Statement": "insert into orders value {}"}, ("orders",)),
        ("ExecuteStatement", {"Statement": "nonsense"}, ()),
        ("BatchExecuteStatement", {"Statements": [{"Statement": 'UPDATE "a" SET b=1'}, {"Statement": "DELETE FROM b"}]}, ("a", "b")),
        ("DescribeBackup", {"BackupArn": f"{ARN}/backup/01"}, ("orders",)),
        ("DescribeBackup", {"BackupArn": "nonsense"}, ("nonsense",)),
        ("RestoreTableToPointInTime", {"SourceTableName": "a", "TargetTableName": "b"}, ("a", "b")),
        ("TagResource", {"ResourceArn": ARN}, ("orders",)),
    ],
)
def test_a_call_s_tables_are_found(operation: str, params: dict[str, Any], tables: tuple[str, ...]) -> None:
    service = load_service("dynamodb")
    shape = service.operations[operation].input
    assert shape is not None
    assert compile_finder(service.shape(shape))(params) == tables


def test_a_name_that_is_no_arn_stays() -> None:
    assert table_name("arn:aws:s3:::bucket") == "arn:aws:s3:::bucket"
