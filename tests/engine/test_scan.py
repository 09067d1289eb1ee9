"""Scan of a table, whole and in segments."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import md5
from typing import Any

import pytest

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]

NAMES = [f"item-{number}" for number in range(50)]


@pytest.fixture
def fifty(do: Do, hashed: str) -> str:
    for number, name in enumerate(NAMES):
        do("PutItem", TableName=hashed, Item={"pk": {"S": name}, "n": {"N": str(number)}})
    return hashed


def _names(answer: dict[str, Any]) -> list[str]:
    return [item["pk"]["S"] for item in answer["Items"]]


def _pages(do: Do, **params: Any) -> list[str]:
    found: list[str] = []
    answer = do("Scan", **params)
    while True:
        found += _names(answer)
        if "LastEvaluatedKey" not in answer:
            return found
        answer = do("Scan", ExclusiveStartKey=answer["LastEvaluatedKey"], **params)


def test_items_come_in_the_order_of_the_services_hash(do: Do, fifty: str) -> None:
    answer = do("Scan", TableName=fifty)
    assert _names(answer) == sorted(NAMES, key=lambda name: md5(b"Outliers" + name.encode()).digest())
    assert (answer["Count"], answer["ScannedCount"], "LastEvaluatedKey" in answer) == (50, 50, False)


def test_pages_join_to_the_whole(do: Do, fifty: str) -> None:
    assert _pages(do, TableName=fifty, Limit=7) == _names(do("Scan", TableName=fifty))


def test_a_page_goes_on_where_its_last_item_was_deleted(do: Do, fifty: str) -> None:
    first = do("Scan", TableName=fifty, Limit=10)
    rest = _names(do("Scan", TableName=fifty, ExclusiveStartKey=first["LastEvaluatedKey"]))
    do("DeleteItem", TableName=fifty, Key=first["LastEvaluatedKey"])
    assert _names(do("Scan", TableName=fifty, ExclusiveStartKey=first["LastEvaluatedKey"])) == rest


@pytest.mark.parametrize("total", [1, 2, 3, 7, 1_000_000])
def test_segments_share_the_table_among_them(do: Do, fifty: str, total: int) -> None:
    digests = {name: int.from_bytes(md5(b"Outliers" + name.encode()).digest(), "big") for name in NAMES}
    segments = range(total) if total < 10 else sorted({digest * total >> 128 for digest in digests.values()})
    found = [name for segment in segments for name in _pages(do, TableName=fifty, Segment=segment, TotalSegments=total, Limit=3)]
    assert found == _names(do("Scan", TableName=fifty))


def test_a_start_must_lie_within_its_segment(do: Do, fifty: str, refused: Refused) -> None:
    last = {"pk": {"S": _names(do("Scan", TableName=fifty))[-1]}}
    text = refused("Scan", TableName=fifty, Segment=0, TotalSegments=2, ExclusiveStartKey=last)
    assert text == (
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
        "TotalSegments: 2 Segment: 0"
    )


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"Segment": 0},
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
        ),
        (
            {"TotalSegments": 2},
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
        ),
        (
            {"Segment": 2, "TotalSegments": 2},
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            "Segment: 2 is not less than TotalSegments: 2",
        ),
        (
            {"ExclusiveStartKey": {"x": {"S": "a"}}},
            "The provided starting key is invalid: The provided key element does not match the schema",
        ),
        (
            {"Select": "ALL_PROJECTED_ATTRIBUTES"},
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ),
        ({"IndexName": "missing"}, "The table does not have the specified index: missing"),
        (
            {"ExpressionAttributeValues": {":x": {"S": "x"}}},
            "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null",
        ),
    ],
)
def test_parameters_must_agree(refused: Refused, hashed: str, params: dict[str, Any], text: str) -> None:
    assert refused("Scan", TableName=hashed, **params) == text


def test_a_filter_and_a_projection(do: Do, fifty: str) -> None:
    answer = do(
        "Scan",
        TableName=fifty,
        FilterExpression="n < :three AND pk <> :one",
        ProjectionExpression="n",
        ExpressionAttributeValues={":three": {"N": "3"}, ":one": {"S": "item-1"}},
    )
    assert sorted(item["n"]["N"] for item in answer["Items"]) == ["0", "2"]
    assert all(item.keys() == {"n"} for item in answer["Items"])
    assert (answer["Count"], answer["ScannedCount"]) == (2, 50)


def test_a_scan_costs_what_it_reads(do: Do, hashed: str) -> None:
    for name in ("a", "b"):
        do("PutItem", TableName=hashed, Item={"pk": {"S": name}, "x": {"S": "y" * 5000}})
    answer = do("Scan", TableName=hashed, Select="COUNT", ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == {"TableName": hashed, "CapacityUnits": 1.5, "Table": {"CapacityUnits": 1.5}}
    answer = do("Scan", TableName=hashed, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 3.0
