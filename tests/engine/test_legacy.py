"""The parameters of before expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]

A = {"pk": {"S": "a"}}
ITEM = {**A, "n": {"N": "5"}, "s": {"S": "hello"}, "ss": {"SS": ["x", "y"]}, "l": {"L": [{"S": "x"}]}, "a.b": {"S": "dotted"}}
INVALID = "One or more parameter values were invalid: "
ENVELOPE = "1 validation error detected: "


def _op(operator: str, *values: dict[str, Any]) -> dict[str, Any]:
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


@pytest.fixture
def stored(do: Do, hashed: str) -> str:
    do("PutItem", TableName=hashed, Item=ITEM)
    return hashed


CONDITIONS: list[tuple[str, dict[str, Any], bool]] = [
    ("n", {"Value": {"N": "5.0"}}, True),
    ("n", {"Value": {"N": "6"}}, False),
    ("n", {"Exists": True, "Value": {"N": "5"}}, True),
    ("n", {"Exists": False}, False),
    ("missing", {"Exists": False}, True),
    ("missing", {"Value": {"N": "5"}}, False),
    ("a.b", {"Value": {"S": "dotted"}}, True),
    ("n", {"ComparisonOperator": "EQ", "Value": {"N": "5"}}, True),
    ("n", _op("EQ", {"N": "5"}), True),
    ("n", _op("EQ", {"S": "5"}), False),
    ("ss", _op("EQ", {"SS": ["y", "x"]}), True),
    ("n", _op("NE", {"N": "5"}), False),
    ("n", _op("NE", {"S": "5"}), True),
    ("missing", _op("NE", {"S": "5"}), True),
    ("n", _op("LT", {"N": "5"}), False),
    ("n", _op("LE", {"N": "5"}), True),
    ("n", _op("GT", {"N": "4.9"}), True),
    ("n", _op("GE", {"N": "5.1"}), False),
    ("missing", _op("LT", {"N": "5"}), False),
    ("n", _op("BETWEEN", {"N": "1"}, {"N": "5"}), True),
    ("n", _op("BETWEEN", {"N": "6"}, {"N": "9"}), False),
    ("n", _op("IN", {"N": "1"}, {"N": "5"}), True),
    ("n", _op("IN", {"N": "1"}), False),
    ("s", _op("BEGINS_WITH", {"S": "hel"}), True),
    ("s", _op("CONTAINS", {"S": "ell"}), True),
    ("ss", _op("CONTAINS", {"S": "x"}), True),
    ("l", _op("CONTAINS", {"S": "x"}), True),
    ("ss", _op("NOT_CONTAINS", {"S": "x"}), False),
    ("ss", _op("NOT_CONTAINS", {"S": "z"}), True),
    ("n", {"ComparisonOperator": "NOT_NULL"}, True),
    ("n", {"ComparisonOperator": "NULL"}, False),
    ("missing", _op("NULL"), True),
]


@pytest.mark.parametrize(("name", "details", "holds"), CONDITIONS, ids=[f"{name}-{details}" for name, details, _ in CONDITIONS])
def test_expectations_decide_about_a_write(do: Do, fails: Fails, stored: str, name: str, details: dict[str, Any], holds: bool) -> None:
    params = {"TableName": stored, "Key": A, "Expected": {name: details}}
    if holds:
        do("DeleteItem", **params)
    else:
        assert fails("DeleteItem", **params).spec.name == "ConditionalCheckFailedException"
    assert (do("GetItem", TableName=stored, Key=A) == {}) is holds


def test_expectations_join_by_and_unless_told_otherwise(do: Do, fails: Fails, stored: str) -> None:
    expected = {"n": {"Value": {"N": "5"}}, "s": {"Value": {"S": "other"}}}
    for operator in ({}, {"ConditionalOperator": "AND"}):
        error = fails("PutItem", TableName=stored, Item=A, Expected=expected, **operator)
        assert error.spec.name == "ConditionalCheckFailedException"
    do("PutItem", TableName=stored, Item=A, Expected=expected, ConditionalOperator="OR")
    assert do("GetItem", TableName=stored, Key=A) == {"Item": A}


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({}, "Value must be provided when Exists is null for Attribute: n"),
        ({"Exists": True}, "Value must be provided when Exists is true for Attribute: n"),
        ({"Exists": False, "Value": {"N": "1"}}, "Value cannot be used when Exists is false for Attribute: n"),
        ({"Exists": True, **_op("EQ", {"N": "1"})}, "Exists and ComparisonOperator cannot be used together for Attribute: n"),
        ({"Value": {"N": "1"}, **_op("EQ", {"N": "1"})}, "Value and AttributeValueList cannot be used together for Attribute: n"),
        ({"AttributeValueList": [{"N": "1"}]}, "AttributeValueList can only be used with a ComparisonOperator for Attribute: n"),
        (
            {"ComparisonOperator": "EQ"},
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: n",
        ),
        (_op("EQ"), "Invalid number of argument(s) for the EQ ComparisonOperator"),
        (_op("BETWEEN", {"N": "1"}), "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
        (_op("NULL", {"N": "1"}), "Invalid number of argument(s) for the NULL ComparisonOperator"),
        (_op("IN"), "Invalid number of argument(s) for the IN ComparisonOperator"),
        (_op("LT", {"SS": ["a"]}), "ComparisonOperator LT is not valid for SS AttributeValue type"),
        (_op("BEGINS_WITH", {"N": "1"}), "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
        (_op("BETWEEN", {"N": "1"}, {"S": "2"}), "AttributeValues inside AttributeValueList must be of same type"),
    ],
)
def test_expectations_must_make_sense(refused: Refused, details: dict[str, Any], text: str) -> None:
    # Refused before the table is looked up
    assert refused("PutItem", TableName="nowhere", Item=A, Expected={"n": details}) == ENVELOPE + INVALID + text


def test_bounds_must_be_in_order(refused: Refused) -> None:
    text = refused("Scan", TableName="nowhere", ScanFilter={"n": _op("BETWEEN", {"N": "2"}, {"N": "1"})})
    assert text == "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({}, "ConditionalOperator cannot be used without Filter or Expected"),
        (
            {"Expected": {"n": {"Exists": False}}},
            "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        ),
    ],
)
def test_an_operator_needs_something_to_join(refused: Refused, expected: dict[str, Any], text: str) -> None:
    assert refused("PutItem", TableName="nowhere", Item=A, ConditionalOperator="OR", **expected) == ENVELOPE + text


class TestAttributeUpdates:
    def _update(self, do: Do, table: str, **updates: dict[str, Any]) -> dict[str, Any]:
        do("UpdateItem", TableName=table, Key=A, AttributeUpdates=updates)
        item: dict[str, Any] = do("GetItem", TableName=table, Key=A).get("Item", {})
        return item

    def test_put_add_and_delete(self, do: Do, stored: str) -> None:
        item = self._update(
            do,
            stored,
            new={"Value": {"S": "v"}},
            n={"Action": "ADD", "Value": {"N": "-2.5"}},
            ss={"Action": "DELETE", "Value": {"SS": ["x"]}},
            s={"Action": "DELETE"},
            ns={"Action": "ADD", "Value": {"NS": ["1"]}},
        )
        assert item == {
            **A,
            "l": ITEM["l"],
            "a.b": ITEM["a.b"],
            "new": {"S": "v"},
            "n": {"N": "2.5"},
            "ss": {"SS": ["y"]},
            "ns": {"NS": ["1"]},
        }

    def test_a_missing_item_is_made_unless_there_are_only_deletions(self, do: Do, hashed: str) -> None:
        assert self._update(do, hashed, x={"Action": "DELETE"}, y={"Action": "DELETE", "Value": {"SS": ["a"]}}) == {}
        assert self._update(do, hashed, x={"Action": "DELETE"}, n={"Action": "ADD", "Value": {"N": "1"}}) == {**A, "n": {"N": "1"}}

    def test_updated_attributes_can_be_returned(self, do: Do, stored: str) -> None:
        params = {"TableName": stored, "Key": A, "AttributeUpdates": {"n": {"Action": "ADD", "Value": {"N": "1"}}}}
        assert do("UpdateItem", **params, ReturnValues="UPDATED_OLD") == {"Attributes": {"n": {"N": "5"}}}
        assert do("UpdateItem", **params, ReturnValues="UPDATED_NEW") == {"Attributes": {"n": {"N": "7"}}}

    def test_lists_are_appended_to(self, do: Do, hashed: str) -> None:
        add = {"Action": "ADD", "Value": {"L": [{"N": "1"}]}}
        assert self._update(do, hashed, l=add) == {**A, "l": {"L": [{"N": "1"}]}}
        assert self._update(do, hashed, l=add) == {**A, "l": {"L": [{"N": "1"}, {"N": "1"}]}}

    def test_an_attribute_needs_a_name(self, refused: Refused) -> None:
        updates = {"": {"Value": {"S": "x"}}}
        assert refused("UpdateItem", TableName="nowhere", Key=A, AttributeUpdates=updates) == ENVELOPE + "Empty attribute name"

    @pytest.mark.parametrize(
        ("details", "text"),
        [
            ({"Action": "PUT"}, "Only DELETE action is allowed when no attribute value is specified"),
            ({"Action": "ADD", "Value": {"S": "x"}}, "ADD action is not supported for the type S"),
            ({"Action": "DELETE", "Value": {"N": "1"}}, "DELETE action with value is not supported for the type N"),
        ],
    )
    def test_actions_must_make_sense(self, refused: Refused, details: dict[str, Any], text: str) -> None:
        assert refused("UpdateItem", TableName="nowhere", Key=A, AttributeUpdates={"n": details}) == ENVELOPE + INVALID + text

    def test_types_must_match(self, do: Do, refused: Refused, stored: str) -> None:
        updates = {"s": {"Action": "ADD", "Value": {"N": "1"}}, "n": {"Action": "ADD", "Value": {"N": "1"}}}
        assert refused("UpdateItem", TableName=stored, Key=A, AttributeUpdates=updates) == "Type mismatch for attribute to update"
        assert do("GetItem", TableName=stored, Key=A) == {"Item": ITEM}

    def test_a_key_stays_as_it_is(self, refused: Refused, stored: str) -> None:
        text = refused("UpdateItem", TableName=stored, Key=A, AttributeUpdates={"pk": {"Value": {"S": "b"}}})
        assert text == INVALID + "Cannot update attribute pk. This attribute is part of the key"

    def test_an_expectation_goes_along(self, do: Do, fails: Fails, stored: str) -> None:
        params = {"TableName": stored, "Key": A, "AttributeUpdates": {"x": {"Value": {"S": "y"}}}}
        error = fails("UpdateItem", **params, Expected={"n": {"Value": {"N": "6"}}})
        assert error.spec.name == "ConditionalCheckFailedException"
        do("UpdateItem", **params, Expected={"n": {"Value": {"N": "5"}}})


class TestReads:
    def _key(self, number: int) -> dict[str, Any]:
        return {"pk": {"S": "a"}, "sk": {"N": str(number)}}

    @pytest.fixture(autouse=True)
    def _filled(self, do: Do, sorted_: str) -> None:
        for number in range(5):
            do("PutItem", TableName=sorted_, Item={**self._key(number), "x": {"S": str(number % 2)}})

    def _query(self, do: Do, *, sk: dict[str, Any] | None = None, **params: Any) -> list[int]:
        conditions = {"pk": _op("EQ", {"S": "a"}), **({} if sk is None else {"sk": sk})}
        return [int(item["sk"]["N"]) for item in do("Query", TableName="sorted", KeyConditions=conditions, **params)["Items"]]

    def test_key_conditions(self, do: Do) -> None:
        assert self._query(do) == [0, 1, 2, 3, 4]
        assert self._query(do, sk=_op("GE", {"N": "3"})) == [3, 4]
        assert self._query(do, sk=_op("BETWEEN", {"N": "1"}, {"N": "2"}), ScanIndexForward=False) == [2, 1]

    def test_new_filters_and_projections_go_with_old_key_conditions(self, do: Do, refused: Refused) -> None:
        new: dict[str, Any] = {"FilterExpression": "x = :x", "ExpressionAttributeValues": {":x": {"S": "1"}}}
        assert self._query(do, **new, ProjectionExpression="sk") == [1, 3]
        old_too = {"KeyConditions": {"pk": _op("EQ", {"S": "a"})}, "QueryFilter": {"x": _op("NULL")}}
        assert refused("Query", TableName="sorted", **new, **old_too).endswith(
            "Non-expression parameters: {QueryFilter} Expression parameters: {FilterExpression}"
        )
        both = {"KeyConditions": {"pk": _op("EQ", {"S": "a"})}, "KeyConditionExpression": "pk = :x"}
        assert refused("Query", TableName="sorted", **new, **both).endswith(
            "Non-expression parameters: {KeyConditions} Expression parameters: {FilterExpression, KeyConditionExpression}"
        )

    def test_filters(self, do: Do) -> None:
        assert self._query(do, QueryFilter={"x": _op("EQ", {"S": "1"})}) == [1, 3]
        assert self._query(do, QueryFilter={"x": _op("EQ", {"S": "1"}), "y": _op("NOT_NULL")}, ConditionalOperator="OR") == [1, 3]
        answer = do("Scan", TableName="sorted", ScanFilter={"x": _op("EQ", {"S": "1"}), "sk": _op("LT", {"N": "3"})})
        assert (answer["Items"], answer["ScannedCount"]) == ([{**self._key(1), "x": {"S": "1"}}], 5)

    def test_attributes_to_get(self, do: Do) -> None:
        key = self._key(1)
        assert do("GetItem", TableName="sorted", Key=key, AttributesToGet=["x", "none"]) == {"Item": {"x": {"S": "1"}}}
        answer = do("BatchGetItem", RequestItems={"sorted": {"Keys": [key], "AttributesToGet": ["sk"]}})
        assert answer["Responses"] == {"sorted": [{"sk": {"N": "1"}}]}
        answer = do("Scan", TableName="sorted", AttributesToGet=["x"], Limit=1, Select="SPECIFIC_ATTRIBUTES")
        assert answer["Items"][0].keys() == {"x"}

    @pytest.mark.parametrize(
        ("params", "text"),
        [
            ({"KeyConditions": {"pk": _op("NE", {"S": "a"})}}, "Attempted conditional constraint is not an indexable operation"),
            ({"KeyConditions": {"pk": _op("GT", {"S": "a"})}}, "Query key condition not supported"),
            # The filter is looked at first
            (
                {"KeyConditions": {}, "QueryFilter": {"a": {"ComparisonOperator": "EQ"}}},
                INVALID + "Invalid number of argument(s) for the EQ ComparisonOperator",
            ),
            ({"KeyConditions": {}}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
            (
                {"KeyConditions": {name: _op("EQ", {"S": "a"}) for name in ("pk", "sk", "x")}},
                "Conditions can be of length 1 or 2 only",
            ),
            (
                {"KeyConditions": {"pk": _op("EQ", {"S": "a"})}, "QueryFilter": {"sk": _op("EQ", {"N": "1"})}},
                "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk",
            ),
            (
                {"KeyConditions": {"pk": _op("EQ", {"S": "a"})}, "AttributesToGet": ["x", "x"]},
                INVALID + "Duplicate value in attribute name: x",
            ),
        ],
    )
    def test_what_is_refused(self, refused: Refused, params: dict[str, Any], text: str) -> None:
        assert refused("Query", TableName="sorted", **params) == text
