"""Attribute values: what is refused with which sentence, and what stays the same object."""

import copy
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.aws.values import check_depth, check_value, normalise_item

INVALID = "One or more parameter values were invalid: "
TOO_DEEP = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"


def wrapped(levels, value, kind="M"):
    for _ in range(levels):
        value = {kind: {"a": value} if kind == "M" else [value]}
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (
            {"S": "a", "N": "1"},
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        ),
        ({"NULL": False}, f"{INVALID}Null attribute value types must have the value of true"),
        ({"SS": []}, f"{INVALID}An string set  may not be empty"),
        ({"NS": []}, f"{INVALID}An number set  may not be empty"),
        ({"BS": []}, f"{INVALID}Binary sets should not be empty"),
        ({"SS": ["b", "a", "b"]}, f'{INVALID}Input collection ["a", "b", "b"] contains duplicates.'),
        ({"NS": ["1", "1.0"]}, f"{INVALID}Input collection contains duplicates."),
        ({"BS": ["QQ==", "QQ=="]}, f'{INVALID}Input collection ["QQ==","QQ=="]of type BS contains duplicates.'),
        ({"N": "x"}, "The parameter cannot be converted to a numeric value: x"),
        ({"NS": ["1", "x"]}, "The parameter cannot be converted to a numeric value: x"),
        ({"L": [{"S": "a"}, {}]}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        ({"M": {"a": {"NULL": False}}}, f"{INVALID}Null attribute value types must have the value of true"),
        ({"M": {"": {"S": "a"}}}, "Empty attribute name"),
        (wrapped(32, {"S": "a"}), TOO_DEEP),
        (wrapped(32, {"S": "a"}, "L"), TOO_DEEP),
        (wrapped(400, {"S": "a"}, "L"), TOO_DEEP),
    ],
)
def test_refused(value, message):
    before = copy.copy(value)
    with pytest.raises(ServiceError) as caught:
        check_value(value)
    assert (caught.value.spec.name, caught.value.message) == ("ValidationException", message)
    assert value == before


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"SS": ["b", "a", "b"]}, f"{INVALID}Input collection [b, a, b] contains duplicates."),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"BS": ["QQ==", "QQ=="]}, f"{INVALID}Input collection [QQ==, QQ==]of type BS contains duplicates."),
    ],
)
def test_duplicates_in_classic_words(value, message):
    with pytest.raises(ServiceError) as caught:
        check_value(value, "classic")
    assert caught.value.message == message


@pytest.mark.parametrize(
    "value",
    [
        {"S": ""},
        {"B": ""},
        {"N": "42.12"},
        {"BOOL": False},
        {"NULL": True},
        {"SS": [""]},
        {"NS": ["1", "2"]},
        {"BS": ["", "QQ=="]},
        {"L": []},
        {"M": {}},
        {"M": {"a": {"L": [{"N": "1"}, {"S": "x"}]}}},
        wrapped(31, {"S": "a"}),
        wrapped(31, {"S": "a"}, "L"),
    ],
)
def test_a_normal_value_stays_the_same_object(value):
    assert check_value(value) is value
    item = {"k": {"S": "v"}, "a": value}
    assert normalise_item(item) is item


def test_numbers_are_normalised_wherever_they_stand():
    item: dict[str, Any] = {
        "a": {"N": "01"},
        "b": {"NS": ["1.0", "2"]},
        "c": {"L": [{"S": "x"}, {"M": {"d": {"N": "1e2"}}}]},
        "e": {"S": "01"},
    }
    before = copy.deepcopy(item)
    assert normalise_item(item) == {
        "a": {"N": "1"},
        "b": {"NS": ["1", "2"]},
        "c": {"L": [{"S": "x"}, {"M": {"d": {"N": "100"}}}]},
        "e": {"S": "01"},
    }
    assert item == before


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "Empty attribute name"), ("\u20ac" * 21_846, "Attribute name is too large, must be less than 65536 bytes")],
)
def test_attribute_names(name, message):
    with pytest.raises(ServiceError) as caught:
        normalise_item({name: {"S": "x"}})
    assert caught.value.message == message


def test_the_longest_attribute_name():
    item = {"\u20ac" * 21_845: {"S": "x"}}
    assert normalise_item(item) is item


def test_depth_of_a_value_put_into_a_document():
    check_depth(wrapped(10, {"L": []}), 22)
    with pytest.raises(ServiceError, match="Nesting Levels have exceeded supported limits"):
        check_depth(wrapped(10, {"L": [{"S": "a"}]}), 22)
