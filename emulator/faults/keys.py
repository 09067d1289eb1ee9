"""Which items a request is about, as far as the request says so itself: (table, key) pairs.

A PutItem carries a whole item; which of its attributes are the key is the table's business, so whoever knows the tables
lends a function that tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

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
                yield _name(transact[action].get("TableName", "")), transact[action]
    requests = params.get("RequestItems")
    if isinstance(requests, dict):
        yield from _batch(requests)


def _batch(requests: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, entries in requests.items():
        if isinstance(entries, dict):
            yield from ((_name(table), {"Key": key}) for key in entries.get("Keys") or ())
        else:
            for entry in entries:
                yield from ((_name(table), request) for request in entry.values())


def _first(call: Call) -> str:
    return call.tables[0] if call.tables else ""


def _name(table: str) -> str:
    """A table's name, from its name or its ARN."""
    return table.split(":table/", 1)[1].split("/", 1)[0] if table.startswith("arn:") and ":table/" in table else table


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
