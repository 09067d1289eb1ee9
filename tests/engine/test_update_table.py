"""UpdateTable: settings, and global indexes that come and go."""

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

INVALID = "One or more parameter values were invalid: "
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def _creation(name: str = "idx", key: str = "g", **others: Any) -> dict[str, Any]:
    schema = [{"AttributeName": key, "KeyType": "HASH"}]
    return {"Create": {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}, **others}}


def _types(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


@pytest.fixture
def provisioned(do: Do, defined: Defined) -> str:
    do("CreateTable", **defined("orders", "pk:S", BillingMode="PROVISIONED", ProvisionedThroughput=UNITS))
    return "orders"


def _updated(do: Do, **params: Any) -> dict[str, Any]:
    """The table after an update that takes no time; its own answer says that it is under way."""
    assert do("UpdateTable", **params)["TableDescription"]["TableStatus"] == "UPDATING"
    table: dict[str, Any] = do("DescribeTable", TableName=params["TableName"])["Table"]
    assert table["TableStatus"] == "ACTIVE"
    return table


class TestSettings:
    def test_throughput_goes_up_and_down(self, do: Do, provisioned: str, clock: ManualClock) -> None:
        more = {"ReadCapacityUnits": 6, "WriteCapacityUnits": 5}
        throughput = _updated(do, TableName=provisioned, ProvisionedThroughput=more)["ProvisionedThroughput"]
        assert throughput == {**more, "NumberOfDecreasesToday": 0, "LastIncreaseDateTime": clock.now()}
        clock.advance(10)
        throughput = _updated(do, TableName=provisioned, ProvisionedThroughput=UNITS)["ProvisionedThroughput"]
        assert throughput["NumberOfDecreasesToday"] == 1
        assert throughput["LastDecreaseDateTime"] == clock.now() == throughput["LastIncreaseDateTime"] + 10

    def test_one_change_can_go_both_ways_and_the_answer_has_its_dates(self, do: Do, provisioned: str, clock: ManualClock) -> None:
        both = {"ReadCapacityUnits": UNITS["ReadCapacityUnits"] + 1, "WriteCapacityUnits": UNITS["WriteCapacityUnits"] - 1}
        answer = do("UpdateTable", TableName=provisioned, ProvisionedThroughput=both)["TableDescription"]["ProvisionedThroughput"]
        dates = {"LastIncreaseDateTime": clock.now(), "LastDecreaseDateTime": clock.now()}
        assert answer == {**UNITS, **dates, "NumberOfDecreasesToday": 0}

    def test_decreases_are_counted_by_the_day(self, do: Do, provisioned: str, clock: ManualClock, fails: Fails) -> None:
        def decrease(read: int) -> dict[str, Any]:
            return {"TableName": provisioned, "ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": 5}}

        do("UpdateTable", **decrease(100))
        for units in (9, 8, 7, 6):
            do("UpdateTable", **decrease(units))
        error = fails("UpdateTable", **decrease(5))
        assert error.spec.name == "LimitExceededException"
        assert "Number of decreases today: 4" in str(error)
        clock.advance(3600)
        do("UpdateTable", **decrease(5))
        assert fails("UpdateTable", **decrease(4)).spec.name == "LimitExceededException"
        clock.advance(86_400)
        assert do("DescribeTable", TableName=provisioned)["Table"]["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
        do("UpdateTable", **decrease(4))

    def test_the_billing_mode_switches_both_ways(self, do: Do, provisioned: str, clock: ManualClock) -> None:
        table = _updated(do, TableName=provisioned, BillingMode="PAY_PER_REQUEST")
        assert table["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": clock.now()}
        assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
        table = _updated(do, TableName=provisioned, BillingMode="PROVISIONED", ProvisionedThroughput=UNITS)
        assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
        assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5

    def test_the_provisioned_mode_needs_figures_also_where_it_is_on(self, refused: Refused, provisioned: str) -> None:
        text = refused("UpdateTable", TableName=provisioned, BillingMode="PROVISIONED")
        assert text == INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"

    def test_the_rest(self, do: Do, provisioned: str, clock: ManualClock) -> None:
        table = _updated(
            do,
            TableName=provisioned,
            DeletionProtectionEnabled=True,
            TableClass="STANDARD_INFREQUENT_ACCESS",
            SSESpecification={"Enabled": True},
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
            WarmThroughput={"ReadUnitsPerSecond": 100},
        )
        assert table["DeletionProtectionEnabled"] is True
        assert table["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS", "LastUpdateDateTime": clock.now()}
        assert table["SSEDescription"]["SSEType"] == "KMS"
        assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        assert table["WarmThroughput"]["ReadUnitsPerSecond"] == 100
        table = _updated(do, TableName=provisioned, StreamSpecification={"StreamEnabled": False})
        assert "StreamSpecification" not in table
        assert "LatestStreamArn" in table

    def test_the_answer_already_shows_the_stream(self, do: Do, hashed: str) -> None:
        specification = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        table = do("UpdateTable", TableName=hashed, StreamSpecification=specification)["TableDescription"]
        assert table["StreamSpecification"] == specification
        assert table["LatestStreamArn"].startswith(f"{table['TableArn']}/stream/")

    def test_on_demand_maxima_come_and_go(self, do: Do, hashed: str) -> None:
        table = _updated(do, TableName=hashed, OnDemandThroughput={"MaxReadRequestUnits": 7})
        assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
        table = _updated(do, TableName=hashed, OnDemandThroughput={"MaxReadRequestUnits": -1})
        assert "OnDemandThroughput" not in table

    @pytest.mark.parametrize(
        ("params", "text"),
        [
            ({}, "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates"),
            ({"GlobalSecondaryIndexUpdates": []}, "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled"),
            ({"ProvisionedThroughput": UNITS}, "The provisioned throughput for the table will not change. The requested value equals"),
            (
                {"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": UNITS},
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ),
            ({"StreamSpecification": {"StreamEnabled": False}}, "Table has no stream to disable"),
            ({"ReplicaUpdates": [{"Create": {"RegionName": "eu-north-1"}}]}, "ReplicaUpdates is not supported by this emulator"),
        ],
    )
    def test_contradictions_are_refused(self, refused: Refused, provisioned: str, params: dict[str, Any], text: str) -> None:
        assert text in refused("UpdateTable", TableName=provisioned, **params)

    def test_a_stream_cannot_be_enabled_twice(self, do: Do, refused: Refused, hashed: str) -> None:
        params = {"TableName": hashed, "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}
        do("UpdateTable", **params)
        assert refused("UpdateTable", **params).startswith("Table already has an enabled stream")

    def test_a_provisioned_table_needs_units(self, refused: Refused, hashed: str) -> None:
        text = refused("UpdateTable", TableName=hashed, BillingMode="PROVISIONED")
        assert text == INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"


class TestIndexes:
    def test_an_index_is_created_filled_and_deleted(self, do: Do, hashed: str) -> None:
        do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}, "g": {"S": "x"}})
        do("PutItem", TableName=hashed, Item={"pk": {"S": "b"}, "g": {"N": "1"}})
        params = {"AttributeDefinitions": _types("pk", "g"), "GlobalSecondaryIndexUpdates": [_creation()]}
        table = _updated(do, TableName=hashed, **params)
        assert table["AttributeDefinitions"] == _types("pk", "g")
        assert [index["ItemCount"] for index in table["GlobalSecondaryIndexes"]] == [1]
        assert do("Scan", TableName=hashed, IndexName="idx")["Count"] == 1
        table = _updated(do, TableName=hashed, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "idx"}}])
        assert table["AttributeDefinitions"] == _types("pk")
        assert "GlobalSecondaryIndexes" not in table

    def test_an_index_takes_its_time(self, clock: ManualClock, caller: Callable[[Engine], Do], defined: Defined) -> None:
        do = caller(Engine(clock, table_delay=10))
        do("CreateTable", **defined("orders", "pk:S"))
        clock.advance(10)
        params = {"AttributeDefinitions": _types("g"), "GlobalSecondaryIndexUpdates": [_creation()]}
        table = do("UpdateTable", TableName="orders", **params)["TableDescription"]
        (index,) = table["GlobalSecondaryIndexes"]
        assert (table["TableStatus"], index["IndexStatus"], index["Backfilling"]) == ("UPDATING", "CREATING", True)
        # Items can be written, the index not be read
        do("PutItem", TableName="orders", Item={"pk": {"S": "a"}, "g": {"S": "x"}})
        with pytest.raises(ServiceError, match="Cannot read from backfilling global secondary index: idx"):
            do("Scan", TableName="orders", IndexName="idx")
        with pytest.raises(ServiceError, match="Table is being updated: orders"):
            do("UpdateTable", TableName="orders", **params)
        clock.advance(10)
        table = do("DescribeTable", TableName="orders")["Table"]
        (index,) = table["GlobalSecondaryIndexes"]
        assert (table["TableStatus"], index["IndexStatus"], "Backfilling" in index) == ("ACTIVE", "ACTIVE", False)
        assert do("Scan", TableName="orders", IndexName="idx")["Count"] == 1
        table = do("UpdateTable", TableName="orders", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "idx"}}])["TableDescription"]
        assert table["GlobalSecondaryIndexes"][0]["IndexStatus"] == "DELETING"
        clock.advance(10)
        assert "GlobalSecondaryIndexes" not in do("DescribeTable", TableName="orders")["Table"]

    def test_settings_show_when_they_are_in_force(self, clock: ManualClock, caller: Callable[[Engine], Do], defined: Defined) -> None:
        do = caller(Engine(clock, table_delay=10))
        do("CreateTable", **defined("orders", "pk:S", BillingMode="PROVISIONED", ProvisionedThroughput=UNITS))
        clock.advance(10)
        more = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}
        table = do("UpdateTable", TableName="orders", ProvisionedThroughput=more)["TableDescription"]
        assert (table["TableStatus"], table["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("UPDATING", 5)
        clock.advance(10)
        table = do("DescribeTable", TableName="orders")["Table"]
        assert (table["TableStatus"], table["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("ACTIVE", 9)

    def test_throughput_of_an_index(self, do: Do, provisioned: str, refused: Refused) -> None:
        creation = _creation(ProvisionedThroughput=UNITS)
        do("UpdateTable", TableName=provisioned, AttributeDefinitions=_types("g"), GlobalSecondaryIndexUpdates=[creation])
        update = {"Update": {"IndexName": "idx", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}}
        table = _updated(do, TableName=provisioned, GlobalSecondaryIndexUpdates=[update])
        assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
        text = refused("UpdateTable", TableName=provisioned, GlobalSecondaryIndexUpdates=[update])
        assert text.startswith("The provisioned throughput for the index idx will not change.")
        table = _updated(do, TableName=provisioned, BillingMode="PAY_PER_REQUEST")
        assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 0
        back = {"TableName": provisioned, "BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS}
        assert refused("UpdateTable", **back) == INVALID + "ProvisionedThroughput must be specified for index: idx"
        table = _updated(do, **back, GlobalSecondaryIndexUpdates=[update])
        assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 2

    @pytest.mark.parametrize(
        ("updates", "name", "text"),
        [
            ([{"Delete": {"IndexName": "idx"}}], "ResourceNotFoundException", "Requested resource not found"),
            ([{}], "ValidationException", "must not be null"),
            # Both have to be defined in the request, although the table has one of them
            ([_creation(key="pk")], "ValidationException", "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk]"),
            ([_creation(key="other")], "ValidationException", "Some index key attributes are not defined in AttributeDefinitions"),
            (
                [_creation("one"), _creation("two")],
                "LimitExceededException",
                "Only 1 online index can be created or deleted",
            ),
            ([_creation(), {"Delete": {"IndexName": "idx"}}], "ValidationException", "Only one global secondary index update per index"),
            ([_creation(ProvisionedThroughput=UNITS)], "ValidationException", "should not be specified for index: idx"),
        ],
    )
    def test_impossible_updates(self, do: Do, fails: Fails, hashed: str, updates: list[dict[str, Any]], name: str, text: str) -> None:
        before = do("DescribeTable", TableName=hashed)
        error = fails("UpdateTable", TableName=hashed, AttributeDefinitions=_types("g"), GlobalSecondaryIndexUpdates=updates)
        assert error.spec.name == name
        assert text in str(error)
        assert do("DescribeTable", TableName=hashed) == before

    def test_an_index_exists_once(self, do: Do, refused: Refused, hashed: str) -> None:
        params = {"TableName": hashed, "AttributeDefinitions": _types("g"), "GlobalSecondaryIndexUpdates": [_creation()]}
        do("UpdateTable", **params)
        assert refused("UpdateTable", **params) == INVALID + "Attempting to create an index which already exists"
