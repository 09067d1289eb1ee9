"""Fixtures: what CreateTable is asked, and the items in wire form."""

from __future__ import annotations

from collections.abc import Callable

from emulator.scenario import Scenario

Load = Callable[..., Scenario]


def test_the_simplest_table(load: Load) -> None:
    (table,) = load("tables: [{name: orders, key: {id: S}}]").tables
    assert table.create == {
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    assert table.key == ("id",)


def test_a_table_with_everything(load: Load) -> None:
    (table,) = load("""
        tables:
          - name: orders
            key: {customer: S, order: N}
            billing: {read: 5, write: 2}
            stream: NEW_AND_OLD_IMAGES
            ttl: expires
            indexes:
              - {name: by-day, key: {day: S, order: N}, projection: [status]}
              - {name: by-status, key: {customer: S, status: S}, type: local, projection: KEYS_ONLY}
    """).tables
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    assert table.create["BillingMode"] == "PROVISIONED"
    assert table.create["ProvisionedThroughput"] == throughput
    assert table.create["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table.create["AttributeDefinitions"] == [
        {"AttributeName": "customer", "AttributeType": "S"},
        {"AttributeName": "order", "AttributeType": "N"},
        {"AttributeName": "day", "AttributeType": "S"},
        {"AttributeName": "status", "AttributeType": "S"},
    ]
    (by_day,) = table.create["GlobalSecondaryIndexes"]
    assert by_day["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"]}
    assert by_day["ProvisionedThroughput"] == throughput
    assert by_day["KeySchema"][1] == {"AttributeName": "order", "KeyType": "RANGE"}
    (by_status,) = table.create["LocalSecondaryIndexes"]
    assert by_status["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert "ProvisionedThroughput" not in by_status
    assert table.ttl == "expires"


def test_plain_values_become_typed_ones(load: Load) -> None:
    (table,) = load("""
        tables:
          - name: things
            key: {id: S}
            items:
              - id: "7"
                state: on
                time: 12:30
                number: 1e3
                exact: 12345678901234567890.123456789012345678
                flag: true
                nothing: null
                list: [1, two, {three: 3}]
                map: {a: 1, b: 2}
                set: {SS: [a, b]}
                numbers: {NS: [1, 2.50]}
                bytes: {B: aGk=}
                spelt: {N: "0042.10"}
                inner: {M: {S: {S: x}}}
    """).tables
    assert table.items == (
        {
            "id": {"S": "7"},
            "state": {"S": "on"},
            "time": {"S": "12:30"},
            "number": {"N": "1000"},
            "exact": {"N": "12345678901234567890.123456789012345678"},
            "flag": {"BOOL": True},
            "nothing": {"NULL": True},
            "list": {"L": [{"N": "1"}, {"S": "two"}, {"M": {"three": {"N": "3"}}}]},
            "map": {"M": {"a": {"N": "1"}, "b": {"N": "2"}}},
            "set": {"SS": ["a", "b"]},
            "numbers": {"NS": ["1", "2.5"]},
            "bytes": {"B": "aGk="},
            "spelt": {"N": "42.1"},
            "inner": {"M": {"S": {"S": "x"}}},
        },
    )
