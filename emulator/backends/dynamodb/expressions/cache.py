"""Remembers what expressions were parsed to. Programs send the same few texts again and again, with other values; and a retry sends the
same values, too, as does every request whose condition has none, or whose state is one of a few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson

# Requests whose expressions are remembered with their names and values, of so many bytes of them at most
MAX_RESOLVED = 512
MAX_ASKED = 1024

_Parsed = TypeVar("_Parsed")
_Resolved = TypeVar("_Resolved")
_Context = TypeVar("_Context")


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


class Resolutions:
    """What the expressions of a request mean with their names and values put in. That depends on nothing else in the request, and the
    results are never changed. Expressions that are refused are not kept. Safe to share between threads."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[Any, bytes], Any] = {}

    def find(self, resolve: Callable[[Mapping[str, Any], _Context], _Resolved], params: Mapping[str, Any], context: _Context) -> _Resolved:
        """What `resolve(params, context)` returned before for the same expressions, names and values, or returns now; the context must be
        the same, too. Raises what it raises."""
        get = params.get
        wanted = [
            get("ConditionExpression"), get("UpdateExpression"), get("KeyConditionExpression"), get("FilterExpression"),
            get("ProjectionExpression"), get("ExpressionAttributeNames"), get("ExpressionAttributeValues"),
        ]  # fmt: skip
        try:
            asked = orjson.dumps(wanted)
        except TypeError:
            # Halves of characters
            return resolve(params, context)
        found: _Resolved | None = self._known.get((resolve, asked))
        if found is None:
            found = resolve(params, context)
            if len(asked) <= MAX_ASKED:
                if len(self._known) >= MAX_RESOLVED:
                    self._known.clear()
                self._known[resolve, asked] = found
        return found


NO_CACHE = SyntaxCache(0)
