"""Which changes of a table become records, and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Records = Callable[[str], list[dict[str, Any]]]
Defined = Callable[..., dict[str, Any]]

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}


def _changes(records: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    """(what happened, the attribute "v" before, and after) of each record."""
    found = []
    for record in records:
        images = [record["dynamodb"].get(name, {}).get("v", {}).get("S") for name in ("OldImage", "NewImage")]
        found.append((record["eventName"], *images))
    return found


def test_a_record_is_what_the_service_makes_of_it(do: Do, streamed: str, records: Records, clock: ManualClock) -> None:
    clock.advance(1.75)
    do("PutItem", TableName="streamed", Item={**KEY, "Message": {"S": "New item!"}})
    (record,) = records(streamed)
    event = record.pop("eventID")
    assert len(event) == 32
    assert int(event, 16)
    number = record["dynamodb"].pop("SequenceNumber")
    assert number.isdigit()
    assert 21 <= len(number) <= 40
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": int(clock.now()),
            "Keys": KEY,
            "NewImage": {**KEY, "Message": {"S": "New item!"}},
            # Keys: pk + a, sk + 1; the image has them again, and Message + New item!
            "SizeBytes": 7 + 7 + 16,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


@pytest.mark.parametrize(
    ("view", "images", "sizes"),
    [
        ("KEYS_ONLY", [set(), set(), set()], [7, 7, 7]),
        ("NEW_IMAGE", [{"NewImage"}, {"NewImage"}, set()], [16, 17, 7]),
        ("OLD_IMAGE", [set(), {"OldImage"}, {"OldImage"}], [7, 16, 17]),
        ("NEW_AND_OLD_IMAGES", [{"NewImage"}, {"NewImage", "OldImage"}, {"OldImage"}], [16, 26, 17]),
    ],
)
def test_each_view_has_its_images(do: Do, defined: Defined, records: Records, view: str, images: list[set[str]], sizes: list[int]) -> None:
    specification = {"StreamEnabled": True, "StreamViewType": view}
    table = do("CreateTable", **defined("viewed", "pk:S sk:N", StreamSpecification=specification))["TableDescription"]
    do("PutItem", TableName="viewed", Item={**KEY, "v": {"S": "x"}})
    do("PutItem", TableName="viewed", Item={**KEY, "v": {"S": "xy"}})
    do("DeleteItem", TableName="viewed", Key=KEY)
    found = [record["dynamodb"] for record in records(table["LatestStreamArn"])]
    assert [body.keys() & {"NewImage", "OldImage"} for body in found] == images
    assert [body["SizeBytes"] for body in found] == sizes
    assert {body["StreamViewType"] for body in found} == {view}
    assert [body["Keys"] for body in found] == [KEY, KEY, KEY]


def test_every_way_of_writing_is_recorded_in_order(do: Do, streamed: str, records: Records) -> None:
    values = {":v": {"S": "2"}}
    do("PutItem", TableName="streamed", Item={**KEY, "v": {"S": "1"}})
    do("UpdateItem", TableName="streamed", Key=KEY, UpdateExpression="SET v = :v", ExpressionAttributeValues=values)
    do("BatchWriteItem", RequestItems={"streamed": [{"PutRequest": {"Item": {**KEY, "v": {"S": "3"}}}}]})
    other = {"pk": {"S": "b"}, "sk": {"N": "1"}}
    put = {"Put": {"TableName": "streamed", "Item": {**KEY, "v": {"S": "4"}}}}
    upsert = {
        "Update": {"TableName": "streamed", "Key": other, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": values},
    }
    do("TransactWriteItems", TransactItems=[put, upsert])
    do("ExecuteStatement", Statement="UPDATE streamed SET v = '5' WHERE pk = 'a' AND sk = 1")
    do("DeleteItem", TableName="streamed", Key=KEY)
    found = records(streamed)
    assert _changes(found) == [
        ("INSERT", None, "1"),
        ("MODIFY", "1", "2"),
        ("MODIFY", "2", "3"),
        ("MODIFY", "3", "4"),
        ("INSERT", None, "2"),
        ("MODIFY", "4", "5"),
        ("REMOVE", "5", None),
    ]
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in found]
    assert numbers == sorted(set(numbers))
    assert len({record["eventID"] for record in found}) == len(found)
    assert not any("userIdentity" in record for record in found)


def test_what_changes_nothing_is_not_recorded(do: Do, streamed: str, records: Records) -> None:
    item = {**KEY, "v": {"S": "1"}, "tags": {"SS": ["x", "y"]}}
    do("PutItem", TableName="streamed", Item=item)
    do("PutItem", TableName="streamed", Item=item)
    do("PutItem", TableName="streamed", Item={"tags": {"SS": ["y", "x"]}, "v": {"S": "1"}, **KEY})
    values = {":v": {"S": "1"}}
    do("UpdateItem", TableName="streamed", Key=KEY, UpdateExpression="SET v = :v", ExpressionAttributeValues=values)
    do("UpdateItem", TableName="streamed", Key=KEY)
    do("DeleteItem", TableName="streamed", Key={"pk": {"S": "never"}, "sk": {"N": "1"}})
    check = {"TableName": "streamed", "Key": KEY, "ConditionExpression": "attribute_exists(pk)"}
    do("TransactWriteItems", TransactItems=[{"ConditionCheck": check}])
    with pytest.raises(ServiceError):
        do("PutItem", TableName="streamed", Item=KEY, ConditionExpression="attribute_not_exists(pk)")
    assert _changes(records(streamed)) == [("INSERT", None, "1")]


def test_time_to_live_deletes_as_the_service_itself(do: Do, streamed: str, records: Records, clock: ManualClock) -> None:
    do("UpdateTimeToLive", TableName="streamed", TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True})
    do("PutItem", TableName="streamed", Item={**KEY, "v": {"S": "1"}, "ttl": {"N": str(int(clock.now()) + 5)}})
    clock.advance(10)
    # Nobody has asked for the table in the meantime
    inserted, removed = records(streamed)
    assert "userIdentity" not in inserted
    assert removed["eventName"] == "REMOVE"
    assert removed["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert removed["dynamodb"]["OldImage"]["v"] == {"S": "1"}


def test_a_stream_begins_where_it_is_switched_on_and_ends_where_it_is_switched_off(do: Do, sorted_: str, records: Records) -> None:
    do("PutItem", TableName=sorted_, Item={**KEY, "v": {"S": "before"}})
    on = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    arn = do("UpdateTable", TableName=sorted_, StreamSpecification=on)["TableDescription"]["LatestStreamArn"]
    do("PutItem", TableName=sorted_, Item={**KEY, "v": {"S": "within"}})
    do("UpdateTable", TableName=sorted_, StreamSpecification={"StreamEnabled": False})
    do("PutItem", TableName=sorted_, Item={**KEY, "v": {"S": "after"}})
    assert _changes(records(arn)) == [("MODIFY", None, "within")]
    again = do("UpdateTable", TableName=sorted_, StreamSpecification=on)["TableDescription"]["LatestStreamArn"]
    assert again != arn
    assert records(again) == []


def test_a_restored_table_has_no_stream(do: Do, streamed: str, records: Records) -> None:
    do("PutItem", TableName="streamed", Item=KEY)
    backup = do("CreateBackup", TableName="streamed", BackupName="nightly")["BackupDetails"]["BackupArn"]
    do("RestoreTableFromBackup", BackupArn=backup, TargetTableName="restored")
    assert "LatestStreamArn" not in do("DescribeTable", TableName="restored")["Table"]
    assert len(records(streamed)) == 1


def test_recording_goes_on_while_the_stream_is_being_disabled(
    clock: ManualClock, caller: Callable[[Engine], Do], asker: Callable[[Engine], Do], defined: Defined
) -> None:
    engine = Engine(clock, table_delay=10)
    do, ask = caller(engine), asker(engine)
    specification = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    arn = do("CreateTable", **defined("slow", "pk:S", StreamSpecification=specification))["TableDescription"]["LatestStreamArn"]

    def status() -> str:
        found: str = ask("DescribeStream", StreamArn=arn)["StreamDescription"]["StreamStatus"]
        return found

    statuses = [status()]
    clock.advance(10)
    statuses.append(status())
    do("UpdateTable", TableName="slow", StreamSpecification={"StreamEnabled": False})
    do("PutItem", TableName="slow", Item={"pk": {"S": "a"}})
    statuses.append(status())
    clock.advance(10)
    do("PutItem", TableName="slow", Item={"pk": {"S": "b"}})
    statuses.append(status())
    assert statuses == ["ENABLING", "ENABLED", "DISABLING", "DISABLED"]
    (shard,) = ask("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    start = ask("GetShardIterator", StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    page = ask("GetRecords", ShardIterator=start["ShardIterator"])
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in page["Records"]] == ["a"]
    assert "NextShardIterator" not in page
