"""Tables restored from backups: their items, their settings, what may be overridden, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]

LOCAL = {
    "IndexName": "local",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "ALL"},
}
GLOBAL = {
    "IndexName": "global",
    "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["c", "d"]},
}


def _units(read: int, write: int) -> dict[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def _create(do: Do, *, provisioned: bool = False) -> str:
    """A table with both kinds of index, an item in each of them, and a backup, whose ARN is returned."""
    index: dict[str, Any] = GLOBAL
    table: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST"}
    if provisioned:
        index, table = {**GLOBAL, "ProvisionedThroughput": _units(1, 2)}, {"ProvisionedThroughput": _units(3, 4)}
    do(
        "CreateTable",
        TableName="source",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "a", "b")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[LOCAL],
        GlobalSecondaryIndexes=[index],
        DeletionProtectionEnabled=True,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        SSESpecification={"Enabled": True, "KMSMasterKeyId": "1234"},
        TableClass="STANDARD_INFREQUENT_ACCESS",
        Tags=[{"Key": "team", "Value": "red"}],
        **table,
    )
    do("PutItem", TableName="source", Item={name: {"S": name} for name in ("pk", "sk", "a", "b", "c")})
    do("PutItem", TableName="source", Item={name: {"S": f"{name}2"} for name in ("pk", "sk")})
    arn: str = do("CreateBackup", TableName="source", BackupName="nightly")["BackupDetails"]["BackupArn"]
    return arn


def _restore(do: Do, arn: str, **overrides: Any) -> dict[str, Any]:
    do("RestoreTableFromBackup", BackupArn=arn, TargetTableName="restored", **overrides)
    description: dict[str, Any] = do("DescribeTable", TableName="restored")["Table"]
    return description


def _index_names(table: dict[str, Any]) -> list[str]:
    indexes = table.get("LocalSecondaryIndexes", []) + table.get("GlobalSecondaryIndexes", [])
    return [index["IndexName"] for index in indexes]


def test_items_and_indexes_come_back(do: Do) -> None:
    arn = _create(do)
    do("DeleteItem", TableName="source", Key={"pk": {"S": "pk"}, "sk": {"S": "sk"}})
    table = _restore(do, arn)
    assert (table["ItemCount"], table["TableStatus"]) == (2, "ACTIVE")
    names = sorted(item["pk"]["S"] for item in do("Scan", TableName="restored")["Items"])
    assert names == ["pk", "pk2"]
    assert [index["ItemCount"] for index in table["LocalSecondaryIndexes"] + table["GlobalSecondaryIndexes"]] == [1, 1]
    (found,) = do("Scan", TableName="restored", IndexName="global")["Items"]
    assert found == {name: {"S": name} for name in ("pk", "sk", "b", "c")}
    # The two tables have nothing to do with each other
    do("PutItem", TableName="restored", Item={"pk": {"S": "x"}, "sk": {"S": "y"}})
    assert do("DescribeTable", TableName="source")["Table"]["ItemCount"] == 1


def test_what_is_restored_of_the_settings(do: Do, clock: ManualClock) -> None:
    arn = _create(do)
    moment = clock.now()
    clock.advance(100)
    table = _restore(do, arn)
    source = do("DescribeTable", TableName="source")["Table"]
    assert table["TableId"] != source["TableId"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSEDescription"] == source["SSEDescription"]
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert table["DeletionProtectionEnabled"] is False
    assert "StreamSpecification" not in table
    assert "LatestStreamArn" not in table
    assert do("ListTagsOfResource", ResourceArn=table["TableArn"])["Tags"] == []
    assert table["RestoreSummary"] == {
        "SourceBackupArn": arn,
        "SourceTableArn": source["TableArn"],
        "RestoreDateTime": moment,
        "RestoreInProgress": False,
    }


def test_throughput_is_that_of_the_source_or_the_override(do: Do) -> None:
    arn = _create(do, provisioned=True)
    table = _restore(do, arn)
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
    do("DeleteTable", TableName="restored")
    index = {**GLOBAL, "ProvisionedThroughput": _units(7, 8)}
    table = _restore(do, arn, ProvisionedThroughputOverride=_units(5, 6), GlobalSecondaryIndexOverride=[index])
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 7


def test_billing_may_be_overridden(do: Do, refused: Refused) -> None:
    arn = _create(do, provisioned=True)
    table = _restore(do, arn, BillingModeOverride="PAY_PER_REQUEST", OnDemandThroughputOverride={"MaxReadRequestUnits": 9})
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert table["OnDemandThroughput"]["MaxReadRequestUnits"] == 9
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    again = do("CreateBackup", TableName="restored", BackupName="again")["BackupDetails"]["BackupArn"]
    do("DeleteTable", TableName="restored")
    provisioned = {"BackupArn": again, "TargetTableName": "restored", "BillingModeOverride": "PROVISIONED"}
    assert "must both be specified" in refused("RestoreTableFromBackup", **provisioned)
    provisioned["ProvisionedThroughputOverride"] = _units(5, 6)
    assert "is not specified for index: global" in refused("RestoreTableFromBackup", **provisioned)
    index = {**GLOBAL, "ProvisionedThroughput": _units(7, 8)}
    table = _restore(
        do, again, BillingModeOverride="PROVISIONED", ProvisionedThroughputOverride=_units(5, 6), GlobalSecondaryIndexOverride=[index]
    )
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert "OnDemandThroughput" not in table


def test_indexes_may_be_left_out_but_not_changed(do: Do, refused: Refused) -> None:
    arn = _create(do)
    table = _restore(do, arn, GlobalSecondaryIndexOverride=[], LocalSecondaryIndexOverride=[LOCAL])
    assert _index_names(table) == ["local"]
    assert [definition["AttributeName"] for definition in table["AttributeDefinitions"]] == ["pk", "sk", "a"]
    do("DeleteTable", TableName="restored")
    table = _restore(do, arn, LocalSecondaryIndexOverride=[])
    assert _index_names(table) == ["global"]
    for change in ({"IndexName": "other"}, {"Projection": {"ProjectionType": "ALL"}}, {"KeySchema": LOCAL["KeySchema"]}):
        params = {"BackupArn": arn, "TargetTableName": "third", "GlobalSecondaryIndexOverride": [{**GLOBAL, **change}]}
        assert "does not match an index of the source table" in refused("RestoreTableFromBackup", **params)
    assert "third" not in do("ListTables")["TableNames"]


def test_encryption_may_be_overridden(do: Do) -> None:
    arn = _create(do)
    assert "SSEDescription" not in _restore(do, arn, SSESpecificationOverride={"Enabled": False})


def test_vector_indexes_are_refused_rather_than_ignored(do: Do, refused: Refused) -> None:
    arn = _create(do)
    vectors = {"VectorIndexOverride": [{"IndexName": "vectors"}]}
    text = refused("RestoreTableFromBackup", BackupArn=arn, TargetTableName="restored", **vectors)
    assert "not supported by this emulator" in text


def test_the_target_must_not_exist(do: Do, hashed: str, fails: Fails) -> None:
    arn = _create(do)
    error = fails("RestoreTableFromBackup", BackupArn=arn, TargetTableName=hashed)
    assert (error.spec.name, error.message) == ("TableAlreadyExistsException", "Table already exists: hashed")


def test_restoring_takes_its_time(clock: ManualClock, caller: Callable[[Engine], Do], defined: Defined) -> None:
    do = caller(Engine(clock, table_delay=10))
    do("CreateTable", **defined("source", "pk:S"))
    clock.advance(10)
    do("PutItem", TableName="source", Item={"pk": {"S": "a"}})
    arn = do("CreateBackup", TableName="source", BackupName="nightly")["BackupDetails"]["BackupArn"]
    clock.advance(10)

    def error(operation: str, **params: Any) -> str:
        with pytest.raises(ServiceError) as caught:
            do(operation, **params)
        return caught.value.spec.name

    table = do("RestoreTableFromBackup", BackupArn=arn, TargetTableName="restored")["TableDescription"]
    assert (table["TableStatus"], table["ItemCount"], table["RestoreSummary"]["RestoreInProgress"]) == ("CREATING", 0, True)
    assert error("GetItem", TableName="restored", Key={"pk": {"S": "a"}}) == "ResourceNotFoundException"
    assert error("RestoreTableFromBackup", BackupArn=arn, TargetTableName="restored") == "TableInUseException"
    assert error("DeleteBackup", BackupArn=arn) == "BackupInUseException"
    # One backup may be restored to several tables at once
    do("RestoreTableFromBackup", BackupArn=arn, TargetTableName="also-restored")
    clock.advance(10)
    table = do("DescribeTable", TableName="restored")["Table"]
    assert (table["TableStatus"], table["ItemCount"], table["RestoreSummary"]["RestoreInProgress"]) == ("ACTIVE", 1, False)
    assert do("GetItem", TableName="restored", Key={"pk": {"S": "a"}})["Item"] == {"pk": {"S": "a"}}
    do("DeleteBackup", BackupArn=arn)


def test_fifty_restores_at_once_and_no_more(clock: ManualClock, caller: Callable[[Engine], Do], defined: Defined) -> None:
    do = caller(Engine(clock, table_delay=10))
    do("CreateTable", **defined("source", "pk:S"))
    clock.advance(10)
    arn = do("CreateBackup", TableName="source", BackupName="nightly")["BackupDetails"]["BackupArn"]
    clock.advance(10)
    for number in range(50):
        do("RestoreTableFromBackup", BackupArn=arn, TargetTableName=f"restored-{number}")
    with pytest.raises(ServiceError) as caught:
        do("RestoreTableFromBackup", BackupArn=arn, TargetTableName="one-more")
    assert caught.value.spec.name == "LimitExceededException"
    clock.advance(10)
    do("RestoreTableFromBackup", BackupArn=arn, TargetTableName="one-more")
