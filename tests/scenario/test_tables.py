"""Fixtures: what CreateTable is asked, and the items in wire form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.scenario import Scenario, ScenarioError, load_scenario

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


def write(folder: Path, lines: str, name: str = "orders.jsonl") -> Path:
    (folder / "orders.jsonl").write_text(lines, "utf-8")
    scenario = folder / "scenario.yaml"
    scenario.write_text(f"version: 1\ntables:\n  - {{name: orders, key: {{id: S}}, items: {{file: {name}}}}}\n")
    return scenario


def test_items_in_a_file_of_their_own(tmp_path: Path) -> None:
    first = '{"id": "a", "n": 1.50, "big": 12345678901234567890123456789012345678, "s": {"SS": ["x"]}}'
    lines = first + '\n\n{"id": "b\u2028", "l": [true, null, {}]}\n'
    (table,) = load_scenario(write(tmp_path, lines)).tables
    assert table.items == (
        {"id": {"S": "a"}, "n": {"N": "1.5"}, "big": {"N": "12345678901234567890123456789012345678"}, "s": {"SS": ["x"]}},
        {"id": {"S": "b\u2028"}, "l": {"L": [{"BOOL": True}, {"NULL": True}, {"M": {}}]}},
    )


def test_a_file_may_hold_more_items_than_a_scenario(tmp_path: Path) -> None:
    (table,) = load_scenario(write(tmp_path, "".join(f'{{"id": "{number}", "pad": "{"x" * 100}"}}\n' for number in range(12_000)))).tables
    assert len(table.items) == 12_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[1]", "orders.jsonl:2:1: expected an item"),
        ('{"id": "a"', "orders.jsonl:2:1: not a JSON object"),
        ('{"id": NaN}', "orders.jsonl:2:1: not a JSON object: NaN is no number"),
        ('{"id": "a", "id": "b"}', "orders.jsonl:2:1: not a JSON object: a name stands here twice"),
        ('{"id": "a", "n": 1e200}', "orders.jsonl:2:1: no table can hold this item"),
        ('{"id": "a", "l": ' + "[" * 5000 + "]" * 5000 + "}", "orders.jsonl:2:1: "),
        ('{"n": 1}', "scenario.yaml:3:41: the key attribute 'id' of item 2 is missing or not of type S"),
    ],
)
def test_lines_that_are_no_items(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(write(tmp_path, f'{{"id": "x"}}\n{line}\n'))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.jsonl", "missing.jsonl' cannot be read: No such file or directory"),
        ("../orders.jsonl", "'../orders.jsonl' lies outside the folder of this file"),
        ("/etc/passwd", "'/etc/passwd' lies outside the folder of this file"),
        (".", "cannot be read: Is a directory"),
    ],
)
def test_files_that_hold_no_items(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(write(tmp_path, "", name))
    assert said in str(refused.value)


def test_a_text_has_no_other_files(load: Load) -> None:
    with pytest.raises(ScenarioError, match="only a scenario in a file can have its items in another"):
        load("tables: [{name: orders, key: {id: S}, items: {file: a.jsonl}}]")
