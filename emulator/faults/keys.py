"""Which items a request is about, as far as the request says so itself: (table, key) pairs.

A PutItem carries a whole item; which of its attributes are the key is the table's business, so whoever knows the tables
lends a function that tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache
from typing import Any, NamedTuple

from emulator.aws.arns import table_name
from emulator.aws.errors import ServiceError
from emulator.aws.values import normalise_item, normalise_number
from emulator.backends.statement_references import Reference, references
from emulator.faults.canonical import canonical
from emulator.messages import Call

# (call, table name) -> the names of the table's key attributes, or None for a table that is not there
KeyNames = Callable[[Call, str], tuple[str, ...] | None]
Item = dict[str, Any]

_GLOB = re.compile(r"[*?\[]")
_NOTHING: Item = {}
OF_STATEMENTS = frozenset(("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"))
# Most requests are of these, and need no search
_OF_ONE_ITEM = frozenset(("GetItem", "PutItem", "UpdateItem", "DeleteItem"))
_TRANSACT_ACTIONS = ("Put", "Update", "Delete", "ConditionCheck", "Get")


class KeyedEntry(NamedTuple):
    """One item that a request names. `number` is its place in the request, from 0; `sent` what names it, a key or a whole item as it was
    sent; `key` is in wire form, its numbers normalised."""

    number: int
    table: str
    sent: Item
    key: Item

    @property
    def scope(self) -> bytes:
        """The item as one value, the same whichever request names it."""
        return canonical([(self.table, self.key)])


def entries_by_key(call: Call, key_names: KeyNames) -> list[KeyedEntry]:
    """The items that a request names, in its order; none for a request that names no item."""
    params = call.params
    if call.operation in _OF_ONE_ITEM and ("Key" in params or "Item" in params):
        table = _first(call)
        key = _key(call, table, params, key_names)
        return [] if key is None else [KeyedEntry(0, table, _sent(params), _normal(key))]
    found = ((number, table, part, _key(call, table, part, key_names)) for number, table, part in _parts(call))
    return [KeyedEntry(number, table, _sent(part), _normal(key)) for number, table, part, key in found if key is not None]


def keys_of(call: Call, key_names: KeyNames) -> list[tuple[str, Item]]:
    """The (table, key) pairs of the items that a request names, in its order."""
    return [(entry.table, entry.key) for entry in entries_by_key(call, key_names)]


class KeyScope:
    """The keys of a request, kept until another request is asked about: every rule that counts by key asks the same. Locked by its
    owner."""

    def __init__(self, key_names: KeyNames) -> None:
        self.key_names = key_names
        self._call: Call | None = None
        self._entries: list[KeyedEntry] = []
        self._scope = b""

    def entries(self, call: Call) -> list[KeyedEntry]:
        if call is not self._call:
            self._look_at(call)
        return self._entries

    def of(self, call: Call) -> bytes:
        """All keys as one value."""
        if call is not self._call:
            self._look_at(call)
        return self._scope

    def _look_at(self, call: Call) -> None:
        self._entries = entries_by_key(call, self.key_names)
        self._scope = canonical([(entry.table, entry.key) for entry in self._entries])
        self._call = call


def _parts(call: Call) -> Iterator[tuple[int, str, Item | Reference]]:
    """Each part of a request that names an item, with its place and table: a mapping that has `Key` or `Item`, or a statement."""
    params = call.params
    if call.operation in OF_STATEMENTS:
        yield from ((number, table_name(one.table), one) for number, one in enumerate(references(call)) if one is not None)
        return
    if "Key" in params or "Item" in params:
        yield 0, _first(call), params
    for number, transact in enumerate(params.get("TransactItems") or ()):
        for action in _TRANSACT_ACTIONS:
            if action in transact:
                yield number, table_name(transact[action].get("TableName", "")), transact[action]
    requests = params.get("RequestItems")
    if isinstance(requests, dict):
        yield from ((number, table_name(table), entry) for number, (table, entry) in enumerate(_batch(requests)))


def _batch(requests: dict[str, Any]) -> Iterator[tuple[str, Item]]:
    """The entries of a batch, by their tables as the request names them."""
    for table, entries in requests.items():
        if isinstance(entries, dict):
            yield from ((table, {"Key": key}) for key in entries.get("Keys") or ())
        else:
            for entry in entries:
                yield from ((table, request) for request in entry.values())


def _first(call: Call) -> str:
    return call.tables[0] if call.tables else ""


def _sent(part: Item | Reference) -> Item:
    return part.fixed if isinstance(part, Reference) else part.get("Key") or part.get("Item") or {}


def _key(call: Call, table: str, part: Item | Reference, key_names: KeyNames) -> Item | None:
    if isinstance(part, Reference):
        return part.key(key_names(call, table))
    if "Key" in part:
        return dict(part["Key"])
    item: Item = part.get("Item", {})
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
        plain = {name: value for name, value in attributes.items() if "S" in value and not _GLOB.search(value["S"])}
        # Compared as they come, which is quick, so they come first
        self._texts = tuple(plain.items())
        self._globs = tuple((name, re.compile(translate(value["S"]))) for name, value in attributes.items() if _is_glob(value))
        self._first_glob = next(((name, value["S"]) for name, value in attributes.items() if _is_glob(value)), None)
        self._values = tuple((name, value) for name, value in attributes.items() if "S" not in value)

    @property
    def plain(self) -> tuple[str, str, str] | None:
        """An attribute that must be a certain text or number: its name, type and normal value. None where there is none such."""
        for name, value in (*self._texts, *self._values):
            if "S" in value:
                return name, "S", value["S"]
            if "N" in value:
                return name, "N", normal_number(value["N"])
        return None

    @property
    def glob(self) -> tuple[str, str] | None:
        """An attribute whose text must fit a glob; None where there is none such."""
        return self._first_glob

    def fits(self, item: Item) -> bool:
        """Whether a key, or an item, has these attributes."""
        for name, value in self._texts:
            if item.get(name) != value:
                return False
        for name, glob in self._globs:
            text = item.get(name, _NOTHING).get("S")
            if text is None or glob.match(text) is None:
                return False
        for name, value in self._values:
            if not _equals(item.get(name, _NOTHING), value):
                return False
        return True


def _is_glob(value: Mapping[str, Any]) -> bool:
    return "S" in value and _GLOB.search(value["S"]) is not None


def _equals(given: Item, wanted: Item) -> bool:
    """Whether a value that may not be normal yet is the same as one that is."""
    if given == wanted:
        return True
    if given.keys() != wanted.keys():
        return False
    number = given.get("N")
    normal = {"N": normal_number(number)} if type(number) is str else _normal({"_": given})["_"]
    return bool(normal == wanted)


@lru_cache(maxsize=1024)
def normal_number(text: str) -> str:
    """A number in normal form; what is none stays as it is."""
    try:
        return normalise_number(text)
    except ServiceError:
        return text


def named_items(call: Call) -> Sequence[Item]:
    """What a request names items by: keys or whole items as they were sent."""
    key = call.params.get("Key") or call.params.get("Item")
    # By far the most requests name one item, and name it so
    return [item for _, item in items_of(call)] if key is None else (key,)


def items_of(call: Call) -> Iterator[tuple[str, Item]]:
    """What a request names items by: (table, key or whole item) pairs as they were sent."""
    for _, table, part in _parts(call):
        if not (isinstance(part, Reference) and part.index is not None):
            yield table, _sent(part)
