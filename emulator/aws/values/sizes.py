"""How many bytes the service counts for a value: for the item limit, capacity, and page sizes.

Developer Guide, "DynamoDB item sizes and formats"; the cost of numbers and of list and map elements as measured to the byte
against the 400 KB limit by others (nubo-db/dynoxide#195, August 2026). Expects normal values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.aws.values.types import AttributeValue, Item


def item_size(item: Item) -> int:
    """Bytes of an item: its attribute names and values."""
    total = 0
    for name, value in item.items():
        for kind, content in value.items():
            total += len(name) if name.isascii() else len(name.encode())
            # Most attributes are strings
            total += len(content) if kind == "S" and content.isascii() else _SIZES[kind](content)
    return total


def value_size(value: AttributeValue) -> int:
    """Bytes of a value without its name."""
    for kind, content in value.items():
        return _SIZES[kind](content)
    raise ValueError("an attribute value has a type")


def number_size(number: str) -> int:
    """1 byte, plus 1 per two significant digits on either side of the point, plus 1 for a sign."""
    sign = number[0] == "-"
    whole, _, fraction = number[sign:].partition(".")
    if whole == "0":
        whole, fraction = "", fraction.lstrip("0")
    elif not fraction:
        whole = whole.rstrip("0")
    return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + sign


def binary_size(base64_text: str) -> int:
    """Bytes that padded base64 text stands for."""
    return len(base64_text) // 4 * 3 - base64_text.count("=", -2)


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _list_size(elements: list[AttributeValue]) -> int:
    return 3 + len(elements) + sum(map(value_size, elements))


def _map_size(members: Item) -> int:
    return 3 + len(members) + item_size(members)


def _one_byte(_: bool) -> int:
    return 1


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text_size,
    "N": number_size,
    "B": binary_size,
    "BOOL": _one_byte,
    "NULL": _one_byte,
    "SS": lambda members: sum(map(_text_size, members)),
    "NS": lambda members: sum(map(number_size, members)),
    "BS": lambda members: sum(map(binary_size, members)),
    "L": _list_size,
    "M": _map_size,
}
