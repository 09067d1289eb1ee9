"""A mapping that forgets what is old: clients may invent as many keys as they like."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


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
        if len(self._latest) > self._most:
            self._before, self._latest = self._latest, {}

    def setdefault(self, key: K, value: V) -> V:
        """What is there; where nothing is, the value from now on."""
        found = self._latest.get(key)
        if found is None:
            self[key] = found = self._before.pop(key, value)
        return found

    def items(self) -> Iterator[tuple[K, V]]:
        """All of them, the oldest first."""
        yield from self._before.items()
        yield from self._latest.items()

    def copy(self) -> Bounded[K, V]:
        twin = copy(self)
        twin._latest, twin._before = self._latest.copy(), self._before.copy()
        return twin

    def __len__(self) -> int:
        return len(self._before) + len(self._latest)
