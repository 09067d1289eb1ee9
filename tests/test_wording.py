"""The two cohorts of sentences."""

from __future__ import annotations

import pytest

from emulator.aws.errors import EmulatorError
from emulator.aws.wording import (
    WORDINGS,
    Wording,
    bad_expression_value,
    check_wording,
    duplicate_strings,
    envelope,
    not_a_number,
    values_without_expression,
    wording_of,
)


def test_both_cohorts_are_known() -> None:
    assert [check_wording(name) for name in WORDINGS] == ["2026", "classic"]


def test_an_unknown_wording_is_named_with_the_known_ones() -> None:
    with pytest.raises(EmulatorError, match="unknown wording '2025': it is one of 2026, classic"):
        check_wording("2025")


def test_values_without_an_expression_name_what_is_null_only_in_classic_words() -> None:
    tail = "ConditionExpression is null"
    assert values_without_expression("classic", tail).endswith(": ConditionExpression is null")
    assert values_without_expression("2026", tail) == "ExpressionAttributeValues can only be specified when using expressions"


def test_a_bad_expression_value_is_placed_only_in_classic_words() -> None:
    assert bad_expression_value("2026", "No {good}", ":v") == "No {good}"
    assert bad_expression_value("classic", "No", ":v") == "ExpressionAttributeValues contains invalid value: No for key :v"


def test_an_empty_number_keeps_its_colon_only_in_2026() -> None:
    assert not_a_number("2026", "").endswith("value: ")
    assert not_a_number("classic", "").endswith("value")
    assert not_a_number("classic", "x").endswith("value: x")


def test_duplicates_are_sorted_and_quoted_in_2026_and_as_sent_before() -> None:
    assert 'Input collection ["a", "b", "b"] contains' in duplicate_strings("2026", ["b", "a", "b"])
    assert "Input collection [b, a, b] contains" in duplicate_strings("classic", ["b", "a", "b"])


@pytest.mark.parametrize(
    ("operation", "wording", "expected"),
    [
        ("PutItem", "2026", "1 validation error detected: no"),
        ("DeleteItem", "2026", "1 validation error detected: no"),
        ("PutItem", "classic", "no"),
        ("Query", "2026", "no"),
        ("BatchWriteItem", "2026", "no"),
    ],
)
def test_only_three_operations_wrap_and_only_in_2026(operation: str, wording: Wording, expected: str) -> None:
    assert envelope(operation, wording, "no") == expected


def test_a_value_without_a_type_is_never_wrapped() -> None:
    sentence = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    assert envelope("PutItem", "2026", sentence) == sentence


def test_operations_that_have_not_moved_keep_the_classic_words() -> None:
    assert wording_of("Scan", "2026") == "classic"
    assert wording_of("Query", "2026") == "2026"
    assert wording_of("Query", "classic") == "classic"
