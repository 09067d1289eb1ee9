"""How much memory a body takes once it is parsed: up to thirty times its length. Estimated from what stands in it, since walking through it
would take as long as parsing.

The factors are measured with CPython 3.11 and orjson, on lists, objects, numbers and texts of every mixture; `tests/test_memory.py` holds
the estimates against what is really held."""

from __future__ import annotations

import sys
from typing import Any

# Bytes of a longer body, in which the commas and the quotes are worth counting, too
_SHORT = 2_048
_OF_OBJECT, _OF_LIST, _OF_ELEMENT, _OF_QUOTE = 180, 64, 32, 26
# An object in a short body, with the one or two texts that are mostly in it
_OF_TYPED_VALUE = 260


def estimated_size(body: bytes) -> int:
    """Of what a JSON body was parsed to, in bytes."""
    lists = _OF_LIST * body.count(b"[")
    if len(body) <= _SHORT:
        return len(body) + lists + _OF_TYPED_VALUE * body.count(b"{")
    return len(body) + lists + _OF_OBJECT * body.count(b"{") + _OF_ELEMENT * body.count(b",") + _OF_QUOTE * body.count(b'"')


def walked_size(value: Any) -> int:
    """Of a value, in bytes, for what no body tells: linear in it."""
    size, pending = 0, [value]
    while pending:
        one = pending.pop()
        size += sys.getsizeof(one)
        if isinstance(one, dict):
            pending.extend(one)
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return size
