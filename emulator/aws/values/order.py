"""When two normal values are equal, which comes first, and bytes that sort as DynamoDB sorts keys."""

from __future__ import annotations

from base64 import b64decode

from emulator.aws.values.number import compare_numbers
from emulator.aws.values.types import SET_TYPES, AttributeValue, Item

# Digit pairs 00 to 99 read as two hexadecimal digits, to the bytes that stand for them
_PAIR_BYTES = bytes((byte >> 4) * 10 + (byte & 15) + 1 if byte & 15 < 10 and byte >> 4 < 10 else 0 for byte in range(256))
_NEGATIVE_PAIR_BYTES = bytes(102 - byte if byte else 0 for byte in _PAIR_BYTES)
_NEGATIVE_END = b"\x66"


def equal(left: AttributeValue, right: AttributeValue) -> bool:
    """Deep equality as conditions have it: sets without order, numbers by value, no two types equal."""
    if left == right:
        return True
    for kind, content in left.items():
        if kind not in right:
            return False
        other = right[kind]
        if kind in SET_TYPES:
            return len(content) == len(other) and set(content) == set(other)
        if kind == "L":
            return len(content) == len(other) and all(map(equal, content, other))
        if kind == "M":
            return _equal_maps(content, other)
    return False


def _equal_maps(left: Item, right: Item) -> bool:
    return left.keys() == right.keys() and all(equal(value, right[name]) for name, value in left.items())


def compare(left: AttributeValue, right: AttributeValue) -> int | None:
    """-1, 0 or 1; None where the types differ or have no order, which makes every comparison false."""
    for kind, content in left.items():
        other = right.get(kind)
        if other is None:
            return None
        if kind == "N":
            return compare_numbers(content, other)
        if kind == "S":
            # Python orders text by code point, which is the order of its UTF-8 bytes
            return int(content > other) - int(content < other)
        if kind == "B":
            return _compare_bytes(b64decode(content), b64decode(other))
    return None


def _compare_bytes(left: bytes, right: bytes) -> int:
    return (left > right) - (left < right)


def encode_key_part(value: AttributeValue) -> bytes:
    """Bytes whose order is the service's order of keys of one type: S by UTF-8, N by value, B by byte.

    The end of a part is not marked: only the last part of a composed key may go without a length or a separator.
    Raises ValueError for a type that cannot be a key."""
    for kind, content in value.items():
        if kind == "S":
            return content.encode()  # type: ignore[no-any-return]
        if kind == "N":
            return _encode_number(content)
        if kind == "B":
            return b64decode(content)
    raise ValueError(f"not a key value: {value}")


def _encode_number(number: str) -> bytes:
    """Sign and exponent to base 100 in one byte, then one byte per digit pair, and an end mark after a negative number.

    This is the variable-length format of Oracle's NUMBER, whose range, precision and cost in bytes are DynamoDB's."""
    if number == "0":
        return b"\x80"
    if number.isdecimal():
        # Most sort keys are whole numbers: half the work
        digits = number if len(number) % 2 == 0 else f"0{number}"
        return bytes((192 + len(digits) // 2,)) + bytes.fromhex(digits).rstrip(b"\0").translate(_PAIR_BYTES)
    negative = number[0] == "-"
    whole, _, fraction = number[negative:].partition(".")
    if len(whole) & 1:
        whole = "0" + whole
    if len(fraction) & 1:
        fraction += "0"
    pairs = bytes.fromhex(whole + fraction)
    mantissa = pairs.lstrip(b"\0")
    exponent = len(whole) // 2 - 1 - (len(pairs) - len(mantissa))
    mantissa = mantissa.rstrip(b"\0")
    if negative:
        return bytes((62 - exponent,)) + mantissa.translate(_NEGATIVE_PAIR_BYTES) + _NEGATIVE_END
    return bytes((193 + exponent,)) + mantissa.translate(_PAIR_BYTES)
