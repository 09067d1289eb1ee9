"""Records in the order of their keys: what a table and each of its indexes keep their items in.

Everything is reached through bytes (see `keys`): one item by its key, a page by two bounds. No locking here; whoever owns
a collection guards it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

from sortedcontainers import SortedDict

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.history import Past, PastRecords
from emulator.backends.dynamodb.records import Record, head_of, size_of


@dataclass(slots=True)
class RecordPage:
    """`last` is the key of the last record where more may follow, None at the end of the range. `size` in bytes."""

    records: list[Record]
    size: int
    last: bytes | None


class OrderedRecords:
    """Records by key, with their number and their total size in bytes kept up to date. `past` is what the history has of
    them."""

    __slots__ = ("_records", "get", "past", "size")

    def __init__(self) -> None:
        self._records = SortedDict()
        self.get = self._records.get
        self.past = Past()
        self.size = 0

    def as_of(self, moment: float) -> OrderedRecords:
        """The records as they were at that time, as far as that is remembered. Only to be read, and only under the lock of the present
        ones."""
        then = copy(self)
        then._records = PastRecords(self._records, self.past, moment)
        then.get = then._records.get
        return then

    def __len__(self) -> int:
        return len(self._records)

    def put(self, key: bytes, record: Record) -> None:
        old = self.get(key)
        if old is None:
            self._records[key] = record
            self.size += size_of(record)
        else:
            # The order stays as it is
            dict.__setitem__(self._records, key, record)
            self.size += size_of(record) - size_of(old)

    def remove(self, key: bytes) -> None:
        """Raises KeyError where there is no such record."""
        self.size -= size_of(self._records.pop(key))

    def page(self, low: bytes, high: bytes | None, *, backward: bool, limit: int | None, byte_limit: int) -> RecordPage:
        """The records with low <= key < high, from either end, as many as fit both limits, but at least one.

        `high` None: to the end. Meeting `limit` counts as more to follow, whether or not there is more."""
        records: list[Record] = []
        total = 0
        last = None
        for key in self._records.irange(low, high, inclusive=(True, False), reverse=backward):
            record = self._records[key]
            (size,) = head_of(record)
            if records and total + size > byte_limit:
                return RecordPage(records, total, last)
            records.append(record)
            total += size
            last = key
            if len(records) == limit:
                return RecordPage(records, total, last)
        return RecordPage(records, total, None)

    def size_within(self, low: bytes, high: bytes) -> int:
        """Bytes of the records with low <= key < high."""
        return sum(size_of(self._records[key]) for key in self._records.irange(low, high, inclusive=(True, False)))

    def snapshot(self) -> dict[bytes, Record]:
        """The records as they are now, in no particular order."""
        # The plain dict's own items: going through the sorted keys takes three times as long
        return dict(dict.items(self._records))

    def fill(self, records: Mapping[bytes, Record]) -> None:
        """Take over many records at once; there must be none yet under their keys."""
        self._records.update(records)
        self.size += sum(map(size_of, records.values()))

    def all(self) -> list[tuple[bytes, Record]]:
        return list(self._records.items())
