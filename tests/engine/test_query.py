"""Query on a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Defined = Callable[..., dict[str, Any]]

DETECTED = "1 validation error detected: "
EMPTY = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"
PK = {":pk": {"S": "a"}}


def _key(number: int | str, partition: str = "a") -> dict[str, Any]:
    return {"pk": {"S": partition}, "sk": {"N": str(number)}}


@pytest.fixture
def ten(do: Do, sorted_: str) -> str:
    """Items -3 to 6 in partition a, and one in each of two others."""
    for number in (5, -1, 3, 0, -3, 6, 1, 4, -2, 2):
        do("PutItem", TableName=sorted_, Item={**_key(number), "even": {"BOOL": number % 2 == 0}})
    do("PutItem", TableName=sorted_, Item=_key(1, "b"))
    do("PutItem", TableName=sorted_, Item=_key(1, "aa"))
    return sorted_


def _numbers(answer: dict[str, Any]) -> list[int]:
    return [int(item["sk"]["N"]) for item in answer["Items"]]


def _ask(do: Do, table: str, condition: str = "pk = :pk", values: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    return do("Query", TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues={**PK, **(values or {})}, **params)


def test_a_partition_comes_in_the_order_of_its_sort_key(do: Do, ten: str) -> None:
    answer = _ask(do, ten)
    assert _numbers(answer) == list(range(-3, 7))
    assert (answer["Count"], answer["ScannedCount"]) == (10, 10)
    assert "LastEvaluatedKey" not in answer
    assert _numbers(_ask(do, ten, ScanIndexForward=False)) == list(range(6, -4, -1))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("sk = :x", [1]),
        ("sk < :x", [-3, -2, -1, 0]),
        ("sk <= :x", [-3, -2, -1, 0, 1]),
        ("sk > :x", [2, 3, 4, 5, 6]),
        ("sk >= :x", [1, 2, 3, 4, 5, 6]),
        ("sk BETWEEN :low AND :x", [-2, -1, 0, 1]),
    ],
)
def test_the_sort_key_narrows_the_range(do: Do, ten: str, condition: str, expected: list[int]) -> None:
    values = {":x": {"N": "1"}}
    if ":low" in condition:
        values[":low"] = {"N": "-2"}
    assert _numbers(_ask(do, ten, f"pk = :pk AND {condition}", values)) == expected
    assert _numbers(_ask(do, ten, f"{condition} AND pk = :pk", values, ScanIndexForward=False)) == expected[::-1]


def test_begins_with_takes_exactly_the_prefix(do: Do, defined: Defined) -> None:
    do("CreateTable", **defined("text", "pk:S sk:S"))
    for text in ("a", "ab", "ab\0", "ab\0c", "abc", "ab\uffff", "ab\U0010ffff", "ac", "b"):
        do("PutItem", TableName="text", Item={"pk": {"S": "a"}, "sk": {"S": text}})
    answer = _ask(do, "text", "pk = :pk AND begins_with(sk, :x)", {":x": {"S": "ab"}})
    assert [item["sk"]["S"] for item in answer["Items"]] == ["ab", "ab\0", "ab\0c", "abc", "ab\uffff", "ab\U0010ffff"]
    answer = _ask(do, "text", "pk = :pk AND begins_with(sk, :x)", {":x": {"S": "ab\0"}})
    assert [item["sk"]["S"] for item in answer["Items"]] == ["ab\0", "ab\0c"]


def test_binary_sort_keys_go_by_unsigned_bytes(do: Do, defined: Defined) -> None:
    do("CreateTable", **defined("binary", "pk:S sk:B"))
    for text in ("/w==", "AA==", "gA==", "AAA=", "fw=="):
        do("PutItem", TableName="binary", Item={"pk": {"S": "a"}, "sk": {"B": text}})
    assert [item["sk"]["B"] for item in _ask(do, "binary")["Items"]] == ["AA==", "AAA=", "fw==", "gA==", "/w=="]
    answer = _ask(do, "binary", "pk = :pk AND begins_with(sk, :x)", {":x": {"B": "/w=="}})
    assert [item["sk"]["B"] for item in answer["Items"]] == ["/w=="]


@pytest.mark.parametrize("forward", [True, False])
def test_pages_join_to_the_whole(do: Do, ten: str, forward: bool) -> None:
    found: list[int] = []
    start: dict[str, Any] = {}
    for _ in range(5):
        answer = _ask(do, ten, Limit=3, ScanIndexForward=forward, **start)
        found += _numbers(answer)
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert found == (list(range(-3, 7)) if forward else list(range(6, -4, -1)))


def test_a_full_page_has_a_last_key_even_at_the_end(do: Do, ten: str) -> None:
    answer = _ask(do, ten, Limit=10)
    assert answer["LastEvaluatedKey"] == _key(6)
    answer = _ask(do, ten, Limit=10, ExclusiveStartKey=_key(6))
    assert (answer["Count"], "LastEvaluatedKey" in answer) == (0, False)


def test_a_start_need_not_exist(do: Do, ten: str) -> None:
    assert _numbers(_ask(do, ten, ExclusiveStartKey=_key("4.5"))) == [5, 6]


@pytest.mark.parametrize(
    "others",
    [
        {"KeyConditionExpression": "x = :pk"},
        {"KeyConditionExpression": "pk = :one", "ExpressionAttributeValues": {":one": {"N": "1"}}},
        {"FilterExpression": "sk = :pk"},
    ],
)
def test_a_start_is_looked_at_before_the_conditions(refused: Refused, ten: str, others: dict[str, Any]) -> None:
    params = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": PK, **others}
    assert refused("Query", TableName=ten, ExclusiveStartKey={"pk": {"S": "a"}}, **params) == "The provided starting key is invalid"


@pytest.mark.parametrize(
    ("start", "text"),
    [
        ({"pk": {"S": "a"}}, "The provided starting key is invalid"),
        ({"pk": {"S": ""}, "sk": {"N": "1"}}, EMPTY),
        ({**_key(1), "x": {"S": "x"}}, "The provided starting key is invalid"),
        ({"pk": {"S": "a"}, "sk": {"S": "1"}}, "The provided starting key is invalid"),
        (_key(1, "b"), "The provided starting key is outside query boundaries based on provided conditions"),
        (_key(0), "The provided starting key does not match the range key predicate"),
    ],
)
def test_a_start_must_be_within_the_query(refused: Refused, ten: str, start: dict[str, Any], text: str) -> None:
    values = {**PK, ":x": {"N": "1"}}
    params = {"KeyConditionExpression": "pk = :pk AND sk >= :x", "ExpressionAttributeValues": values}
    assert refused("Query", TableName=ten, ExclusiveStartKey=start, **params) == text


def test_a_filter_counts_after_the_page_is_full(do: Do, ten: str) -> None:
    answer = _ask(do, ten, values={":even": {"BOOL": True}}, FilterExpression="even = :even", Limit=5)
    assert (_numbers(answer), answer["Count"], answer["ScannedCount"]) == ([-2, 0], 2, 5)
    assert answer["LastEvaluatedKey"] == _key(1)


def test_a_projection_and_a_count(do: Do, ten: str) -> None:
    answer = _ask(do, ten, "pk = :pk AND sk = :x", {":x": {"N": "2"}}, ProjectionExpression="even")
    assert answer["Items"] == [{"even": {"BOOL": True}}]
    assert _ask(do, ten, Select="COUNT") == {"Count": 10, "ScannedCount": 10}


def test_a_page_holds_a_megabyte_measured_before_the_filter(do: Do, sorted_: str) -> None:
    for number in range(4):
        do("PutItem", TableName=sorted_, Item={**_key(number), "x": {"S": "y" * 300_000}})
    values = {":none": {"S": "none"}}
    answer = _ask(do, sorted_, values=values, FilterExpression="x = :none", ReturnConsumedCapacity="TOTAL")
    assert (answer["Items"], answer["ScannedCount"], answer["LastEvaluatedKey"]) == ([], 3, _key(2))
    # Three items of 300,007 bytes, rounded up together
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 110.0
    answer = _ask(do, sorted_, values=values, FilterExpression="x = :none", ExclusiveStartKey=answer["LastEvaluatedKey"])
    assert (answer["ScannedCount"], "LastEvaluatedKey" in answer) == (1, False)


def test_nothing_found_still_costs(do: Do, ten: str) -> None:
    def units(**params: Any) -> float:
        values = {":pk": {"S": "nobody"}}
        found: float = _ask(do, ten, values=values, ReturnConsumedCapacity="TOTAL", **params)["ConsumedCapacity"]["CapacityUnits"]
        return found

    assert (units(), units(ConsistentRead=True)) == (0.5, 1.0)


NOT_SUPPORTED = "Query key condition not supported"
WRONG_TYPE = "One or more parameter values were invalid: Condition parameter type does not match schema type"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("sk = :x", "Query condition missed key schema element: pk"),
        ("thing = :x", "Query condition missed key schema element: pk"),
        ("pk = :pk AND thing = :x", "Query condition missed key schema element: sk"),
        ("pk = :pk AND sk = :x AND thing = :x", "Conditions can be of length 1 or 2 only"),
        ("pk > :pk", NOT_SUPPORTED),
        ("begins_with(pk, :pk)", NOT_SUPPORTED),
        ("pk = :x", WRONG_TYPE),
        ("pk = :pk AND sk = :pk", WRONG_TYPE),
    ],
)
def test_conditions_must_fit_the_schema(refused: Refused, ten: str, condition: str, text: str) -> None:
    values = {**PK, ":x": {"N": "1"}}
    used = {name: value for name, value in values.items() if name in condition.replace(",", " ").replace(")", " ").split()}
    assert refused("Query", TableName=ten, KeyConditionExpression=condition, ExpressionAttributeValues=used) == text


def test_a_table_without_a_sort_key_takes_no_second_condition(refused: Refused, hashed: str) -> None:
    values = {**PK, ":x": {"N": "1"}}
    text = refused("Query", TableName=hashed, KeyConditionExpression="pk = :pk AND sk = :x", ExpressionAttributeValues=values)
    assert text == NOT_SUPPORTED


def test_an_empty_key_is_named(refused: Refused, ten: str) -> None:
    values = {":pk": {"S": ""}}
    text = refused("Query", TableName=ten, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values)
    assert text.endswith("The AttributeValue for a key attribute cannot contain an empty string value. Key: pk")


def test_no_longer_key_than_could_be_stored_is_asked_for(refused: Refused, do: Do, defined: Callable[..., dict[str, Any]]) -> None:
    do("CreateTable", **defined("texts", "pk:S sk:S"))
    texts = {"TableName": "texts", "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)"}
    good = {":pk": {"S": "x" * 2048}, ":sk": {"S": "y" * 1024}}
    assert do("Query", **texts, ExpressionAttributeValues=good)["Count"] == 0
    text = refused("Query", **texts, ExpressionAttributeValues={**good, ":pk": {"S": "x" * 2049}})
    assert text.endswith("Size of hashkey has exceeded the maximum size limit of2048 bytes")
    text = refused("Query", **texts, ExpressionAttributeValues={**good, ":sk": {"S": "é" * 513}})
    assert text.endswith("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"Select": "ALL_PROJECTED_ATTRIBUTES"}, DETECTED + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
        (
            {"Select": "SPECIFIC_ATTRIBUTES"},
            DETECTED + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        ),
        (
            {"Select": "COUNT", "ProjectionExpression": "x"},
            DETECTED + "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        (
            {"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "x"},
            DETECTED + "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
        ),
        ({"IndexName": "missing"}, "The table does not have the specified index: missing"),
        (
            {"FilterExpression": "sk > :pk"},
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
        ),
    ],
)
def test_other_parameters_must_agree(refused: Refused, ten: str, params: dict[str, Any], text: str) -> None:
    assert refused("Query", TableName=ten, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=PK, **params) == text


def test_a_query_needs_a_condition(refused: Refused, ten: str) -> None:
    text = "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    assert refused("Query", TableName=ten) == text


KEYS = {
    "S": st.text(st.characters(codec="utf-8"), min_size=1, max_size=6),
    "N": st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10_000, max_value=10_000).map(str),
}


@pytest.mark.parametrize("kind", ["S", "N"])
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range_is_what_a_comparison_of_all_items_gives(
    caller: Callable[[Engine], Do], defined: Defined, kind: str, data: st.DataObject
) -> None:
    do = caller(Engine(ManualClock()))
    do("CreateTable", **defined("any", f"pk:S sk:{kind}"))
    stored = data.draw(st.lists(KEYS[kind], max_size=8))
    for text in stored:
        do("PutItem", TableName="any", Item={"pk": {"S": "a"}, "sk": {kind: text}})
    bound = data.draw(KEYS[kind])
    measure: Callable[[str], Any] = str.encode if kind == "S" else float
    for operator, holds in (("<", lambda x, y: x < y), (">=", lambda x, y: x >= y)):
        answer = _ask(do, "any", f"pk = :pk AND sk {operator} :x", {":x": {kind: bound}})
        expected = sorted({measure(text) for text in stored if holds(measure(text), measure(bound))})
        assert [measure(item["sk"][kind]) for item in answer["Items"]] == expected
