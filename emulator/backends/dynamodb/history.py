"""Earlier versions of records, so that reads can see the past. They are kept only while somebody asks for that, and only so long.

Code that changes a record notes the old one here first, under the engine's lock; `OrderedRecords.as_of` reads what was noted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import merge
from typing import NamedTuple

from sortedcontainers import SortedDict

from emulator.backends.dynamodb.records import Record
from emulator.clock import Clock

# Beyond these the oldest changes are forgotten: a read from further back sees the oldest that is left
MAX_CHANGES = 200_000
MAX_BYTES = 128 * 1024 * 1024
_OVERHEAD = 400  # bytes that a change costs beside its record


class Version(NamedTuple):
    """What a record was until that time, in seconds of `Clock.elapsed()`; None: there was none."""

    until: float
    record: Record | None


class Past:
    """The earlier versions of the records of one collection, oldest first."""

    __slots__ = ("_versions",)

    def __init__(self) -> None:
        self._versions = SortedDict()

    def add(self, key: bytes, version: Version) -> None:
        self._versions.setdefault(key, deque()).append(version)

    def forget_oldest(self, key: bytes) -> None:
        versions = self._versions[key]
        versions.popleft()
        if not versions:
            del self._versions[key]

    def version(self, key: bytes, moment: float) -> Version | None:
        """What the record was at that time; None if it has not changed since."""
        return next((version for version in self._versions.get(key, ()) if version.until > moment), None)

    def keys(self, low: bytes, high: bytes | None, *, backward: bool) -> Iterator[bytes]:
        found: Iterator[bytes] = self._versions.irange(low, high, inclusive=(True, False), reverse=backward)
        return found


class _Change(NamedTuple):
    """Something that was noted: where, when, and what it costs in bytes."""

    past: Past
    key: bytes
    moment: float
    cost: int


class History:
    """The changes of the last `seconds` by the emulator's clock, of all collections of an engine; none where that is 0."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds = 0.0
        self._latest = 0.0
        self._changes: deque[_Change] = deque()
        self._bytes = 0

    def keep(self, seconds: float) -> None:
        """Remember changes for so long from now on."""
        self.seconds = seconds
        self._forget_until(self.moment() - seconds)

    def moment(self) -> float:
        """The time at which to note a change: that of the clock, but never before the change before."""
        self._latest = max(self._latest, self._clock.elapsed())
        return self._latest

    def note(self, moment: float, past: Past, key: bytes, old: Record | None) -> None:
        """Note that a record is about to change; `old` is what it is now, None for no record."""
        past.add(key, Version(moment, old))
        cost = _OVERHEAD + (0 if old is None else len(old))
        self._changes.append(_Change(past, key, moment, cost))
        self._bytes += cost
        self._forget_until(moment - self.seconds)

    def _forget_until(self, moment: float) -> None:
        changes = self._changes
        while changes and (changes[0].moment <= moment or len(changes) > MAX_CHANGES or self._bytes > MAX_BYTES):
            past, key, _, cost = changes.popleft()
            past.forget_oldest(key)
            self._bytes -= cost


class PastRecords:
    """The records of a collection as they were: as much of a sorted mapping as reading asks for."""

    __slots__ = ("_moment", "_past", "_present")

    def __init__(self, present: SortedDict, past: Past, moment: float) -> None:
        self._present = present
        self._past = past
        self._moment = moment

    def get(self, key: bytes) -> Record | None:
        version = self._past.version(key, self._moment)
        if version is not None:
            return version.record
        record: Record | None = self._present.get(key)
        return record

    def __getitem__(self, key: bytes) -> Record:
        record = self.get(key)
        if record is None:
            raise KeyError(key)
        return record

    def irange(self, low: bytes, high: bytes | None, *, inclusive: tuple[bool, bool], reverse: bool = False) -> Iterator[bytes]:
        """The keys with low <= key < high that were there."""
        present = self._present.irange(low, high, inclusive=inclusive, reverse=reverse)
        latest = None
        for key in merge(present, self._past.keys(low, high, backward=reverse), reverse=reverse):
            if key != latest and self.get(key) is not None:
                yield key
            latest = key
