"""Equality, order, key bytes and sizes of values."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.aws.values import compare, encode_key_part, equal, item_size, value_size


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"S": "a"}, {"S": "a"}, True),
        ({"S": "1"}, {"N": "1"}, False),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}, True),
        ({"SS": ["a", "b"]}, {"SS": ["b"]}, False),
        ({"NS": ["1"]}, {"SS": ["1"]}, False),
        ({"L": [{"NS": ["1", "2"]}]}, {"L": [{"NS": ["2", "1"]}]}, True),
        ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}, False),
        ({"L": [{"N": "1"}]}, {"L": [{"N": "1"}, {"N": "1"}]}, False),
        ({"M": {"a": {"BS": ["QQ==", ""]}}}, {"M": {"a": {"BS": ["", "QQ=="]}}}, True),
        ({"M": {"a": {"S": "x"}}}, {"M": {"b": {"S": "x"}}}, False),
        ({"NULL": True}, {"BOOL": True}, False),
    ],
)
def test_equal(left, right, expected):
    assert equal(left, right) is expected
    assert equal(right, left) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"S": "a"}, {"S": "b"}, -1),
        ({"S": "Z"}, {"S": "a"}, -1),
        ({"S": "\uffff"}, {"S": "\U00010000"}, -1),
        ({"S": ""}, {"S": ""}, 0),
        ({"N": "10"}, {"N": "9"}, 1),
        ({"N": "-1"}, {"N": "0"}, -1),
        ({"N": "1.5"}, {"N": "1.50001"}, -1),
        ({"B": "/w=="}, {"B": "AA=="}, 1),
        ({"S": "1"}, {"N": "1"}, None),
        ({"BOOL": True}, {"BOOL": False}, None),
        ({"SS": ["a"]}, {"SS": ["a"]}, None),
        ({"L": []}, {"L": []}, None),
    ],
)
def test_compare(left, right, expected):
    assert compare(left, right) == expected


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, TEXT)
def test_text_sorts_by_its_utf8_bytes(left, right):
    first, second = encode_key_part({"S": left}), encode_key_part({"S": right})
    assert compare({"S": left}, {"S": right}) == (first > second) - (first < second)
    assert (first == second) == (left == right)


@given(st.binary(), st.binary())
def test_binary_sorts_by_byte(left, right):
    first, second = ({"B": b64encode(value).decode()} for value in (left, right))
    assert compare(first, second) == (left > right) - (left < right)
    assert encode_key_part(first) == left


def test_other_types_are_no_keys():
    with pytest.raises(ValueError, match="not a key value"):
        encode_key_part({"BOOL": True})


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "\u20ac"}, 3),
        ({"N": "0"}, 1),
        ({"B": ""}, 0),
        ({"B": "QQ=="}, 1),
        ({"B": "QUI="}, 2),
        ({"B": "QUJD"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "123"]}, 5),
        ({"BS": ["QQ==", "QUI="]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "a"}, {"S": "b"}]}, 7),
        ({"M": {}}, 3),
        ({"M": {"ab": {"S": "c"}}}, 7),
    ],
)
def test_value_size(value, size):
    assert value_size(value) == size
    assert item_size({"k\u00e9": value}) == size + 3


@given(st.binary())
def test_binary_counts_its_raw_bytes(raw):
    assert value_size({"B": b64encode(raw).decode()}) == len(raw)
