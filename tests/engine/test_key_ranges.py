"""Ranges of keys that consist of several attributes."""

from __future__ import annotations

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.expressions import KeyClause
from emulator.backends.dynamodb.key_ranges import key_range
from emulator.backends.dynamodb.keys import KeyAttribute, KeySchema, delimit, hash_prefix

WIDE = KeySchema(
    (KeyAttribute("h1", "S"), KeyAttribute("h2", "S")),
    (KeyAttribute("r1", "S"), KeyAttribute("r2", "S"), KeyAttribute("r3", "S")),
)
STORED = [("a", "1", "x"), ("a", "1", "y"), ("a", "2", "x"), ("ab", "1", "x"), ("b", "1", "x")]


def _clause(text: str) -> KeyClause:
    """Such as "r1 = a" or "r2 between 1 2"."""
    attribute, operator, *values = text.split()
    return KeyClause(attribute, operator, tuple({"S": value} for value in values))


def _found(*clauses: str) -> list[tuple[str, ...]]:
    keys = key_range(WIDE, [_clause(clause) for clause in ("h1 = p", "h2 = q", *clauses)])
    partition = hash_prefix([b"p", b"q"])
    assert keys.partition == partition
    encoded = {item: partition + b"".join(delimit(part.encode()) for part in item) + b"primary" for item in STORED}
    return [item for item in STORED if keys.low <= encoded[item] < keys.high]


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ((), STORED),
        (("r1 = a",), STORED[:3]),
        (("r1 begins_with a",), STORED[:4]),
        (("r2 = 1", "r1 = a"), STORED[:2]),
        (("r1 = a", "r2 > 1"), STORED[2:3]),
        (("r1 = a", "r2 = 1", "r3 <= x"), STORED[:1]),
        (("r1 = a", "r2 = 1", "r3 between x y"), STORED[:2]),
        (("r1 > a",), STORED[3:]),
    ],
)
def test_conditions_narrow_from_the_left(clauses: tuple[str, ...], expected: list[tuple[str, ...]]) -> None:
    assert _found(*clauses) == expected


UNEQUAL = "RANGE key attributes {} must have equality conditions specified in the query because a condition is present on key attribute {}"


@pytest.mark.parametrize(
    ("clauses", "text"),
    [
        (("r2 = 1",), UNEQUAL.format("r1", "r2")),
        (("r1 = a", "r3 = x"), UNEQUAL.format("r2", "r3")),
        (("r3 = x",), UNEQUAL.format("r1, r2", "r3")),
        (("r1 > a", "r2 = 1"), UNEQUAL.format("r1", "r2")),
        (
            ("r1 = a", "r2 = 1", "r3 = x", "r4 = x"),
            "The number of query conditions (6) exceeds the number of key attributes defined in the schema (5)",
        ),
    ],
)
def test_no_attribute_is_left_out_and_only_the_last_may_be_open(clauses: tuple[str, ...], text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        _found(*clauses)
    assert caught.value.message == text
