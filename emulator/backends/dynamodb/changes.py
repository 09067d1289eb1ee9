"""A change of one item, from one image to another: what a write amounts to, and what indexes (and streams) follow."""

from __future__ import annotations

from emulator.aws.values import Item
from emulator.backends.dynamodb.capacity import Usage, write_units
from emulator.backends.dynamodb.records import Record, decode, size_of


class Change:
    """`old` and `new` are the records before and after, None for no item. Their items are decoded when first asked for.
    `expired`: it is a deletion by the table's time to live. `index_units`: what the change has consumed of each index, as
    (name, units, is_global); filled in by the table."""

    __slots__ = ("_new_item", "_old_item", "expired", "index_units", "key", "new", "old")

    def __init__(self, key: bytes, old: Record | None, new: Record | None, *, old_item: Item | None = None, new_item: Item | None = None):
        self.key = key
        self.old = old
        self.new = new
        self.expired = False
        self._old_item = old_item
        self._new_item = new_item
        self.index_units: list[tuple[str, float, bool]] = []

    @property
    def old_item(self) -> Item | None:
        if self._old_item is None and self.old is not None:
            self._old_item = decode(self.old)
        return self._old_item

    @property
    def new_item(self) -> Item | None:
        if self._new_item is None and self.new is not None:
            self._new_item = decode(self.new)
        return self._new_item

    @property
    def size(self) -> int:
        """Bytes of the larger image, 0 where there is neither."""
        old = 0 if self.old is None else size_of(self.old)
        return old if self.new is None else max(old, size_of(self.new))

    def usage(self) -> Usage:
        usage = Usage(write_units(self.size))
        for name, units, is_global in self.index_units:
            usage.add_index(name, units, is_global=is_global)
        return usage
