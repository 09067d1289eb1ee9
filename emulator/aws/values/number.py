"""Numbers: decimal text of at most 38 significant digits between 1e-130 and 9.99e125, exact, never floats.

Normal form is expanded and trimmed as the service stores it: `0042.1200` is `42.12`, `1E125` is 1 and 125 zeros, zero is
`0` whatever its sign. Limits: Developer Guide, "Naming rules and data types", and answers of the live service.
"""

from __future__ import annotations

import re

from emulator.aws.errors import ServiceError
from emulator.aws.wording import Words, not_a_number

MAX_DIGITS = 38
MAX_MAGNITUDE = 125
MIN_MAGNITUDE = -130

_OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
_UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
_TOO_MANY_DIGITS = "Attempting to store more than 38 significant digits in a Number"

# Whether a text is a number in normal form, of 38 characters at most, as nearly all numbers are
is_plain_number = re.compile(r"(?!.{39})(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])", re.ASCII).fullmatch
_GENERAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,10}))?", re.ASCII).fullmatch


class ContentError(ServiceError):
    """The text of a number or the members of a set cannot be what they are: the service finds that out while it reads a value, and
    says nothing of where the value stood."""


def normalise_number(text: str, wording: Words = "2026") -> str:
    """The normal form of a number. Raises ServiceError (ValidationException) for text that is none, or out of range."""
    if is_plain_number(text):
        return text
    match = _GENERAL(text)
    if match is None:
        raise ContentError("ValidationException", not_a_number(wording, text))
    sign, whole, fraction, exponent = match.groups("")
    if not whole and not fraction:
        raise ContentError("ValidationException", not_a_number(wording, text))
    power = int(exponent or 0) - len(fraction)
    digits = (whole + fraction).lstrip("0")
    # A zero counts by its exponent, too: the live service refuses 0e126 and takes 0.0e126
    _check_magnitude((len(digits) or 1) + power - 1)
    trimmed = digits.rstrip("0")
    if len(trimmed) > MAX_DIGITS:
        raise ContentError("ValidationException", _TOO_MANY_DIGITS)
    return _expand(sign == "-", trimmed, power + len(digits) - len(trimmed))


def add(augend: str, addend: str) -> str:
    """The exact sum of two normal numbers. Raises ServiceError where it takes more than 38 digits or leaves the range."""
    if len(augend) < 18 and len(addend) < 18 and "." not in augend and "." not in addend:
        return str(int(augend) + int(addend))
    return _sum(*_scaled(augend), *_scaled(addend))


def subtract(minuend: str, subtrahend: str) -> str:
    """The exact difference of two normal numbers. Raises ServiceError as `add` does."""
    unscaled, power = _scaled(subtrahend)
    return _sum(*_scaled(minuend), -unscaled, power)


def compare_numbers(left: str, right: str) -> int:
    """-1, 0 or 1 as the normal number `left` is less than, equal to or greater than `right`."""
    if left == right:
        return 0
    (first, first_power), (second, second_power) = _scaled(left), _scaled(right)
    if first_power != second_power:
        power = min(first_power, second_power)
        first *= 10 ** (first_power - power)
        second *= 10 ** (second_power - power)
    return -1 if first < second else 1


def _check_magnitude(magnitude: int) -> None:
    if magnitude > MAX_MAGNITUDE:
        raise ContentError("ValidationException", _OVERFLOW)
    if magnitude < MIN_MAGNITUDE:
        raise ContentError("ValidationException", _UNDERFLOW)


def _expand(negative: bool, digits: str, power: int) -> str:
    if not digits:
        return "0"
    if power >= 0:
        text = digits + "0" * power
    elif len(digits) > -power:
        text = f"{digits[:power]}.{digits[power:]}"
    else:
        text = f"0.{'0' * (-power - len(digits))}{digits}"
    return "-" + text if negative else text


def _scaled(normal: str) -> tuple[int, int]:
    whole, _, fraction = normal.partition(".")
    return int(whole + fraction), -len(fraction)


def _sum(first: int, first_power: int, second: int, second_power: int) -> str:
    power = min(first_power, second_power)
    total = first * 10 ** (first_power - power) + second * 10 ** (second_power - power)
    if not total:
        return "0"
    digits = str(abs(total))
    _check_magnitude(len(digits) + power - 1)
    trimmed = digits.rstrip("0")
    if len(trimmed) > MAX_DIGITS:
        # The live service says "overflow" here, not "more than 38 significant digits": 1e50 + 1
        raise ContentError("ValidationException", _OVERFLOW)
    return _expand(total < 0, trimmed, power + len(digits) - len(trimmed))
