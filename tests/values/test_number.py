"""Numbers: normal form, range, arithmetic, each against Python's own decimals."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.aws.errors import ServiceError
from emulator.aws.values import add, encode_key_part, normalise_number, number_size, subtract
from emulator.aws.values.order import compare

EXACT = Context(prec=1000)


def plain(number: Decimal) -> str:
    """Positional text without superfluous zeros, by Python's own formatting."""
    text = format(number.normalize(EXACT), "f")
    return "0" if number == 0 else text


@st.composite
def numbers(draw):
    """A number in range, as (text in some spelling, exact value)."""
    digits = draw(st.integers(1, 10 ** draw(st.integers(1, 38)) - 1))
    magnitude = draw(st.one_of(st.integers(-130, 125), st.integers(-20, 20)))
    value = Decimal(digits).scaleb(magnitude - len(str(digits)) + 1, EXACT)
    if draw(st.booleans()):
        value = value.copy_negate()
    spelling = draw(st.sampled_from(["plain", "science", "zeros"]))
    if spelling == "plain":
        return format(value, "f"), value
    if spelling == "science":
        return format(value, draw(st.sampled_from(["e", "E"]))), value
    text = format(value, "f")
    sign, text = ("-", text[1:]) if text[0] == "-" else ("+", text)
    return f"{sign}00{text}{'00' if '.' in text else '.00'}", value


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("0.0e126", "0"),
        ("0042.1200", "42.12"),
        ("+3", "3"),
        (".123", "0.123"),
        ("5.", "5"),
        ("0001.23", "1.23"),
        ("1e+5", "100000"),
        ("-1.50E-3", "-0.0015"),
        ("1E125", "1" + "0" * 125),
        ("1e-130", "0." + "0" * 129 + "1"),
        ("9" * 38, "9" * 38),
        ("100000000000000000000000000000000000000000", "1" + "0" * 41),
        ("0.00000000000000000000000000000000000000001", "0." + "0" * 40 + "1"),
    ],
)
def test_normal_form(text, normal):
    assert normalise_number(text) == normal


NO_NUMBER = "The parameter cannot be converted to a numeric value"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
DIGITS = "Attempting to store more than 38 significant digits in a Number"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc", f"{NO_NUMBER}: abc"),
        ("", f"{NO_NUMBER}: "),
        (" 5", f"{NO_NUMBER}:  5"),
        ("5 ", f"{NO_NUMBER}: 5 "),
        ("5\n", f"{NO_NUMBER}: 5\n"),
        (".", f"{NO_NUMBER}: ."),
        ("+e2", f"{NO_NUMBER}: +e2"),
        ("1+2", f"{NO_NUMBER}: 1+2"),
        ("1.2.3", f"{NO_NUMBER}: 1.2.3"),
        ("1e", f"{NO_NUMBER}: 1e"),
        ("0x10", f"{NO_NUMBER}: 0x10"),
        ("NaN", f"{NO_NUMBER}: NaN"),
        ("Infinity", f"{NO_NUMBER}: Infinity"),
        ("1_000", f"{NO_NUMBER}: 1_000"),
        ("\u0663", f"{NO_NUMBER}: \u0663"),
        ("1e99999999999", f"{NO_NUMBER}: 1e99999999999"),
        ("1e126", OVERFLOW),
        ("-1e126", OVERFLOW),
        ("0e126", OVERFLOW),
        ("1e2147483647", OVERFLOW),
        ("9.9e-131", UNDERFLOW),
        ("1" * 39, DIGITS),
        ("1.0000000000000000000000000000000000000000001", DIGITS),
    ],
)
def test_refused(text, message):
    with pytest.raises(ServiceError) as caught:
        normalise_number(text)
    assert caught.value.spec.name == "ValidationException"
    assert caught.value.message == message


def test_an_empty_number_in_classic_words():
    with pytest.raises(ServiceError) as caught:
        normalise_number("", "classic")
    assert caught.value.message == NO_NUMBER


def test_endless_digits_are_refused_without_effort():
    with pytest.raises(ServiceError, match="magnitude larger"):
        normalise_number("7" * 1_000_000)


@given(numbers())
def test_any_spelling_has_the_same_normal_form(number):
    text, value = number
    normal = normalise_number(text)
    assert normal == plain(value)
    assert normalise_number(normal) == normal


@pytest.mark.parametrize("function", [add, subtract])
@given(first=numbers(), second=numbers())
def test_arithmetic_is_exact_or_refused(function, first, second):
    left, right = normalise_number(first[0]), normalise_number(second[0])
    exact = EXACT.add(first[1], second[1]) if function is add else EXACT.subtract(first[1], second[1])
    exact = exact.normalize(EXACT)
    fits = exact == 0 or (len(exact.as_tuple().digits) <= 38 and -130 <= exact.adjusted() <= 125)
    if fits:
        assert function(left, right) == plain(exact)
    else:
        with pytest.raises(ServiceError, match=r"Number (over|under)flow"):
            function(left, right)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [("9" + "0" * 125, "9" + "0" * 125, OVERFLOW), ("1" + "0" * 50, "1", OVERFLOW)],
)
def test_sums_out_of_range(first, second, message):
    with pytest.raises(ServiceError) as caught:
        add(first, second)
    assert caught.value.message == message


def test_a_difference_below_the_range():
    with pytest.raises(ServiceError) as caught:
        subtract("0." + "0" * 129 + "11", "0." + "0" * 129 + "1")
    assert caught.value.message == UNDERFLOW


@given(numbers(), numbers())
def test_order_and_key_bytes_follow_the_values(first, second):
    left, right = ({"N": normalise_number(text)} for text, _ in (first, second))
    order = (first[1] > second[1]) - (first[1] < second[1])
    assert compare(left, right) == order
    left_key, right_key = encode_key_part(left), encode_key_part(right)
    assert (left_key > right_key) - (left_key < right_key) == order


@given(numbers())
def test_key_bytes_are_compact(number):
    assert len(encode_key_part({"N": normalise_number(number[0])})) <= 22


@pytest.mark.parametrize(
    ("number", "size"),
    [("0", 1), ("3.14159", 5), ("123456", 4), ("1" + "0" * 125, 2), ("27", 2), ("-27", 3), ("461", 3), ("0.05", 2), ("1.05", 3)],
)
def test_size(number, size):
    assert number_size(number) == size
