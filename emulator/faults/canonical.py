"""One way to write a decoded value as bytes, whatever order its names came in: to compare, to remember, to draw from."""

from __future__ import annotations

import json
from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """Equal values give equal bytes. Never raises: what JSON has no words for is written as Python would."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Integers of more than 64 bits, halves of characters
        return json.dumps(value, default=_plain, sort_keys=True).encode()


def _plain(value: Any) -> str:
    return f"{type(value).__name__}:{value!r}"
