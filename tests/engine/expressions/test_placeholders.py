"""ExpressionAttributeNames and ExpressionAttributeValues: their own checks, the order of those, and who was used."""

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.expressions import Placeholders, parse_condition, parse_projection, parse_update


def refusal(*arguments):
    with pytest.raises(ServiceError) as caught:
        Placeholders(*arguments)
    assert caught.value.spec.name == "ValidationException"
    return caught.value.message


NUMBER = {"N": "1"}


@pytest.mark.parametrize(
    ("names", "values", "message"),
    [
        ({}, None, "ExpressionAttributeNames must not be empty"),
        (None, {}, "ExpressionAttributeValues must not be empty"),
        ({}, {}, "ExpressionAttributeNames must not be empty"),
        ({"a": "x"}, None, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
        ({"#": "x"}, None, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#"'),
        ({"##a": "x"}, None, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "##a"'),
        ({"#a-b": "x"}, None, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"'),
        ({"#a\n": "x"}, None, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#a\n"'),
        (None, {"pid": NUMBER}, 'ExpressionAttributeValues contains invalid key: Syntax error; key: "pid"'),
        (None, {":a.b": NUMBER}, 'ExpressionAttributeValues contains invalid key: Syntax error; key: ":a.b"'),
        ({"#a": "x", "b": "y"}, {"c": NUMBER}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "b"'),
        (None, {":a": {"N": "x"}, "b": NUMBER}, 'ExpressionAttributeValues contains invalid key: Syntax error; key: "b"'),
    ],
)
def test_keys(names, values, message):
    assert refusal(names, values) == message


def test_keys_of_255_bytes():
    longest = "#" + "a" * 254
    Placeholders({longest: "x"}, None)
    assert "key that is too long" in refusal({longest + "a": "x"}, None)
    assert "key that is too long" in refusal(None, {":" + "-" * 255: NUMBER})


def test_values_are_checked_and_brought_into_normal_form():
    update = parse_update("SET a = :v", Placeholders(None, {":v": {"N": "1.50"}}))
    assert update.apply({}) == {"a": {"N": "1.5"}}
    empty = "One or more parameter values were invalid: An string set  may not be empty"
    assert refusal(None, {":v": {"SS": []}}) == empty
    assert refusal(None, {":v": {"SS": []}}, "classic") == f"ExpressionAttributeValues contains invalid value: {empty} for key :v"
    duplicates = "ExpressionAttributeValues contains invalid value: Input collection contains duplicates for key :_p2"
    assert refusal(None, {":_p2": {"NS": ["1", "1"]}}, "classic") == duplicates


def test_attribute_names_are_checked():
    assert refusal({"#n": ""}, None) == "Empty attribute name"
    assert refusal({"#n": "x" * 65_536}, None) == "Attribute name is too large, must be less than 65536 bytes"
    classic = "ExpressionAttributeNames contains invalid value: Empty attribute name for key #n"
    assert refusal({"#n": ""}, None, "classic") == classic


def test_all_must_be_used_names_first():
    placeholders = Placeholders({"#a": "a", "#b": "b", "#c": "c"}, {":v": NUMBER, ":w": NUMBER})
    unused = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b, #c}"
    with pytest.raises(ServiceError) as caught:
        placeholders.check_all_used()
    assert caught.value.message == unused
    parse_projection("#a.#b", placeholders)
    parse_condition("#c = :w", placeholders)
    with pytest.raises(ServiceError) as caught:
        placeholders.check_all_used()
    assert caught.value.message == "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"
    parse_update("ADD #a :v", placeholders)
    placeholders.check_all_used()
