"""CreateTable, DescribeTable, ListTables, DeleteTable: the life of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import EmulatorError, ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]


def test_a_new_table_is_described_in_full(do: Do, defined: Defined, clock: ManualClock) -> None:
    answer = do("CreateTable", **defined("orders", "customer:S order:N"))["TableDescription"]
    created = do("DescribeTable", TableName="orders")["Table"]
    assert (answer["TableStatus"], created["TableStatus"]) == ("CREATING", "ACTIVE")
    assert created.keys() - answer.keys() == {"WarmThroughput"}
    assert created.keys() > answer.keys()
    assert created["TableName"] == "orders"
    assert created["TableArn"] == "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"
    assert created["CreationDateTime"] == clock.now()
    assert created["KeySchema"] == [{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "order", "KeyType": "RANGE"}]
    assert created["AttributeDefinitions"] == [
        {"AttributeName": "customer", "AttributeType": "S"},
        {"AttributeName": "order", "AttributeType": "N"},
    ]
    assert created["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    assert created["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert (created["ItemCount"], created["TableSizeBytes"]) == (0, 0)


def test_a_provisioned_table_says_nothing_of_its_billing_mode(do: Do, defined: Defined) -> None:
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    params = defined("orders", "pk:S", BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    created = do("CreateTable", **params)["TableDescription"]
    assert created["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **throughput}
    assert "BillingModeSummary" not in created


def test_two_tables_of_one_name_have_different_ids(do: Do, defined: Defined) -> None:
    first = do("CreateTable", **defined("orders", "pk:S"))["TableDescription"]["TableId"]
    do("DeleteTable", TableName="orders")
    assert do("CreateTable", **defined("orders", "pk:S"))["TableDescription"]["TableId"] != first


def test_optional_settings_are_described(do: Do, defined: Defined) -> None:
    do(
        "CreateTable",
        **defined(
            "orders",
            "pk:S",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"},
            TableClass="STANDARD_INFREQUENT_ACCESS",
            DeletionProtectionEnabled=True,
            OnDemandThroughput={"MaxReadRequestUnits": 10},
            WarmThroughput={"ReadUnitsPerSecond": 20000, "WriteUnitsPerSecond": 1},
        ),
    )
    created = do("DescribeTable", TableName="orders")["Table"]
    assert created["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert created["LatestStreamArn"] == f"{created['TableArn']}/stream/{created['LatestStreamLabel']}"
    assert created["LatestStreamLabel"] == "2027-01-15T08:00:00.000"
    assert created["SSEDescription"]["Status"] == "ENABLED"
    assert created["SSEDescription"]["KMSMasterKeyArn"].startswith("arn:aws:kms:eu-west-1:000000000000:key/")
    assert created["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert created["DeletionProtectionEnabled"] is True
    assert created["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}
    assert created["WarmThroughput"] == {"ReadUnitsPerSecond": 20000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}


def test_counts_and_sizes_are_true(do: Do, hashed: str) -> None:
    do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}, "n": {"N": "42"}})
    do("PutItem", TableName=hashed, Item={"pk": {"S": "bc"}})
    do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}})
    table = do("DescribeTable", TableName=hashed)["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (2, 3 + 4)
    do("DeleteItem", TableName=hashed, Key={"pk": {"S": "a"}})
    table = do("DescribeTable", TableName=hashed)["Table"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (1, 4)


def test_a_table_exists_once_per_account_and_region(do: Do, defined: Defined, fails: Fails) -> None:
    do("CreateTable", **defined("orders", "pk:S"))
    error = fails("CreateTable", **defined("orders", "pk:S"))
    assert (error.spec.name, error.message) == ("ResourceInUseException", "Table already exists: orders")
    do("CreateTable", region="us-east-1", **defined("orders", "pk:S"))
    do("CreateTable", account="111111111111", **defined("orders", "pk:S"))
    assert do("ListTables", region="us-east-1") == {"TableNames": ["orders"]}
    assert do("ListTables", region="eu-north-1") == {"TableNames": []}


def test_a_table_can_be_named_by_its_arn(do: Do, hashed: str, fails: Fails) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/hashed"
    assert do("DescribeTable", TableName=arn)["Table"]["TableName"] == "hashed"
    do("PutItem", TableName=arn, Item={"pk": {"S": "a"}})
    assert do("GetItem", TableName=hashed, Key={"pk": {"S": "a"}}) == {"Item": {"pk": {"S": "a"}}}
    assert fails("DescribeTable", TableName=arn.replace("eu-west-1", "us-east-1")).spec.name == "ResourceNotFoundException"


def test_missing_tables_are_named_by_the_control_plane_only(fails: Fails) -> None:
    for operation in ("DescribeTable", "DeleteTable"):
        error = fails(operation, TableName="nowhere")
        assert (error.spec.name, error.message) == ("ResourceNotFoundException", "Requested resource not found: Table: nowhere not found")
    error = fails("GetItem", TableName="nowhere", Key={"pk": {"S": "a"}})
    assert (error.spec.name, error.message) == ("ResourceNotFoundException", "Requested resource not found")


def test_tables_are_listed_by_name_in_pages(do: Do, defined: Defined) -> None:
    for name in ("ccc", "aaa", "bbb"):
        do("CreateTable", **defined(name, "pk:S"))
    assert do("ListTables", Limit=2) == {"TableNames": ["aaa", "bbb"], "LastEvaluatedTableName": "bbb"}
    assert do("ListTables", Limit=2, ExclusiveStartTableName="bbb") == {"TableNames": ["ccc"]}
    assert do("ListTables", ExclusiveStartTableName="aab") == {"TableNames": ["bbb", "ccc"]}


def test_a_deleted_table_takes_its_items_along(do: Do, defined: Defined, hashed: str) -> None:
    do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}})
    assert do("DeleteTable", TableName=hashed)["TableDescription"]["TableStatus"] == "DELETING"
    assert do("ListTables") == {"TableNames": []}
    do("CreateTable", **defined(hashed, "pk:S"))
    assert do("Scan", TableName=hashed)["Count"] == 0


def test_a_protected_table_is_not_deleted(do: Do, defined: Defined, refused: Refused) -> None:
    do("CreateTable", **defined("orders", "pk:S", DeletionProtectionEnabled=True))
    text = refused("DeleteTable", TableName="orders")
    assert text == "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
    assert do("ListTables") == {"TableNames": ["orders"]}


def test_little_is_said_of_a_table_that_goes(do: Do, defined: Defined) -> None:
    index = {"IndexName": "idx", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
    do("CreateTable", **defined("orders", "pk:S", GlobalSecondaryIndexes=[index]))
    description = do("DeleteTable", TableName="orders")["TableDescription"]
    assert description.keys() >= {"TableName", "TableStatus", "TableArn", "ItemCount", "BillingModeSummary"}
    assert description.keys().isdisjoint({"KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "CreationDateTime"})


def test_a_billing_mode_is_said_twice(do: Do, hashed: str) -> None:
    described = do("DescribeTable", TableName=hashed)["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["TableThroughputModeSummary"] == {
        "TableThroughputMode": "PAY_PER_REQUEST",
        "LastUpdateToPayPerRequestDateTime": described["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"],
    }


def test_protection_takes_effect_at_once(do: Do, hashed: str) -> None:
    described = do("UpdateTable", TableName=hashed, DeletionProtectionEnabled=True)["TableDescription"]
    assert described["DeletionProtectionEnabled"] is True


def test_a_table_takes_its_time(clock: ManualClock, caller: Callable[[Engine], Do], defined: Defined) -> None:
    do = caller(Engine(clock, table_delay=10))

    def status() -> str:
        found: str = do("DescribeTable", TableName="orders")["Table"]["TableStatus"]
        return found

    def error(operation: str, **params: Any) -> str:
        with pytest.raises(ServiceError) as caught:
            do(operation, TableName="orders", **params)
        return str(caught.value)

    assert do("CreateTable", **defined("orders", "pk:S"))["TableDescription"]["TableStatus"] == "CREATING"
    assert "Requested resource not found" in error("GetItem", Key={"pk": {"S": "a"}})
    assert error("DeleteTable").endswith("Attempt to change a resource which is still in use: Table is being created: orders")
    clock.advance(9.9)
    assert status() == "CREATING"
    clock.advance(0.1)
    assert status() == "ACTIVE"
    assert do("PutItem", TableName="orders", Item={"pk": {"S": "a"}}) == {}
    do("DeleteTable", TableName="orders")
    assert status() == "DELETING"
    assert error("DeleteTable").endswith("Table is being deleted: orders")
    assert "Requested resource not found" in error("GetItem", Key={"pk": {"S": "a"}})
    with pytest.raises(ServiceError, match="Table already exists"):
        do("CreateTable", **defined("orders", "pk:S"))
    clock.advance(10)
    assert do("ListTables") == {"TableNames": []}


def test_an_engine_says_what_it_can_do(engine: Engine, fails: Fails) -> None:
    assert {"CreateTable", "GetItem", "Query"} <= engine.operations
    assert "FlyToTheMoon" not in engine.operations
    assert fails("FlyToTheMoon").spec.name == "UnknownOperationException"


def test_an_unknown_wording_is_our_users_mistake(clock: ManualClock) -> None:
    with pytest.raises(EmulatorError, match="unknown wording"):
        Engine(clock, wording="1999")


INVALID = "One or more parameter values were invalid: "
PROVISIONED = {"BillingMode": "PROVISIONED"}
UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


def _key(*elements: str) -> list[dict[str, str]]:
    return [dict(zip(("AttributeName", "KeyType"), element.split(":"), strict=True)) for element in elements]


def _types(*elements: str) -> list[dict[str, str]]:
    return [dict(zip(("AttributeName", "AttributeType"), element.split(":"), strict=True)) for element in elements]


def _index(*elements: str, projection: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    return {"IndexName": "idx", "KeySchema": _key(*elements), "Projection": projection or {"ProjectionType": "ALL"}, **others}


CREATE_REFUSALS: list[tuple[dict[str, Any], str]] = [
    (PROVISIONED, INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"),
    (
        {"ProvisionedThroughput": UNITS},
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    ),
    (
        {**PROVISIONED, "ProvisionedThroughput": {"ReadCapacityUnits": 1_000_000_000_001, "WriteCapacityUnits": 1}},
        "Given value 1000000000001 for ReadCapacityUnits is out of bounds",
    ),
    ({"KeySchema": _key("pk:RANGE", "sk:HASH")}, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    ({"KeySchema": _key("pk:HASH", "sk:HASH")}, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"),
    (
        {"KeySchema": _key("pk:HASH", "pk:RANGE")},
        "Both the Hash Key and the Range Key element in the KeySchema have the same name",
    ),
    (
        {"KeySchema": _key("other:HASH")},
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [other], AttributeDefinitions: [sk, pk]",
    ),
    (
        {"KeySchema": _key("pk:HASH", "other:RANGE")},
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [other, pk], AttributeDefinitions: [sk, pk]",
    ),
    ({"AttributeDefinitions": _types("pk:S")}, "Invalid KeySchema: Some index key attribute have no definition"),
    (
        {"AttributeDefinitions": _types("pk:S"), "KeySchema": _key("pk:HASH", "pk:RANGE")},
        "Invalid KeySchema: Some index key attribute have no definition",
    ),
    (
        {
            "AttributeDefinitions": _types("pk:S"),
            "KeySchema": _key("pk:HASH"),
            "GlobalSecondaryIndexes": [_index("pk:HASH", "other:RANGE")],
        },
        "Invalid KeySchema: Some index key attribute have no definition",
    ),
    (
        {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"}},
        INVALID + "Table is being created with a stream disabled, UpdateViewType should not be specified",
    ),
    ({"AttributeDefinitions": _types("pk:S", "pk:N")}, INVALID + "Duplicate AttributeName in AttributeDefinitions: pk"),
    (
        {"AttributeDefinitions": _types("pk:S", "sk:N", "more:S")},
        INVALID + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
    ),
    ({"GlobalSecondaryIndexes": []}, INVALID + "List of GlobalSecondaryIndexes is empty"),
    ({"LocalSecondaryIndexes": []}, INVALID + "List of LocalSecondaryIndexes is empty"),
    (
        {"KeySchema": _key("pk:HASH"), "LocalSecondaryIndexes": [_index("pk:HASH", "sk:RANGE")]},
        INVALID + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
    ),
    ({"LocalSecondaryIndexes": [_index("pk:HASH")]}, INVALID + "Index KeySchema does not have a range key for index: idx"),
    (
        {"LocalSecondaryIndexes": [_index("sk:HASH", "pk:RANGE")]},
        INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema for index: idx. "
        "index hash key: sk, table hash key: pk",
    ),
    (
        {"GlobalSecondaryIndexes": [_index("other:HASH")]},
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [other], AttributeDefinitions: [sk, pk]",
    ),
    (
        {"AttributeDefinitions": _types("pk:S", "sk:N", "more:S"), "GlobalSecondaryIndexes": [_index("sk:HASH")]},
        INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [sk, more, pk], keys used: [sk, pk]",
    ),
    ({"GlobalSecondaryIndexes": [_index("sk:HASH", projection={"NonKeyAttributes": ["x"]})]}, INVALID + "Unknown ProjectionType: null"),
    (
        {"GlobalSecondaryIndexes": [_index("sk:HASH", projection={"ProjectionType": "ALL", "NonKeyAttributes": ["x"]})]},
        INVALID + "ProjectionType is ALL, but NonKeyAttributes is specified",
    ),
    (
        {"GlobalSecondaryIndexes": [_index("sk:HASH", projection={"ProjectionType": "INCLUDE"})]},
        INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
    ),
    ({"GlobalSecondaryIndexes": [_index("sk:HASH"), _index("pk:HASH")]}, INVALID + "Duplicate index name: idx"),
    (
        {"GlobalSecondaryIndexes": [{**_index("sk:HASH"), "IndexName": f"i{n:02}"} for n in range(21)]},
        INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20",
    ),
    (
        {"LocalSecondaryIndexes": [{**_index("pk:HASH", "sk:RANGE"), "IndexName": f"i{n:02}"} for n in range(6)]},
        INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5",
    ),
    (
        {**PROVISIONED, "ProvisionedThroughput": UNITS, "GlobalSecondaryIndexes": [_index("sk:HASH")]},
        INVALID + "ProvisionedThroughput is not specified for index: idx",
    ),
    (
        {"GlobalSecondaryIndexes": [_index("sk:HASH", ProvisionedThroughput=UNITS)]},
        INVALID + "ProvisionedThroughput should not be specified for index: idx when BillingMode is PAY_PER_REQUEST",
    ),
    (
        {"GlobalSecondaryIndexes": [_index("sk:HASH", "pk:RANGE", "x:HASH")]},
        "Invalid KeySchema: All HASH key attributes must precede RANGE key attributes in the KeySchema",
    ),
    (
        {
            "AttributeDefinitions": _types("pk:S", "sk:N", "a:S", "b:S", "c:S"),
            "GlobalSecondaryIndexes": [_index("pk:HASH", "sk:HASH", "a:HASH", "b:HASH", "c:HASH")],
        },
        "Invalid KeySchema: The KeySchema exceeds the maximum allowed number of HASH key attributes",
    ),
    (
        {"StreamSpecification": {"StreamEnabled": True}},
        INVALID + "StreamViewType must be specified when StreamEnabled is set to true",
    ),
    ({"VectorIndexes": [{"IndexName": "vec"}]}, "VectorIndexes is not supported by this emulator"),
]


@pytest.mark.parametrize(("params", "text"), CREATE_REFUSALS, ids=[text[-60:] for _, text in CREATE_REFUSALS])
def test_a_contradictory_table_is_refused_and_not_created(
    do: Do, defined: Defined, refused: Refused, params: dict[str, Any], text: str
) -> None:
    assert refused("CreateTable", **{**defined("orders", "pk:S sk:N"), **params}) == text
    assert do("ListTables") == {"TableNames": []}


def test_keys_and_definitions_are_required(defined: Defined, refused: Refused) -> None:
    params = defined("orders", "pk:S")
    del params["KeySchema"]
    expected = "1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null"
    assert refused("CreateTable", **params) == expected
    expected = (
        "2 validation errors detected: Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null; "
        "Value null at 'keySchema' failed to satisfy constraint: Member must not be null"
    )
    # Before the throughput that is missing, too
    assert refused("CreateTable", TableName="orders") == expected
