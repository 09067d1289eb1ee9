"""Writing one item: the three ways, ready to be carried out, and the carrying out. PutItem, UpdateItem, DeleteItem, batches,
transactions and statements all end here, and nothing else changes an item.

A write is prepared outside the lock; what depends on the stored item happens in `Write.change`, under it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from emulator.aws.errors import ServiceError
from emulator.aws.values import Item, item_size
from emulator.backends.dynamodb.changes import Change
from emulator.backends.dynamodb.expressions import Condition, Update
from emulator.backends.dynamodb.limits import ITEM_BYTES
from emulator.backends.dynamodb.parameters import ItemTooLargeError
from emulator.backends.dynamodb.records import Record, decode, encode
from emulator.backends.dynamodb.refusals import invalid, refusal
from emulator.backends.dynamodb.table import Table
from emulator.messages import Written, WrittenItem

_UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


class Write(ABC):
    """What is to happen to the item under `key`, provided that `condition` holds."""

    __slots__ = ("_checked", "condition", "key", "table")

    def __init__(self, table: Table, key: bytes, condition: Condition | None = None) -> None:
        self.table = table
        self.key = key
        self.condition = condition
        # The stored record that the condition was checked with, and its item
        self._checked: tuple[Record | None, Item | None] = (None, None)

    @property
    @abstractmethod
    def item(self) -> Item:
        """What names the item that is written: its key, or the whole item. In normal form."""

    @property
    def written(self) -> WrittenItem:
        """The item as the journal names it."""
        table = self.table
        return table.name, table.key.names, self.item

    @abstractmethod
    def change(self, old: Record | None) -> Change:
        """The change that this makes of the stored record. Raises ServiceError where the item does not allow it."""

    def check(self, old: Record | None) -> None:
        """Raises ServiceError (ConditionalCheckFailedException) where the condition does not hold for the stored record."""
        if self.condition is None:
            return
        item = None if old is None else decode(old)
        if not self.condition.holds(item):
            raise ServiceError("ConditionalCheckFailedException")
        self._checked = old, item

    def _decoded(self, old: Record) -> Item:
        """The item of the stored record."""
        checked, item = self._checked
        return item if checked is old and item is not None else decode(old)


class PutWrite(Write):
    """`item` is normal, `size` its bytes."""

    __slots__ = ("_item", "_record")

    def __init__(self, table: Table, key: bytes, item: Item, size: int, condition: Condition | None = None) -> None:
        super().__init__(table, key, condition)
        if table.indexes:
            table.check_index_keys(item)
        self._item = item
        self._record = encode(item, size)

    @property
    def item(self) -> Item:
        return self._item

    def change(self, old: Record | None) -> Change:
        return Change(self.key, old, self._record, new_item=self._item)


class KeyedWrite(Write):
    """A write of the item that a `Key` parameter names, which is normal."""

    __slots__ = ("_key_item",)

    def __init__(self, table: Table, key: Item, condition: Condition | None = None) -> None:
        super().__init__(table, table.key.of_key(key), condition)
        self._key_item = key

    @property
    def item(self) -> Item:
        return self._key_item


class DeleteWrite(KeyedWrite):
    __slots__ = ()

    def change(self, old: Record | None) -> Change:
        return Change(self.key, old, None)


class UpdateWrite(KeyedWrite):
    """An update; None: only make sure that the item exists."""

    __slots__ = ("_update",)

    def __init__(self, table: Table, key: Item, update: Update | None, condition: Condition | None = None) -> None:
        super().__init__(table, key, condition)
        if update is not None:
            for name in table.key.names:
                if name in update.attribute_names:
                    raise invalid(f"Cannot update attribute {name}. This attribute is part of the key")
            if update.nested_names:
                table.check_scalars(update.nested_names)
            if table.indexes:
                table.check_index_types(update.given())
        self._update = update

    def change(self, old: Record | None) -> Change:
        base = self._key_item if old is None else self._decoded(old)
        if old is None and self._update is not None and not self._update.creates:
            return Change(self.key, None, None)
        if self._update is None:
            return Change(self.key, old, encode(base) if old is None else old, old_item=None if old is None else base, new_item=base)
        item = self._update.apply(base)
        size = item_size(item)
        if size > ITEM_BYTES:
            raise refusal(_UPDATE_TOO_LARGE)
        if self.table.indexes:
            self.table.check_index_keys(item, self._update.attribute_names)
        return Change(self.key, old, encode(item, size), old_item=None if old is None else base, new_item=item)


def check_item_size(item: Item) -> int:
    """Bytes of an item to be put. Raises ServiceError (ValidationException) where it is too large."""
    size = item_size(item)
    if size > ITEM_BYTES:
        raise ItemTooLargeError("ValidationException", "Item size has exceeded the maximum allowed size")
    return size


def written(writes: Iterable[Write]) -> Written:
    """What writes that have been carried out amount to."""
    return Written(items=tuple([write.written for write in writes]))


def written_alone(write: Write) -> Written:
    """The same for one."""
    return Written(items=(write.written,))


def perform(write: Write, *, show_on_failure: bool = False) -> Change:
    """Carry out a write. Hold the lock. Raises ServiceError, and then nothing has changed; with `show_on_failure`, a
    ConditionalCheckFailedException carries the item that failed it."""
    if write.table.claims and write.key in write.table.claims:
        raise ServiceError("TransactionConflictException")
    old = write.table.get(write.key)
    if write.condition is not None:
        try:
            write.check(old)
        except ServiceError as error:
            if show_on_failure and old is not None and error.spec.name == "ConditionalCheckFailedException":
                error.members["Item"] = decode(old)
            raise
    change = write.change(old)
    write.table.apply(change)
    return change
