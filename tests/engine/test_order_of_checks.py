"""Which of several mistakes in one request the service names: each row has two, and the first is named.

As Dynalite answers, whose order was held against the live service, and where it says nothing of that, as measured by others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Refused = Callable[..., str]

ENVELOPE = "1 validation error detected: "
INVALID = "One or more parameter values were invalid: "
EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
SEVERAL = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
NOT_A_NUMBER = "The parameter cannot be converted to a numeric value: x"
STARTING_KEY = "The provided starting key is invalid: "

BAD_START: dict[str, Any] = {"ExclusiveStartKey": {"pk": {}}}
TWICE = {"AttributesToGet": ["a", "a"]}
TWICE_TEXT = INVALID + "Duplicate value in attribute name: a"
NO_ARGUMENT = {"a": {"ComparisonOperator": "LT"}}
NO_ARGUMENT_TEXT = INVALID + "Invalid number of argument(s) for the LT ComparisonOperator"
KEY_CONDITION = {"KeyConditions": {"pk": {"ComparisonOperator": "EQ"}}}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"S": "a", "N": "x"}, NOT_A_NUMBER),
        ({"NULL": False, "N": "x"}, NOT_A_NUMBER),
        ({"S": "a", "NS": ["1", "x"]}, NOT_A_NUMBER),
        ({"NS": ["x"], "NULL": False}, INVALID + "Null attribute value types must have the value of true"),
        ({"SS": [], "BS": []}, INVALID + "Binary sets should not be empty"),
        ({"SS": [], "NS": []}, INVALID + "An number set  may not be empty"),
        ({"M": {"a": {}}, "L": [{"SS": []}]}, INVALID + "An string set  may not be empty"),
        ({"S": "a", "M": {"a": {"S": "a", "N": "x"}}}, NOT_A_NUMBER),
        ({"S": "a", "N": "1"}, SEVERAL),
        ({"M": {"a": {"S": "a", "L": []}}}, SEVERAL),
    ],
)
def test_within_a_value(refused: Refused, value: dict[str, Any], text: str) -> None:
    assert refused("GetItem", TableName="nowhere", Key={"pk": value}) == text
    assert refused("PutItem", TableName="nowhere", Item={"pk": {"S": "a"}, "x": value}).removeprefix(ENVELOPE) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, STARTING_KEY + EMPTY),
        ({"SS": []}, STARTING_KEY + INVALID + "An string set  may not be empty"),
        ({"S": "a", "N": "1"}, STARTING_KEY + SEVERAL),
        # What cannot be read has no place
        ({"N": "x"}, NOT_A_NUMBER),
        ({"S": "a", "N": "x"}, NOT_A_NUMBER),
        ({"SS": ["a", "a"]}, INVALID + "Input collection ["),
    ],
)
def test_within_a_starting_key(refused: Refused, value: dict[str, Any], text: str) -> None:
    start = {"ExclusiveStartKey": {"pk": value}}
    assert refused("Scan", TableName="nowhere", **start).startswith(text)
    assert refused("Query", TableName="nowhere", KeyConditionExpression="pk", **start).startswith(text)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"QueryFilter": NO_ARGUMENT, **TWICE}, NO_ARGUMENT_TEXT),
        ({**TWICE, **BAD_START}, TWICE_TEXT),
        ({**BAD_START, **KEY_CONDITION}, STARTING_KEY + EMPTY),
        ({**TWICE, **KEY_CONDITION}, TWICE_TEXT),
        (BAD_START, STARTING_KEY + EMPTY),
        (TWICE, TWICE_TEXT),
    ],
)
def test_within_a_query(refused: Refused, params: dict[str, Any], text: str) -> None:
    assert refused("Query", TableName="nowhere", **params) == text


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({**TWICE, "ScanFilter": NO_ARGUMENT}, TWICE_TEXT),
        ({"ScanFilter": NO_ARGUMENT, **BAD_START}, NO_ARGUMENT_TEXT),
        ({**BAD_START, "Segment": 1}, STARTING_KEY + EMPTY),
        ({**BAD_START, "FilterExpression": "x"}, STARTING_KEY + EMPTY),
        (
            {"Segment": 1, "FilterExpression": "x"},
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
        ),
    ],
)
def test_within_a_scan(refused: Refused, params: dict[str, Any], text: str) -> None:
    assert refused("Scan", TableName="nowhere", **params) == text


SAME = [{"pk": {"S": "a"}}, {"pk": {"S": "a"}}]
DUPLICATES = "Provided list of item keys contains duplicates"
EMPTY_EXPRESSION = "Invalid ProjectionExpression: The expression can not be empty;"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"Keys": [{"pk": {}}], **TWICE}, TWICE_TEXT),
        ({"Keys": SAME, "ProjectionExpression": ""}, EMPTY_EXPRESSION),
        ({"Keys": [*SAME, {"pk": {}}]}, DUPLICATES),
        ({"Keys": [{"pk": {}}, *SAME]}, EMPTY),
    ],
)
def test_within_a_batch(refused: Refused, params: dict[str, Any], text: str) -> None:
    assert refused("BatchGetItem", RequestItems={"nowhere": params}) == text


@pytest.mark.parametrize(
    ("operation", "params", "text"),
    [
        ("PutItem", {"Item": {"pk": {"S": "a"}}}, "ReturnValues can only be ALL_OLD or NONE"),
        ("DeleteItem", {"Key": {"pk": {"S": "a"}}}, "Invalid ConditionExpression: The expression can not be empty;"),
        ("DeleteItem", {"Key": {"pk": {}}}, EMPTY),
    ],
)
def test_between_what_is_returned_and_the_condition(refused: Refused, operation: str, params: dict[str, Any], text: str) -> None:
    wrong = {"ReturnValues": "ALL_NEW", "ConditionExpression": ""}
    assert refused(operation, TableName="nowhere", **params, **wrong).removeprefix(ENVELOPE) == text


@pytest.mark.parametrize(
    ("expectation", "text"),
    [
        (
            {"Exists": True, "Value": {"S": "a"}, "ComparisonOperator": "GE", "AttributeValueList": []},
            "Value and AttributeValueList cannot be used together for Attribute: x",
        ),
        ({"Value": {"S": "a"}, "AttributeValueList": []}, "Value and AttributeValueList cannot be used together for Attribute: x"),
        (
            {"ComparisonOperator": "IN", "AttributeValueList": [{"SS": ["a"]}, {"N": "1"}]},
            "AttributeValues inside AttributeValueList must be of same type",
        ),
    ],
)
def test_within_an_expectation(refused: Refused, expectation: dict[str, Any], text: str) -> None:
    wrong = {"Expected": {"x": expectation}}
    assert refused("PutItem", TableName="nowhere", Item={"pk": {"S": "a"}}, **wrong) == ENVELOPE + INVALID + text
