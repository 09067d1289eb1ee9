"""Which items a request is about, as far as the request says so itself: (table, key) pairs.

A PutItem carries a whole item; which of its attributes are the key is the table's business, so whoever knows the tables
lends a function that tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from typing import Any

from emulator.arns import table_name
from emulator.errors import ServiceError
from emulator.messages import Call
from emulator.values import normalise_item

# (call, table name) -> the names of the table's key attributes, or None for a table that is not there
KeyNames = Callable[[Call, str], tuple[str, ...] | None]
Item = dict[str, Any]

_TRANSACT_ACTIONS = ("Put", "Update", "Delete", "ConditionCheck", "Get")


def keys_of(call: Call, key_names: KeyNames) -> list[tuple[str, Item]]:
    """The keys in wire form, numbers normalised, in the order of the request; none for a request that names no item."""
    return [(table, _normal(_key(call, table, entry, key_names))) for table, entry in _entries(call)]


def _entries(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each part of a request that names an item, with its table: a mapping that has `Key` or `Item`."""
    params = call.params
    if "Key" in params or "Item" in params:
        yield _first(call), params
    for transact in params.get("TransactItems") or ():
        for action in _TRANSACT_ACTIONS:
            if action in transact:
                yield table_name(transact[action].get("TableName", "")), transact[action]
    requests = params.get("RequestItems")
    if isinstance(requests, dict):
        yield from _batch(requests)


def _batch(requests: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, entries in requests.items():
        if isinstance(entries, dict):
            yield from ((table_name(table), {"Key": key}) for key in entries.get("Keys") or ())
        else:
            for entry in entries:
                yield from ((table_name(table), request) for request in entry.values())


def _first(call: Call) -> str:
    return call.tables[0] if call.tables else ""


def _key(call: Call, table: str, entry: dict[str, Any], key_names: KeyNames) -> Item:
    if "Key" in entry:
        return dict(entry["Key"])
    item: Item = entry.get("Item", {})
    names = key_names(call, table)
    return item if names is None else {name: item[name] for name in names if name in item}


def _normal(key: Item) -> Item:
    try:
        return normalise_item(key)
    except ServiceError:
        # The engine will refuse the request; until then its key counts as written.
        return key


class KeyPattern:
    """What `key` of a rule says: attributes with values, where a text value may be a glob."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self.written = ", ".join(f"{name}: {next(iter(value.values()))}" for name, value in attributes.items())
        self._globs = {name: re.compile(translate(value["S"])) for name, value in attributes.items() if "S" in value}
        self._values = {name: value for name, value in attributes.items() if "S" not in value}

    def fits(self, item: Item) -> bool:
        """Whether a key, or an item, has these attributes."""
        for name, glob in self._globs.items():
            text = item.get(name, {}).get("S")
            if text is None or glob.match(text) is None:
                return False
        return all(name in item and _normal({name: item[name]})[name] == value for name, value in self._values.items())


def items_of(call: Call) -> Iterator[tuple[str, Item]]:
    """What a request names items by: (table, key or whole item) pairs as they were sent."""
    for table, entry in _entries(call):
        yield table, entry.get("Key") or entry.get("Item") or {}
