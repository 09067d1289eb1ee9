"""A mapping that forgets what is old: clients may invent as many keys as they like."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
B = TypeVar("B", bound="Bounded[Any, Any]")


class Bounded(Generic[K, V]):
    """The latest entries: as many as `most` at least, and at most twice as many. One that is asked for counts as new.

    Forgetting many at once costs less than one at a time. A value is never None."""

    __slots__ = ("_before", "_latest", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._latest: dict[K, V] = {}
        self._before: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        found = self._latest.get(key)
        if found is None and key in self._before:
            self[key] = found = self._before.pop(key)
        return found

    def __setitem__(self, key: K, value: V) -> None:
        self._latest[key] = value
        if len(self._latest) >= self._most:
            self._turn_over()

    def _turn_over(self) -> None:
        self._before, self._latest = self._latest, {}

    def items(self) -> Iterator[tuple[K, V]]:
        """All of them, the oldest first."""
        yield from self._before.items()
        yield from self._latest.items()

    def copy(self: B) -> B:
        twin = copy(self)
        twin._latest, twin._before = self._latest.copy(), self._before.copy()
        return twin

    def __len__(self) -> int:
        return len(self._before) + len(self._latest)


class Numbering(Bounded[K, int]):
    """Numbers what comes, from 1; what comes again while it is remembered has the number that it had."""

    __slots__ = ("_last",)

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._last = 0

    def number(self, key: K) -> int:
        latest = self._latest
        number = latest.get(key)
        if number is None:
            number = self._before.pop(key, None)
            if number is None:
                self._last = number = self._last + 1
            latest[key] = number
            if len(latest) >= self._most:
                self._turn_over()
        return number
