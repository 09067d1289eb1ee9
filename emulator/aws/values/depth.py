"""How deep JSON is nested. What is deeper than this can be read, but no library writes it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# Of lists and maps; values within limits need 70, and what conditions compare 210
MAX_DEPTH = 230


def may_be_deep(text: bytes) -> bool:
    """Whether JSON text has enough brackets to be nested too deep: False spares a closer look."""
    return text.count(b"[") + text.count(b"{") > MAX_DEPTH


def is_too_deep(value: Any) -> bool:
    """Whether lists and maps stand in each other deeper than MAX_DEPTH."""
    level = _containers([value])
    for _ in range(MAX_DEPTH):
        level = _containers(inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer))
        if not level:
            return False
    return True


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, (dict, list))]
