"""The two cohorts of sentences."""

from __future__ import annotations

import pytest

from emulator.aws.errors import EmulatorError
from emulator.aws.wording import (
    MOVES,
    NOT_MOVED,
    WORDING_NAMES,
    WORDINGS,
    Wording,
    Words,
    bad_expression_value,
    check_wording,
    duplicate_strings,
    envelope,
    not_a_number,
    values_without_expression,
    words_of,
)


def test_the_year_alone_is_its_latest_wording() -> None:
    assert [check_wording(name) for name in WORDING_NAMES] == ["2026-10", "2026-05", "classic", "2026-10"]


def test_an_unknown_wording_is_named_with_the_known_ones() -> None:
    with pytest.raises(EmulatorError, match="unknown wording '2025': it is one of 2026-10, 2026-05, classic, 2026"):
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
    ("operation", "words", "expected"),
    [
        ("PutItem", "2026", "1 validation error detected: no"),
        ("DeleteItem", "2026", "1 validation error detected: no"),
        ("PutItem", "classic", "no"),
        ("Query", "2026", "no"),
        ("BatchWriteItem", "2026", "no"),
    ],
)
def test_only_three_operations_wrap_and_only_in_2026(operation: str, words: Words, expected: str) -> None:
    assert envelope(operation, words, "no") == expected


def test_a_value_without_a_type_is_never_wrapped() -> None:
    sentence = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    assert envelope("PutItem", "2026", sentence) == sentence


@pytest.mark.parametrize(
    ("operation", "spoken"),
    [
        ("PutItem", {"2026-10": "2026", "2026-05": "2026", "classic": "classic"}),
        ("DeleteItem", {"2026-10": "2026", "2026-05": "classic", "classic": "classic"}),
        ("Query", {"2026-10": "2026", "2026-05": "classic", "classic": "classic"}),
        ("Scan", {"2026-10": "classic", "2026-05": "classic", "classic": "classic"}),
        ("ExecuteStatement", {"2026-10": "2026", "2026-05": "classic", "classic": "classic"}),
    ],
)
def test_each_operation_moved_at_its_own_time(operation: str, spoken: dict[Wording, Words]) -> None:
    assert {wording: words_of(operation, wording) for wording in WORDINGS} == spoken


def test_an_operation_has_moved_or_has_not_and_its_date_has_evidence() -> None:
    assert not {move.operation for move in MOVES} & NOT_MOVED.keys()
    assert all("2026" in seen for seen in (*NOT_MOVED.values(), *(move.seen for move in MOVES)))
