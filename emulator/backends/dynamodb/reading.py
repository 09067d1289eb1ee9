"""Reading a page: what Query and Scan have in common once they know which range of keys they are after.

A page is taken under the lock as records; filter and projection work on it afterwards, outside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.values import Item
from emulator.backends.dynamodb.capacity import Usage, consumed, read_units
from emulator.backends.dynamodb.expressions import Condition, Projection
from emulator.backends.dynamodb.indexes import Index
from emulator.backends.dynamodb.keys import KeySchema
from emulator.backends.dynamodb.limits import PAGE_BYTES
from emulator.backends.dynamodb.ordered import OrderedRecords, RecordPage
from emulator.backends.dynamodb.records import Record, decode, size_of, splice, splice_all
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table


@dataclass(frozen=True, slots=True)
class ReadSource:
    """What is read: a table, or one of its indexes."""

    table: Table
    index: Index | None = None

    @property
    def records(self) -> OrderedRecords:
        return self.table.records if self.index is None else self.index.records

    @property
    def key(self) -> KeySchema:
        return self.table.key.schema if self.index is None else self.index.key

    @property
    def key_names(self) -> tuple[str, ...]:
        """The attributes of a LastEvaluatedKey: those of the index, and those of the table."""
        own = self.table.key.names
        return own if self.index is None else tuple(dict.fromkeys((*self.index.key.names, *own)))

    def holds(self, names: Iterable[str]) -> bool:
        """True where all these attributes can be read here without going to the table."""
        return self.index is None or self.index.projected is None or self.index.projected.issuperset(names)


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """`fetches`: items are completed from the table, since the index does not hold all that is wanted of them. `counts_only`:
    the items themselves are not wanted. `mode` is how the capacity is reported, None for not at all."""

    source: ReadSource
    table_name: str
    filter: Condition | None
    projection: Projection | None
    counts_only: bool
    fetches: bool
    consistent: bool
    limit: int | None
    mode: str | None


def read(state: State, reading: ReadPlan, low: bytes, high: bytes | None, *, backward: bool) -> dict[str, Any]:
    """The answer for the keys with low <= key < high."""
    source = reading.source
    with state.lock:
        page = source.records.page(low, high, backward=backward, limit=reading.limit, byte_limit=PAGE_BYTES)
        records = [_whole(source.table, record) for record in page.records] if reading.fetches else page.records
    items = _kept(reading, records)
    answer: dict[str, Any] = {"Count": len(items), "ScannedCount": len(records)}
    if not reading.counts_only:
        answer["Items"] = items
    if page.last is not None:
        last = decode(page.records[-1])
        answer["LastEvaluatedKey"] = {name: last[name] for name in source.key_names}
    if reading.mode is not None:
        answer["ConsumedCapacity"] = consumed(reading.table_name, _usage(reading, page, records), reading.mode)
    return answer


def _whole(table: Table, record: Record) -> Record:
    whole = table.get(table.key.of_stored(decode(record)))
    assert whole is not None  # an entry never outlives its item
    return whole


def _kept(reading: ReadPlan, records: list[Record]) -> list[Any]:
    if reading.filter is None:
        if reading.projection is None:
            return splice_all(records)
        return [reading.projection.apply(decode(record)) for record in records]
    kept: list[Any] = []
    for record in records:
        item: Item = decode(record)
        if reading.filter.holds(item):
            kept.append(splice(record) if reading.projection is None else reading.projection.apply(item))
    return kept


def _usage(reading: ReadPlan, page: RecordPage, records: list[Record]) -> Usage:
    """A page is charged as a whole; what is fetched from the table, item by item."""
    units = read_units(page.size, consistent=reading.consistent)
    index = reading.source.index
    if index is None:
        return Usage(units)
    usage = Usage()
    usage.add_index(index.name, units, is_global=index.is_global)
    if reading.fetches:
        usage.table = sum(read_units(size_of(record), consistent=reading.consistent) for record in records)
    return usage
