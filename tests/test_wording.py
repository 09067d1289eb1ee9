"""The two cohorts of sentences."""

from __future__ import annotations

import pytest

from emulator.errors import EmulatorError
from emulator.wording import WORDINGS, check_wording, envelope, sentence, wording_of


def test_both_cohorts_are_known() -> None:
    assert [check_wording(name) for name in WORDINGS] == ["2026", "classic"]


def test_an_unknown_wording_is_named_with_the_known_ones() -> None:
    with pytest.raises(EmulatorError, match="unknown wording '2025': it is one of 2026, classic"):
        check_wording("2025")


def test_a_sentence_differs_by_cohort() -> None:
    tail = "ConditionExpression is null"
    assert sentence("values-without-expression", "classic", nulls=tail).endswith(": ConditionExpression is null")
    assert not sentence("values-without-expression", "2026", nulls=tail).endswith("null")


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
def test_only_three_operations_wrap_and_only_in_2026(operation: str, wording: str, expected: str) -> None:
    assert envelope(operation, wording, "no") == expected


def test_operations_that_have_not_moved_keep_the_classic_words() -> None:
    assert wording_of("Scan", "2026") == "classic"
    assert wording_of("Query", "2026") == "2026"
    assert wording_of("Query", "classic") == "classic"
