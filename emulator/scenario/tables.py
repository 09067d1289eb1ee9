"""`tables`: fixtures. Each becomes the parameters of the CreateTable request that makes it, and items in wire form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from math import ceil
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.items import StoredItem, Typed, typed
from emulator.scenario.items_file import read_items
from emulator.scenario.limits import Limit
from emulator.scenario.nodes import MAX_NODES, MappingNode, Node, ScalarNode, SequenceNode
from emulator.scenario.problems import Position
from emulator.scenario.reading import ListOf, Reading, Refused, Reported, Schema, or_parameter, refuse
from emulator.scenario.sections import Fields, Key, KeysConstraint, Section, key, section
from emulator.scenario.values import RESOURCE_NAME, Text, Whole, one_of, scalar_text

_ATTRIBUTE = Text("the name of an attribute", r"[\s\S]{1,255}", 255)
_KEY_TYPES = ("S", "N", "B")
_KEY_TYPE = one_of(
    *_KEY_TYPES, what="the type of a key attribute", string="S", str="S", text="S", number="N", int="N", binary="B", bytes="B"
)

KeyTypes = dict[str, str]


@dataclass(frozen=True, slots=True)
class TableFixture:
    """A table that is there when the scenario starts. `create` are the parameters of CreateTable, `items` are in wire form;
    `ttl` names the attribute of UpdateTimeToLive. `is_billed`: the author has said how it is billed."""

    name: str
    where: Position
    create: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...] = ()
    ttl: str | None = None
    is_billed: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """The names of its key attributes, partition key first."""
        return tuple(part["AttributeName"] for part in self.create["KeySchema"])


class _KeyValue:
    """Attribute names with their types, partition key first."""

    shape = "a key such as {id: S} or {customer: S, order: N}: the partition key, then perhaps the sort key"

    def read(self, node: Node, reading: Reading) -> KeyTypes:
        if not isinstance(node, MappingNode) or not 1 <= len(node.entries) <= 2:
            refuse(node, self.shape)
        found = {key.text: kind for key, value in node.entries for kind in reading.attempt(_KEY_TYPE, value)}
        if len(found) < len(node.entries):
            raise Reported
        return found

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": _KEY_TYPE.schema(), "minProperties": 1, "maxProperties": 2}


# What people write for them
_BILLING_WORDS = {
    "provisioned": "write its units: {read: 5, write: 5}",
    "on-demand": "on demand is PAY_PER_REQUEST",
    "pay-per-request": "did you mean 'PAY_PER_REQUEST'?",
}


# The default quota of a table in most regions (Developer Guide, "Service, account, and table quotas")
_MAX_UNITS = 40_000


class _BillingValue:
    shape = "PAY_PER_REQUEST, or {read: 5, write: 5} for provisioned throughput"

    def read(self, node: Node, reading: Reading) -> dict[str, Any]:
        if isinstance(node, MappingNode):
            return _PROVISIONED.read(node, reading)
        text = scalar_text(node, self.shape)
        if text != "PAY_PER_REQUEST":
            refuse(node, self.shape, _BILLING_WORDS.get(text.lower().replace("_", "-"), ""))
        return {"BillingMode": "PAY_PER_REQUEST"}

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"const": "PAY_PER_REQUEST"}), _PROVISIONED.schema()]}


def _provisioned(fields: Fields, reading: Reading) -> dict[str, Any]:
    units = {"ReadCapacityUnits": fields.get("read"), "WriteCapacityUnits": fields.get("write")}
    return {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units}


_PROVISIONED = Section(
    "'billing'",
    (
        Key("read", Whole(1, 1_000_000), "read capacity units per second", "5", required=True),
        Key("write", Whole(1, 1_000_000), "write capacity units per second", "5", required=True),
    ),
    _provisioned,
)


class _ProjectionValue:
    shape = "ALL, KEYS_ONLY, or a list of the attributes that are projected beside the keys"

    def read(self, node: Node, reading: Reading) -> dict[str, Any]:
        if isinstance(node, SequenceNode):
            names = ListOf(_ATTRIBUTE, 100, 1).read(node, reading)
            return {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(names)}
        text = scalar_text(node, self.shape)
        if text not in ("ALL", "KEYS_ONLY"):
            refuse(node, self.shape)
        return {"ProjectionType": text}

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"enum": ["ALL", "KEYS_ONLY"]}), ListOf(_ATTRIBUTE, 100, 1).schema()]}


_INDEX_KEYS = (
    Key("name", RESOURCE_NAME, "the index's name", "by-day", required=True),
    Key("key", _KeyValue(), "its key attributes and their types", "{day: S}", required=True),
    Key(
        "type",
        one_of("global", "local"),
        "global: with partition keys of its own; local: the table's partition key with another sort key",
        "local",
        default="global",
    ),
    Key("projection", _ProjectionValue(), "which attributes it holds", "[status, total]", default="ALL"),
)


def _index(fields: Fields, reading: Reading) -> dict[str, Any]:
    return {
        "type": fields.get("type", "global"),
        "key": fields.get("key"),
        "IndexName": fields.get("name"),
        "Projection": fields.get("projection", {"ProjectionType": "ALL"}),
        "where": fields.where,
    }


_INDEX = Section("an index", _INDEX_KEYS, _index)


class _ItemsValue:
    """Items, here or in a file of their own."""

    shape = "a list of items, or {file: orders.jsonl} for a file with an item as JSON in each line"

    def read(self, node: Node, reading: Reading) -> tuple[Typed, ...]:
        if isinstance(node, MappingNode):
            return _ITEMS_FILE.read(node, reading)
        if not isinstance(node, SequenceNode):
            refuse(node, self.shape)
        return ListOf(StoredItem(), MAX_NODES).read(node, reading)

    def schema(self) -> Schema:
        return {"anyOf": [ListOf(StoredItem(), MAX_NODES).schema(), _ITEMS_FILE.schema()]}


_ITEMS_FILE = Section(
    "'items'",
    (
        Key(
            "file",
            Text("the path of a file, relative to this one", r"[^\x00]{1,500}", 500),
            "a file beside or below this one, with an item as JSON in each line: as plain JSON, or in DynamoDB's typed form",
            "orders.jsonl",
            required=True,
        ),
    ),
    lambda fields, reading: read_items(fields.get("file"), fields.at("file"), reading),
)

_STREAM = one_of("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", what="what the stream shows of a change")

TABLE_KEYS = (
    Key("name", RESOURCE_NAME, "the table's name", "orders", required=True),
    Key("key", _KeyValue(), "the key attributes and their types, partition key first", "{customer: S, order: N}", required=True),
    Key(
        "billing",
        _BillingValue(),
        "on demand, or provisioned capacity units per second",
        "{read: 5, write: 5}",
        default="PAY_PER_REQUEST, or provisioned as a throughput limit on it says",
    ),
    Key("indexes", ListOf(_INDEX, 25), "secondary indexes", "[{name: by-day, key: {day: S}}]"),
    Key("stream", _STREAM, "switch the table's stream on", "NEW_AND_OLD_IMAGES", default="no stream"),
    Key("ttl", _ATTRIBUTE, "the attribute that says when an item expires", "expires", default="items do not expire"),
    Key(
        "items",
        _ItemsValue(),
        "what is in the table when the scenario starts",
        "[{customer: ada, order: 1, status: open, tags: {SS: [a, b]}}]",
        default="an empty table",
    ),
)


def _table(fields: Fields, reading: Reading) -> TableFixture:
    key: KeyTypes = fields.get("key")
    indexes: tuple[dict[str, Any], ...] = fields.get("indexes", ())
    create = {
        "TableName": fields.get("name"),
        "KeySchema": _key_schema(key),
        "AttributeDefinitions": _definitions(key, indexes, reading),
        **fields.get("billing", {"BillingMode": "PAY_PER_REQUEST"}),
        **_secondary(create_throughput=fields.get("billing", {}), indexes=indexes),
    }
    if fields.has("stream"):
        create["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": fields.get("stream")}
    items: tuple[Typed, ...] = fields.get("items", ())
    whole = True
    for number, item in enumerate(items, start=1):
        for name, kind in key.items():
            if kind not in item.get(name, {}):
                what = f"the key attribute '{name}' of item {number} is missing or not of type {kind}"
                reading.report(Refused(fields.at("items"), what))
                whole = False
    if whole:
        _check_unique(items, tuple(key), fields, reading)
    return TableFixture(fields.get("name"), fields.where, create, items, fields.get("ttl"), fields.has("billing"))


def limited(table: TableFixture, limits: Iterable[Limit]) -> TableFixture:
    """The table with the throughput that the scenario's limits on it allow, unless its author has said how it is billed."""
    own = [limit for limit in limits if limit.limit == "provisioned" and limit.table == table.name]
    if table.is_billed or not own:
        return table
    of_table = _units(limit for limit in own if limit.index is None)
    create = {**table.create, "BillingMode": "PROVISIONED", "ProvisionedThroughput": of_table}
    indexes = table.create.get("GlobalSecondaryIndexes")
    if indexes:
        names = [index["IndexName"] for index in indexes]
        units = [_units(limit for limit in own if limit.index == name) for name in names]
        create["GlobalSecondaryIndexes"] = [{**index, "ProvisionedThroughput": one} for index, one in zip(indexes, units, strict=True)]
    return replace(table, create=create)


def _units(limits: Iterable[Limit]) -> dict[str, int]:
    """The units to provision under limits. A side that they leave open gets the most that a table can have."""
    limits = list(limits)
    reads, writes = ([units for limit in limits if (units := getattr(limit, side)) is not None] for side in ("read", "write"))
    return {"ReadCapacityUnits": ceil(min(reads, default=_MAX_UNITS)), "WriteCapacityUnits": ceil(min(writes, default=_MAX_UNITS))}


def _check_unique(items: tuple[Typed, ...], key: tuple[str, ...], fields: Fields, reading: Reading) -> None:
    """Refuses two items with one key: the second would silently take the place of the first."""
    first: dict[str, int] = {}
    for number, item in enumerate(items, start=1):
        other = first.setdefault(str([item[name] for name in key]), number)
        if other != number:
            what = f"item {number} has the key of item {other}"
            reading.report(Refused(_place_of(number, fields), what, "a table has one item of each key"))


def _place_of(number: int, fields: Fields) -> Position:
    node = fields.node.get("items")
    return node.items[number - 1].where if isinstance(node, SequenceNode) else fields.at("items")


def _key_schema(key: KeyTypes) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"), strict=False)]


def _definitions(key: KeyTypes, indexes: tuple[dict[str, Any], ...], reading: Reading) -> list[dict[str, str]]:
    types = dict(key)
    for index in indexes:
        for name, kind in index["key"].items():
            if types.setdefault(name, kind) != kind:
                what = f"the key attribute '{name}' is {types[name]} elsewhere and {kind} here"
                reading.report(Refused(index["where"], what, "an attribute has one type"))
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def _secondary(create_throughput: dict[str, Any], indexes: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for index in indexes:
        row = {"IndexName": index["IndexName"], "KeySchema": _key_schema(index["key"]), "Projection": index["Projection"]}
        if index["type"] == "global" and "ProvisionedThroughput" in create_throughput:
            row["ProvisionedThroughput"] = create_throughput["ProvisionedThroughput"]
        found.setdefault("GlobalSecondaryIndexes" if index["type"] == "global" else "LocalSecondaryIndexes", []).append(row)
    return found


def _check_items(node: MappingNode, reading: Reading) -> None:
    """Every item needs the table's key. Asked of the nodes, so that it is known even if something else is wrong with the item."""
    key, items = node.get("key"), node.get("items")
    if not isinstance(key, MappingNode) or not isinstance(items, SequenceNode):
        return
    types = {name.text: kind.text for name, kind in key.entries if isinstance(kind, ScalarNode) and kind.text in _KEY_TYPES}
    for item in items.items:
        if isinstance(item, MappingNode):
            for name, kind in types.items():
                _check_key(item, name, kind, reading)


def _check_key(item: MappingNode, name: str, kind: str, reading: Reading) -> None:
    value = item.get(name)
    if value is None:
        reading.report(Refused(item.where, f"the key attribute '{name}' is missing", "each item has the table's key"))
        return
    with suppress(Refused):
        if kind not in typed(value):
            reading.report(Refused(value.where, f"the key attribute '{name}' is not of type {kind}", "each item has the table's key"))


TABLE = Section("a table", TABLE_KEYS, _table, (KeysConstraint(_check_items),))


@dataclass(frozen=True, slots=True)
class BackupFixture:
    """An on-demand backup that is there when the scenario starts."""

    where: Position
    table: str = key(RESOURCE_NAME, "the table that was backed up, one of 'tables'", example="orders")
    name: str = key(RESOURCE_NAME, "the backup's name", example="nightly")


BACKUP = section("a backup", BackupFixture)

SECTIONS = (TABLE, BACKUP, _INDEX, _ITEMS_FILE, _PROVISIONED)
