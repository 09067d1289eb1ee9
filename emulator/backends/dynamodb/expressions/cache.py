"""Remembers what expressions were parsed to. Programs send the same few texts again and again, with other values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_Parsed = TypeVar("_Parsed")


class SyntaxCache:
    """Parsed texts, at most `limit` of them; the one that would be too many empties the cache. Only what was parsed without
    an error is kept, so a refusal always names the parameter of its own request. Safe to share between threads."""

    __slots__ = ("_limit", "_parsed")

    def __init__(self, limit: int = 2048) -> None:
        self._limit = limit
        self._parsed: dict[tuple[Any, str], Any] = {}

    def parsed(self, parse: Callable[[str, str], _Parsed], text: str, parameter: str) -> _Parsed:
        """What `parse(text, parameter)` returned before, or returns now. Raises what it raises."""
        found: _Parsed | None = self._parsed.get((parse, text))
        if found is None:
            found = parse(text, parameter)
            if len(self._parsed) >= self._limit:
                self._parsed.clear()
            if self._limit:
                self._parsed[parse, text] = found
        return found


NO_CACHE = SyntaxCache(0)
