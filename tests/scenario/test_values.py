"""The simple values, each with what it accepts and what it refuses."""

from __future__ import annotations

import pytest

from emulator.messages import EVERYTHING, NOTHING, Portion
from emulator.scenario.nodes import Source, read_nodes
from emulator.scenario.ranges import Amount, Amounts, Ordinals, OrdinalSet, Span, Spans
from emulator.scenario.reading import Reading, Refused, Value
from emulator.scenario.values import CHANCE, DURATION, DripRate, Duration, Flag, Portions, Text, Whole, one_of


def read(value: Value[object], text: str) -> object:
    source = Source("f", text)
    return value.read(read_nodes(source), Reading(source, {}))


@pytest.mark.parametrize(
    ("value", "text", "meaning"),
    [
        (DURATION, "250ms", 0.25),
        (DURATION, "2s", 2.0),
        (DURATION, "1.5m", 90.0),
        (DURATION, "35d", 35 * 86400.0),
        (DURATION, "0s", 0.0),
        (Duration(signed=True), "-10m", -600.0),
        (CHANCE, "0", 0.0),
        (CHANCE, "1", 1.0),
        (CHANCE, "1e-3", 0.001),
        (Whole(1), "7", 7),
        (Flag(), "true", True),
        (Flag(), "False", False),
        (one_of("reset", "close"), "close", "close"),
        (Text(), "12:30", "12:30"),
        (Text(), "'123'", "123"),
        (Spans(), "10s..40s", Span(10.0, 40.0)),
        (Spans(), "..40s", Span(0.0, 40.0)),
        (Spans(), "10s..", Span(10.0, None)),
        (Portions(), "nothing", NOTHING),
        (Portions(), "headers", Portion(head_only=True)),
        (Portions(), "50%", Portion(share=0.5)),
        (Portions(), "100%", EVERYTHING),
        (Portions(), "120B", Portion(size=120)),
        (Portions(), "4kB", Portion(size=4000)),
        (OrdinalSet(), "3", Ordinals("3", ((3, 3),))),
        (OrdinalSet(), "1..3", Ordinals("1..3", ((1, 3),))),
        (OrdinalSet(), "..3", Ordinals("..3", ((1, 3),))),
        (OrdinalSet(), "4..", Ordinals("4..", ((4, None),))),
        (OrdinalSet(), "every 5", Ordinals("every 5", (), 5)),
        (OrdinalSet(), "[4, 1]", Ordinals("[1, 4]", ((1, 1), (4, 4)))),
        (Amounts(), "3", Amount(3, 3)),
        (Amounts(), "0", Amount(0, 0)),
        (Amounts(), "1..3", Amount(1, 3)),
        (Amounts(), "..3", Amount(0, 3)),
        (Amounts(), "{min: 2}", Amount(2, None)),
        (Amounts(), "{min: 2, max: 4}", Amount(2, 4)),
    ],
)
def test_what_a_value_means(value: Value[object], text: str, meaning: object) -> None:
    assert read(value, text) == meaning


@pytest.mark.parametrize("text", ["3", "2..4", "..3", "4..", "every 3", "every 1", "[1, 4, 5, 9]"])
def test_the_next_ordinal_is_the_first_that_is_in_the_set(text: str) -> None:
    ordinals = read(OrdinalSet(), text)
    assert isinstance(ordinals, Ordinals)
    for ordinal in range(12):
        assert ordinals.after(ordinal) == next((one for one in range(ordinal + 1, 20) if one in ordinals), None)


@pytest.mark.parametrize(
    ("value", "text", "said"),
    [
        (DURATION, "250", "a duration needs its unit"),
        (DURATION, "-2s", "expected a duration"),
        (DURATION, "2 s", "expected a duration"),
        (DURATION, "2sec", "expected a duration"),
        (DURATION, "99999d", "too long"),
        (DURATION, "[2s]", "got a list"),
        (DURATION, "12:30", "expected a duration"),
        (CHANCE, "1.1", "expected a chance from 0 to 1"),
        (CHANCE, "-0.1", "expected a chance from 0 to 1"),
        (CHANCE, "30%", "expected a chance from 0 to 1"),
        (CHANCE, ".nan", "expected a chance from 0 to 1"),
        (CHANCE, "1e400", "expected a chance from 0 to 1"),
        (Whole(1), "0", "expected a whole number from 1"),
        (Whole(1), "1e3", "expected a whole number from 1"),
        (Whole(1), "1.0", "expected a whole number from 1"),
        (Whole(1), "010", "expected a whole number from 1"),
        (Whole(1), "'3'", "expected a whole number from 1"),
        (Whole(1), "9" * 500, "expected a whole number from 1"),
        (Flag(), "on", "write true"),
        (Flag(), "'true'", "expected true or false"),
        (Flag(), "1", "expected true or false"),
        (one_of("reset", "close"), "rest", "did you mean 'reset'?"),
        (Text(), "123", "quotes make it text: '123'"),
        (Text(), "true", "quotes make it text: 'true'"),
        (Text(), "010", "quotes make it text: '010'"),
        (Text(), "~", "got nothing"),
        (Text(longest=3), "abcd", "expected text"),
        (Spans(), "40s..10s", "must end after it starts"),
        (Spans(), "10s", "expected a stretch of time"),
        (Spans(), "..", "expected a stretch of time"),
        (Spans(), "1..2", "each end has its unit"),
        (Portions(), "50", "expected how much of the answer"),
        (Portions(), "150%", "expected how much of the answer"),
        (Portions(), "12", "expected how much of the answer"),
        (DripRate(), "100B", "expected a rate"),
        (DripRate(), "0B/s", "nothing goes out at a rate of 0"),
        (OrdinalSet(), "0", "counting starts at 1"),
        (OrdinalSet(), "0..2", "counting starts at 1"),
        (OrdinalSet(), "3..1", "did you mean 1..3?"),
        (OrdinalSet(), "..", "expected ordinals"),
        (OrdinalSet(), "1.5", "expected ordinals"),
        (OrdinalSet(), "every 0", "expected ordinals"),
        (OrdinalSet(), "[]", "the list has 0 ordinals"),
        (Amounts(), "3..1", "the smaller number comes first"),
        (Amounts(), "{min: 2, mx: 3}", "expected a count"),
        (Amounts(), "{}", "expected a count"),
    ],
)
def test_what_a_value_refuses(value: Value[object], text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read(value, text)
    assert said in f"{refused.value.message}; {refused.value.hint}"


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [("3", [3], [1, 2, 4]), ("2..3", [2, 3], [1, 4]), ("4..", [4, 10**9], [3]), ("every 5", [5, 10], [1, 6]), ("[1, 4]", [1, 4], [2, 5])],
)
def test_ordinals_hold_what_they_say(written: str, inside: list[int], outside: list[int]) -> None:
    ordinals = read(OrdinalSet(), written)
    assert isinstance(ordinals, Ordinals)
    assert all(number in ordinals for number in inside)
    assert not any(number in ordinals for number in outside)
