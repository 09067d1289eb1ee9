"""A mapping that forgets what is old: clients may invent as many keys as they like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy, deepcopy
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


class Numbering(Generic[K]):
    """Numbers what comes, from 1. The latest are remembered, as many as `most` at least, and at most twice as many.

    One that is new is only put behind the others: they are looked up no sooner than somebody asks for one again."""

    __slots__ = ("_base", "_before", "_keys", "_most", "_numbers", "_sorted")

    def __init__(self, most: int) -> None:
        self._most = most
        self._base = 0
        self._keys: list[K] = []
        # The numbers of those that were there when somebody asked last
        self._numbers: dict[K, int] = {}
        self._sorted = 0
        self._before: Numbering[K] | None = None

    def add(self, key: K) -> int:
        """The number of one that has not come before."""
        self.extend((key,))
        return self.last

    def extend(self, keys: Iterable[K]) -> None:
        """Number some that have not come before, in this order. There may be that many more then for a while."""
        self._keys += keys
        if len(self._keys) >= self._most:
            self._before = copy(self)
            self._before._before = None
            self._base, self._keys, self._numbers, self._sorted = self.last, [], {}, 0

    def number(self, key: K) -> int:
        """The number of one that may have come before."""
        return self.known(key) or self.add(key)

    def known(self, key: K) -> int:
        """The number of one that has come before; 0 for one that has not, or is forgotten."""
        return self._known(key) or (self._before._known(key) if self._before is not None else 0)

    @property
    def last(self) -> int:
        """The number that was given last, 0 for none."""
        return self._base + len(self._keys)

    def _known(self, key: K) -> int:
        for place in range(self._sorted, len(self._keys)):
            self._numbers.setdefault(self._keys[place], self._base + place + 1)
        self._sorted = len(self._keys)
        return self._numbers.get(key, 0)

    def copy(self) -> Numbering[K]:
        return deepcopy(self)

    def __len__(self) -> int:
        return len(self._keys) + (len(self._before._keys) if self._before is not None else 0)
