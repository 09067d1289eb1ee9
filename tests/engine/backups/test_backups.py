"""On-demand backups: made, described, listed, deleted; whom they belong to, and who asks too early."""

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

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/hashed"


def _back_up(do: Do, table: str = "hashed", name: str = "nightly", **others: Any) -> dict[str, Any]:
    details: dict[str, Any] = do("CreateBackup", TableName=table, BackupName=name, **others)["BackupDetails"]
    return details


def _names(answer: dict[str, Any]) -> list[str]:
    return [summary["BackupName"] for summary in answer["BackupSummaries"]]


@pytest.fixture
def slow(clock: ManualClock, caller: Callable[[Engine], Do], defined: Defined) -> Do:
    """An engine where everything takes ten seconds, with an active table."""
    do = caller(Engine(clock, table_delay=10))
    do("CreateTable", **defined("hashed", "pk:S"))
    clock.advance(10)
    return do


def _error(do: Do, operation: str, **params: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        do(operation, **params)
    return caught.value


def test_a_backup_is_described_as_the_service_does(do: Do, hashed: str, clock: ManualClock) -> None:
    do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}, "n": {"N": "12"}})
    created = clock.now()
    clock.advance(60)
    details = _back_up(do)
    # The answer to its making says so in any case
    assert details["BackupStatus"] == "CREATING"
    details["BackupStatus"] = "AVAILABLE"
    assert details == {
        "BackupArn": f"{ARN}/backup/01800000060000-00000001",
        "BackupName": "nightly",
        "BackupSizeBytes": 6,
        "BackupStatus": "AVAILABLE",
        "BackupType": "USER",
        "BackupCreationDateTime": created + 60,
    }
    table = do("DescribeTable", TableName=hashed)["Table"]
    assert do("DescribeBackup", BackupArn=details["BackupArn"])["BackupDescription"] == {
        "BackupDetails": details,
        "SourceTableDetails": {
            "TableName": "hashed",
            "TableId": table["TableId"],
            "TableArn": ARN,
            "TableSizeBytes": 6,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "TableCreationDateTime": created,
            "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
            "ItemCount": 1,
            "BillingMode": "PAY_PER_REQUEST",
        },
        "SourceTableFeatureDetails": {},
    }


def test_what_the_table_had_is_kept(do: Do, defined: Defined) -> None:
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "a", "b")]
    local = {
        "IndexName": "local",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    everywhere = {
        "IndexName": "everywhere",
        "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["c"]},
    }
    key = defined("featured", "pk:S sk:S")["KeySchema"]
    do(
        "CreateTable",
        TableName="featured",
        KeySchema=key,
        AttributeDefinitions=types,
        ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
        LocalSecondaryIndexes=[local],
        GlobalSecondaryIndexes=[{**everywhere, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        SSESpecification={"Enabled": True, "KMSMasterKeyId": "1234"},
    )
    do("UpdateTimeToLive", TableName="featured", TimeToLiveSpecification={"AttributeName": "until", "Enabled": True})
    arn = _back_up(do, "featured")["BackupArn"]
    description = do("DescribeBackup", BackupArn=arn)["BackupDescription"]
    assert description["SourceTableDetails"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    assert description["SourceTableFeatureDetails"] == {
        "LocalSecondaryIndexes": [local],
        "GlobalSecondaryIndexes": [{**everywhere, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}],
        "StreamDescription": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"},
        "SSEDescription": {
            "Status": "ENABLED",
            "SSEType": "KMS",
            "KMSMasterKeyArn": "arn:aws:kms:eu-west-1:000000000000:key/1234",
        },
    }


def test_a_backup_outlives_its_table(do: Do, hashed: str) -> None:
    do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}})
    arn = _back_up(do)["BackupArn"]
    do("DeleteItem", TableName=hashed, Key={"pk": {"S": "a"}})
    do("DeleteTable", TableName=hashed)
    assert do("DescribeBackup", BackupArn=arn)["BackupDescription"]["SourceTableDetails"]["ItemCount"] == 1
    assert _names(do("ListBackups", TableName=hashed)) == ["nightly"]


def test_what_there_is_not_is_not_found(do: Do, hashed: str) -> None:
    arn = _back_up(do)["BackupArn"]
    never = f"{ARN}/backup/01576616366715-b4e58d3a"
    for operation in ("DescribeBackup", "DeleteBackup", "RestoreTableFromBackup"):
        target = {"TargetTableName": "restored"} if operation == "RestoreTableFromBackup" else {}
        error = _error(do, operation, BackupArn=never, **target)
        assert (error.spec.name, error.message) == ("BackupNotFoundException", f"Backup not found: {never}")
        elsewhere = _error(do, operation, region="us-west-2", BackupArn=arn, **target)
        assert (elsewhere.spec.name, elsewhere.message) == ("BackupNotFoundException", f"Backup not found: {arn}")
        strange = _error(do, operation, BackupArn="backup/of/something/that/is/long/enough", **target)
        assert strange.spec.name == "ValidationException"
    deleted = do("DeleteBackup", BackupArn=arn)["BackupDescription"]
    assert deleted["BackupDetails"]["BackupStatus"] == "DELETED"
    assert deleted["SourceTableDetails"]["TableName"] == hashed
    for operation in ("DescribeBackup", "DeleteBackup", "RestoreTableFromBackup"):
        target = {"TargetTableName": "restored"} if operation == "RestoreTableFromBackup" else {}
        error = _error(do, operation, BackupArn=arn, **target)
        assert (error.spec.name, error.message) == ("BackupNotFoundException", f"Backup not found: {arn}")
    assert _names(do("ListBackups")) == []


def test_another_account_has_its_own(do: Do, hashed: str) -> None:
    arn = _back_up(do)["BackupArn"]
    assert _error(do, "DescribeBackup", account="111111111111", BackupArn=arn).spec.name == "BackupNotFoundException"
    assert _names(do("ListBackups", account="111111111111")) == []


def test_a_table_that_is_not_there_cannot_be_backed_up(fails: Fails) -> None:
    error = fails("CreateBackup", TableName="nowhere", BackupName="nightly")
    assert (error.spec.name, error.message) == ("TableNotFoundException", "Table not found: nowhere")


def test_the_list_is_filtered_by_table_type_and_time(do: Do, hashed: str, sorted_: str, clock: ManualClock) -> None:
    began = clock.now()
    for table, name in ((hashed, "first"), (sorted_, "second"), (hashed, "third")):
        _back_up(do, table, name)
        clock.advance(10)
    assert _names(do("ListBackups")) == ["first", "second", "third"]
    assert _names(do("ListBackups", TableName=hashed)) == ["first", "third"]
    assert _names(do("ListBackups", TableName=ARN)) == ["first", "third"]
    assert _names(do("ListBackups", TableName="nowhere")) == []
    assert _names(do("ListBackups", TimeRangeLowerBound=began + 10)) == ["second", "third"]
    assert _names(do("ListBackups", TimeRangeUpperBound=began + 10)) == ["first"]
    assert _names(do("ListBackups", TimeRangeLowerBound=began + 5, TimeRangeUpperBound=began + 20)) == ["second"]
    assert _names(do("ListBackups", BackupType="ALL")) == ["first", "second", "third"]
    assert _names(do("ListBackups", BackupType="SYSTEM")) == []
    assert _names(do("ListBackups", BackupType="AWS_BACKUP")) == []
    (summary,) = do("ListBackups", TableName=sorted_)["BackupSummaries"]
    assert (summary["TableName"], summary["BackupStatus"], summary["BackupType"]) == (sorted_, "AVAILABLE", "USER")


def test_the_list_comes_in_pages(do: Do, hashed: str, refused: Refused) -> None:
    arns = [_back_up(do, name=f"backup-{number}")["BackupArn"] for number in range(5)]
    first = do("ListBackups", Limit=2)
    assert _names(first) == ["backup-0", "backup-1"]
    assert first["LastEvaluatedBackupArn"] == arns[1]
    # The page goes on although the backup that it starts from has been deleted
    do("DeleteBackup", BackupArn=arns[1])
    second = do("ListBackups", Limit=2, ExclusiveStartBackupArn=arns[1])
    assert _names(second) == ["backup-2", "backup-3"]
    last = do("ListBackups", Limit=2, ExclusiveStartBackupArn=second["LastEvaluatedBackupArn"])
    assert _names(last) == ["backup-4"]
    assert "LastEvaluatedBackupArn" not in last
    assert "LastEvaluatedBackupArn" not in do("ListBackups", Limit=4)
    assert "BackupArn" in refused("ListBackups", ExclusiveStartBackupArn="x" * 40)


def test_making_and_deleting_take_their_time(slow: Do, clock: ManualClock) -> None:
    details = _back_up(slow)
    arn = details["BackupArn"]
    assert details["BackupStatus"] == "CREATING"
    for operation, params in (
        ("CreateBackup", {"TableName": "hashed", "BackupName": "another"}),
        ("DeleteBackup", {"BackupArn": arn}),
        ("RestoreTableFromBackup", {"BackupArn": arn, "TargetTableName": "restored"}),
    ):
        assert _error(slow, operation, **params).spec.name == "BackupInUseException"
    assert _error(slow, "DeleteTable", TableName="hashed").spec.name == "ResourceInUseException"
    clock.advance(10)
    assert slow("DescribeBackup", BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert slow("DeleteBackup", BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] == "DELETED"
    assert slow("DescribeBackup", BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] == "DELETED"
    assert [summary["BackupStatus"] for summary in slow("ListBackups")["BackupSummaries"]] == ["DELETED"]
    assert _error(slow, "DeleteBackup", BackupArn=arn).spec.name == "BackupInUseException"
    clock.advance(10)
    assert _error(slow, "DescribeBackup", BackupArn=arn).spec.name == "BackupNotFoundException"
    assert _names(slow("ListBackups")) == []


def test_a_backup_holds_what_was_there_when_it_was_asked_for(slow: Do, clock: ManualClock) -> None:
    slow("PutItem", TableName="hashed", Item={"pk": {"S": "a"}})
    arn = _back_up(slow)["BackupArn"]
    slow("PutItem", TableName="hashed", Item={"pk": {"S": "b"}})
    clock.advance(10)
    assert slow("DescribeBackup", BackupArn=arn)["BackupDescription"]["SourceTableDetails"]["ItemCount"] == 1


@pytest.mark.parametrize("state", ["created", "deleted"])
def test_a_table_on_its_way_cannot_be_backed_up(slow: Do, defined: Defined, state: str) -> None:
    if state == "created":
        slow("CreateTable", **defined("other", "pk:S"))
    else:
        slow("DeleteTable", TableName="hashed")
    name = "other" if state == "created" else "hashed"
    error = _error(slow, "CreateBackup", TableName=name, BackupName="nightly")
    assert (error.spec.name, error.message) == ("TableInUseException", f"Table is being {state}: {name}")


def test_continuous_backups_are_on_and_recovery_is_off(do: Do, hashed: str, fails: Fails) -> None:
    assert do("DescribeContinuousBackups", TableName=hashed) == {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
        }
    }
    assert fails("DescribeContinuousBackups", TableName="nowhere").spec.name == "TableNotFoundException"


def test_recovery_is_switched_on_and_off(do: Do, hashed: str, clock: ManualClock) -> None:
    def update(**specification: Any) -> dict[str, Any]:
        answer = do("UpdateContinuousBackups", TableName=hashed, PointInTimeRecoverySpecification=specification)
        description: dict[str, Any] = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return description

    began = clock.now()
    on = update(PointInTimeRecoveryEnabled=True)
    assert on == {
        "PointInTimeRecoveryStatus": "ENABLED",
        "RecoveryPeriodInDays": 35,
        "EarliestRestorableDateTime": began,
        "LatestRestorableDateTime": began,
    }
    clock.advance(86_400)
    later = update(PointInTimeRecoveryEnabled=True)
    assert (later["EarliestRestorableDateTime"], later["LatestRestorableDateTime"]) == (began, began + 86_400 - 300)
    clock.advance(2 * 86_400)
    shorter = update(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=2)
    assert (shorter["RecoveryPeriodInDays"], shorter["EarliestRestorableDateTime"]) == (2, began + 86_400)
    assert update(PointInTimeRecoveryEnabled=False) == {"PointInTimeRecoveryStatus": "DISABLED"}
    assert update(PointInTimeRecoveryEnabled=True)["EarliestRestorableDateTime"] == clock.now()


def test_a_recoverable_table_leaves_a_backup_behind(do: Do, hashed: str, clock: ManualClock) -> None:
    do("UpdateContinuousBackups", TableName=hashed, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}})
    do("DeleteTable", TableName=hashed)
    assert _names(do("ListBackups")) == []
    [left] = do("ListBackups", BackupType="SYSTEM")["BackupSummaries"]
    assert (left["BackupName"], left["BackupType"]) == ("hashed$DeletedTableBackup", "SYSTEM")
    assert left["BackupExpiryDateTime"] == clock.now() + 35 * 86_400
    do("RestoreTableFromBackup", BackupArn=left["BackupArn"], TargetTableName="again")
    assert do("Scan", TableName="again")["Count"] == 1
    clock.advance(35 * 86_400)
    assert _names(do("ListBackups", BackupType="ALL")) == []


def test_recovery_needs_a_table_that_is_there(slow: Do, defined: Defined) -> None:
    on = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    assert _error(slow, "UpdateContinuousBackups", TableName="nowhere", **on).spec.name == "TableNotFoundException"
    slow("CreateTable", **defined("other", "pk:S"))
    error = _error(slow, "UpdateContinuousBackups", TableName="other", **on)
    assert error.spec.name == "ContinuousBackupsUnavailableException"
    assert error.message == "Backups are being enabled for the table: other. Please retry later"


def test_a_backup_of_a_fixture_takes_the_place_of_its_like(do: Do, hashed: str, engine: Engine) -> None:
    engine.load_backup("eu-west-1", "000000000000", hashed, "nightly")
    (first,) = do("ListBackups")["BackupSummaries"]
    engine.load_backup("eu-west-1", "000000000000", hashed, "nightly")
    (second,) = do("ListBackups")["BackupSummaries"]
    assert first["BackupArn"] != second["BackupArn"]
    with pytest.raises(ServiceError):
        engine.load_backup("eu-west-1", "000000000000", "nowhere", "nightly")
