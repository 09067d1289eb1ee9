"""What tables hold, for those who compare or judge it: no request is made, no capacity consumed, and there are no pages."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.aws.values import Item
from emulator.backends.dynamodb.records import decode
from emulator.backends.dynamodb.state import State


@dataclass(frozen=True, slots=True)
class TableContents:
    """A table's items in wire form, in the order of their keys; `key` are the names of its key attributes, partition key first."""

    region: str
    name: str
    key: tuple[str, ...]
    items: tuple[Item, ...]


def contents_of(state: State) -> list[TableContents]:
    with state.lock:
        tables = list(state.catalog.everything(state.clock.now()))
        return [
            TableContents(region, table.name, table.key.names, tuple(decode(record) for _, record in table.records.all()))
            for region, table in tables
        ]
