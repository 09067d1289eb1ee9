"""Each JSON value of the wrong kind gets the service's own sentence, and nothing that is right is changed."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.aws.services import load_service
from emulator.wire.json_types import compile_reader

DYNAMODB = load_service("dynamodb")


def read(shape: str, value: Any) -> Any:
    return compile_reader(DYNAMODB, shape)(value)


def value(content: Any) -> dict[str, Any]:
    return {"Item": {"a": content}, "TableName": "t"}


@pytest.mark.parametrize(
    ("shape", "wrong", "sentence"),
    [
        ("GetItemInput", {"TableName": 1}, "NUMBER_VALUE cannot be converted to String"),
        ("GetItemInput", {"TableName": 1.5}, "DECIMAL_VALUE cannot be converted to String"),
        ("GetItemInput", {"TableName": True}, "TRUE_VALUE cannot be converted to String"),
        ("GetItemInput", {"TableName": False}, "FALSE_VALUE cannot be converted to String"),
        ("GetItemInput", {"TableName": {}}, "Start of structure or map found where not expected"),
        ("GetItemInput", {"TableName": []}, "Unrecognized collection type class java.lang.String"),
        ("GetItemInput", {"ConsistentRead": "maybe"}, "Unexpected token received from parser"),
        ("GetItemInput", {"ConsistentRead": 2}, "NUMBER_VALUE cannot be converted to Boolean"),
        ("GetItemInput", {"AttributesToGet": "a"}, "Unexpected field type"),
        ("GetItemInput", {"AttributesToGet": {}}, "Start of structure or map found where not expected"),
        ("GetItemInput", {"Key": "a"}, "Unexpected field type"),
        (
            "GetItemInput",
            {"Key": []},
            "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>",
        ),
        ("GetItemInput", {"Key": {"a": 1}}, "Unexpected value type in payload"),
        ("GetItemInput", {"Key": {"a": []}}, "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
        ("QueryInput", {"Limit": "x"}, "STRING_VALUE cannot be converted to Integer"),
        ("QueryInput", {"Limit": True}, "TRUE_VALUE cannot be converted to Integer"),
        ("PutItemInput", value({"S": 1}), "NUMBER_VALUE cannot be converted to String"),
        ("PutItemInput", value({"N": 3}), "NUMBER_VALUE cannot be converted to String"),
        ("PutItemInput", value({"SS": "a"}), "Unexpected field type"),
        ("PutItemInput", value({"NS": [1]}), "NUMBER_VALUE cannot be converted to String"),
        ("PutItemInput", value({"L": {}}), "Start of structure or map found where not expected"),
        ("PutItemInput", value({"L": [1]}), "Unexpected value type in payload"),
        ("PutItemInput", value({"M": {"x": {"N": 1}}}), "NUMBER_VALUE cannot be converted to String"),
        ("PutItemInput", value({"B": 1}), "only base-64-encoded strings are convertible to bytes"),
        ("PutItemInput", value({"B": "abc"}), "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
        ("PutItemInput", value({"B": "YR=="}), "Invalid last non-pad Base64 character dectected"),
        ("PutItemInput", value({"B": "=+/="}), "Invalid last non-pad Base64 character dectected"),
        ("PutItemInput", value({"BS": ["YQ==", "Y"]}), "Base64 encoded length is expected a multiple of 4 bytes but found: 1"),
        ("CreateTableInput", {"ProvisionedThroughput": 1}, "Unexpected field type"),
        ("CreateTableInput", {"KeySchema": [1]}, "Unexpected value type in payload"),
        ("PutItemInput", {"Expected": {"a": {"Value": 1}}}, "Unexpected field type"),
        ("BatchWriteItemInput", {"RequestItems": {"t": [1]}}, "Unexpected value type in payload"),
        (
            "BatchWriteItemInput",
            {"RequestItems": {"t": 1}},
            "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "
            "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader "
            "'bootstrap')",
        ),
        (
            "BatchGetItemInput",
            {"RequestItems": {"t": {"Keys": [1]}}},
            "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "
            "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader "
            "'bootstrap')",
        ),
        ("CreateTableInput", {"ProvisionedThroughput": {"ReadCapacityUnits": "1"}}, "STRING_VALUE cannot be converted to Long"),
    ],
)
def test_a_wrong_kind_is_refused_in_the_service_s_words(shape: str, wrong: Any, sentence: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read(shape, wrong)
    assert caught.value.spec.name == "SerializationException"
    assert caught.value.message == sentence


def test_what_is_right_comes_back_as_the_same_object() -> None:
    item = {"TableName": "t", "Item": {"a": {"S": "x"}, "b": {"L": [{"M": {"c": {"BOOL": True}}}]}, "d": {"SS": ["e"]}}}
    assert read("PutItemInput", item) is item


@pytest.mark.parametrize(("word", "flag"), [("true", True), ("1", True), ("Yes", True), ("false", False), ("no", False)])
def test_words_for_flags_are_understood(word: str, flag: bool) -> None:
    assert read("GetItemInput", {"ConsistentRead": word}) == {"ConsistentRead": flag}


def test_fractions_are_cut_where_whole_numbers_are_wanted() -> None:
    assert read("QueryInput", {"Limit": 34.56}) == {"Limit": 34}


def test_unknown_members_of_a_value_leave_it_empty() -> None:
    assert read("PutItemInput", value({"dog": "cat"})) == value({})


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"S": None}, {}),
        ({"N": None, "S": "x"}, {"S": "x"}),
        ({"L": [None, {"S": None}]}, {"L": [{}, {}]}),
        ({"M": {"b": None, "c": {"N": None}}}, {"M": {"b": {}, "c": {}}}),
        (None, {}),
    ],
)
def test_nulls_leave_values_of_no_type(given: Any, left: Any) -> None:
    assert read("PutItemInput", value(given)) == value(left)


@pytest.mark.parametrize("kind", ["SS", "NS", "BS"])
def test_a_set_has_no_null(kind: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read("PutItemInput", value({kind: [None]}))
    assert caught.value.spec.name == "SerializationException"


def test_entries_that_are_null_are_empty_structures_or_dropped() -> None:
    assert read("PutItemInput", {"Expected": {"a": None}}) == {"Expected": {"a": {}}}
    assert read("QueryInput", {"KeyConditions": {"a": {"AttributeValueList": [None]}}}) == {
        "KeyConditions": {"a": {"AttributeValueList": [{}]}}
    }
    assert read("GetItemInput", {"ExpressionAttributeNames": {"#a": None, "#b": "b"}}) == {"ExpressionAttributeNames": {"#b": "b"}}
    assert read("BatchWriteItemInput", {"RequestItems": {"t": None}}) == {"RequestItems": {}}


def test_nothing_is_changed_in_place() -> None:
    given = {"TableName": "t", "Nonsense": 1, "Item": {"a": {"dog": 1, "S": "x"}}}
    assert read("PutItemInput", given) == {"TableName": "t", "Item": {"a": {"S": "x"}}}
    assert given == {"TableName": "t", "Nonsense": 1, "Item": {"a": {"dog": 1, "S": "x"}}}
