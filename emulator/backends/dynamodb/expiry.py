"""Which items expire when: the bookkeeping of a table's time to live. The table itself deletes expired items.

An item expires when the clock has passed the number of seconds in its TTL attribute. The live service takes hours or days to delete it;
here it is gone with the next request. A value that is no number, or lies more than five years back, never expires anything (Developer
Guide, "Using time to live").
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from emulator.aws.values import Item

_OLDEST = 5 * 365 * 86_400  # seconds
_SPARE = 64  # outdated entries that are not worth clearing away


class Expiry:
    """`attribute` holds the time. Entries of the heap are outdated unless `_times` agrees with them."""

    __slots__ = ("_heap", "_times", "attribute")

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self._heap: list[tuple[float, bytes]] = []
        self._times: dict[bytes, float] = {}

    def __len__(self) -> int:
        """How many entries are kept, outdated ones among them."""
        return len(self._heap)

    def track(self, key: bytes, item: Item | None) -> None:
        """Take note of an item as it is now; None for one that is gone."""
        time = None if item is None else self._time(item)
        if time == self._times.get(key):
            return
        if time is None:
            del self._times[key]
            return
        self._times[key] = time
        heappush(self._heap, (time, key))
        if len(self._heap) > 2 * len(self._times) + _SPARE:
            self._heap = [(time, key) for key, time in self._times.items()]
            heapify(self._heap)

    def due(self, now: float) -> list[bytes]:
        """The keys of the items that have expired, in the order in which they expired. Returns each of them once."""
        keys = []
        while self._heap and self._heap[0][0] < now:
            time, key = heappop(self._heap)
            if self._times.get(key) == time:
                del self._times[key]
                if time > now - _OLDEST:
                    keys.append(key)
        return keys

    def _time(self, item: Item) -> float | None:
        number = item.get(self.attribute, {}).get("N")
        return None if number is None else float(number)
