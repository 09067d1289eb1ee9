"""A secondary index: the items that have its key attributes, as much of them as is projected, in the order of its key.

An entry's key is the index key followed by the table's key, so that equal index keys stand apart; its record is the table's
own where everything is projected, which costs no memory.
"""

from __future__ import annotations

from collections.abc import Container
from copy import copy
from typing import NamedTuple

from emulator.aws.errors import ServiceError
from emulator.aws.values import Item, encode_key_part, type_of
from emulator.backends.dynamodb.capacity import write_units
from emulator.backends.dynamodb.definitions import IndexDefinition
from emulator.backends.dynamodb.keys import EmptyKeyError, KeyAttribute, KeySchema, delimit, encode_all, hash_prefix
from emulator.backends.dynamodb.limits import HASH_KEY_BYTES, RANGE_KEY_BYTES
from emulator.backends.dynamodb.ordered import OrderedRecords
from emulator.backends.dynamodb.records import Record, decode, encode, same, size_of
from emulator.backends.dynamodb.refusals import invalid, refusal


class IndexEntry(NamedTuple):
    key: bytes
    record: Record


class Index:
    """`status` is CREATING, ACTIVE, UPDATING or DELETING. `projected` names what an entry holds, None for everything."""

    def __init__(self, definition: IndexDefinition, table_key: KeySchema) -> None:
        self.definition = definition
        self.name = definition.name
        self.key = definition.key
        self.is_global = definition.is_global
        self.status = "ACTIVE"
        self.backfilling = False
        self.records = OrderedRecords()
        keys = (*definition.key.names, *table_key.names)
        self.projected = None if definition.projection == "ALL" else frozenset((*keys, *definition.included))

    def as_of(self, moment: float) -> Index:
        """The index with the entries that it had at that time; for reading only."""
        then = copy(self)
        then.records = self.records.as_of(moment)
        return then

    def entry(self, primary_key: bytes, record: Record, item: Item) -> IndexEntry | None:
        """The entry for an item; None where it lacks a key attribute, or has one of a type that the index does not take."""
        hashes = encode_all(self.key.hash, item)
        ranges = encode_all(self.key.range, item)
        if hashes is None or ranges is None or not _fits(hashes, HASH_KEY_BYTES) or not _fits(ranges, RANGE_KEY_BYTES):
            return None
        key = b"".join((hash_prefix(hashes), *map(delimit, ranges), primary_key))
        return IndexEntry(key, record if self.projected is None else encode(self._project(item)))

    def change(self, old: IndexEntry | None, new: IndexEntry | None) -> float:
        """Replace the entry of `old` by that of `new`. Returns the write units that this consumes: none where the entry stays as it is,
        those of a deletion and an insertion where its key changes."""
        if old is None and new is None:
            return 0.0
        if old is not None and new is not None and old.key == new.key:
            self.records.put(new.key, new.record)
            return 0.0 if same(old.record, new.record) else write_units(max(size_of(old.record), size_of(new.record)))
        units = 0.0
        if old is not None:
            self.records.remove(old.key)
            units += write_units(size_of(old.record))
        if new is not None:
            self.records.put(new.key, new.record)
            units += write_units(size_of(new.record))
        return units

    def fill(self, table_records: OrderedRecords) -> None:
        """Add an entry for every item of the table that has one."""
        for primary_key, record in table_records.all():
            entry = self.entry(primary_key, record, decode(record))
            if entry is not None:
                self.records.put(*entry)

    def check(self, item: Item, updated: Container[str] | None = None) -> None:
        """Raises ServiceError (ValidationException) where an item has a key attribute that the index refuses. `updated` names
        the attributes that an update has written, None where the whole item is new."""
        for attribute in self.key.attributes:
            value = item.get(attribute.name)
            if value is None or (updated is not None and attribute.name not in updated):
                continue
            if attribute.type not in value:
                raise self._type_mismatch(attribute, type_of(value)) if updated is None else _unsupported_type()
            part = encode_key_part(value)
            if not part:
                raise _empty_in_update(attribute) if updated is not None else self._empty(attribute)
            if len(part) > (HASH_KEY_BYTES if attribute in self.key.hash else RANGE_KEY_BYTES):
                raise self._too_long(attribute)

    def check_types(self, given: Item) -> None:
        """Raises ServiceError (ValidationException) where one of the values is of another type than the index's key attribute."""
        for attribute in self.key.attributes:
            value = given.get(attribute.name)
            if value is not None and attribute.type not in value:
                raise self._type_mismatch(attribute, type_of(value))

    def _project(self, item: Item) -> Item:
        assert self.projected is not None
        return {name: value for name, value in item.items() if name in self.projected}

    def _type_mismatch(self, attribute: KeyAttribute, actual: str) -> ServiceError:
        return invalid(f"Type mismatch for Index Key {attribute.name} Expected: {attribute.type} Actual: {actual} IndexName: {self.name}")

    def _empty(self, attribute: KeyAttribute) -> ServiceError:
        return EmptyKeyError(
            "ValidationException",
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
            f"{_no_empty(attribute)} IndexName: {self.name}, IndexKey: {attribute.name}",
        )

    def _too_long(self, attribute: KeyAttribute) -> ServiceError:
        is_hash = attribute in self.key.hash
        limit = HASH_KEY_BYTES if is_hash else RANGE_KEY_BYTES
        return invalid(
            f"Size of {'hashkey' if is_hash else 'range key'} has exceeded the maximum size limit of {limit} bytes "
            f"IndexName: {self.name}, IndexKey: {attribute.name}"
        )


def _unsupported_type() -> ServiceError:
    """A stored value that an update moves into a key attribute (recordings up to October 2026)."""
    return refusal("The update expression attempted to update the secondary index key to unsupported type")


def _empty_in_update(attribute: KeyAttribute) -> ServiceError:
    return refusal(
        "One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value "
        f"that is not supported. {_no_empty(attribute)}"
    )


def _no_empty(attribute: KeyAttribute) -> str:
    what = "binary" if attribute.type == "B" else "string"
    return f"The AttributeValue for a key attribute cannot contain an empty {what} value."


def _fits(parts: list[bytes], limit: int) -> bool:
    return all(0 < len(part) <= limit for part in parts)
