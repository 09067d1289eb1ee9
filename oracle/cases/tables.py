"""The tables that cases work on, made once for each endpoint, and the keys and items that fit them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from oracle.cases.values import Value, binaries, names, numbers, texts, values
from oracle.endpoint import Request

Case = list[Request]

# Table -> its key attributes and their types, partition key first
KEYS: dict[str, dict[str, str]] = {
    "hashed": {"pk": "S"},
    "paired": {"pk": "S", "sk": "N"},
    "binary": {"pk": "B", "sk": "S"},
}


def _schema(*attributes: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(attributes, ("HASH", "RANGE"), strict=False)]


def _definition(name: str, extra: dict[str, str], **others: Any) -> dict[str, Any]:
    types = {**KEYS[name], **extra}
    return {
        "TableName": name,
        "KeySchema": _schema(*KEYS[name]),
        "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": kind} for attribute, kind in types.items()],
        "BillingMode": "PAY_PER_REQUEST",
        **others,
    }


DEFINITIONS = (
    _definition("hashed", {}),
    _definition(
        "paired",
        {"a": "S", "b": "N"},
        LocalSecondaryIndexes=[{"IndexName": "by-a", "KeySchema": _schema("pk", "a"), "Projection": {"ProjectionType": "ALL"}}],
        GlobalSecondaryIndexes=[
            {"IndexName": "by-b", "KeySchema": _schema("b"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
            {
                "IndexName": "by-a-b",
                "KeySchema": _schema("a", "b"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["c"]},
            },
        ],
    ),
    _definition("binary", {}),
)
# What else cases may make, name or delete
OTHER_TABLES = ("made-by-a-case", "nowhere", "true")
# Index -> its table and key attributes
INDEXES = {"by-a": ("paired", {"pk": "S", "a": "S"}), "by-b": ("paired", {"b": "N"}), "by-a-b": ("paired", {"a": "S", "b": "N"})}

_KEY_VALUES: dict[str, st.SearchStrategy[str]] = {
    "S": st.sampled_from(["k", "l", "kk"]),
    "N": st.sampled_from(["1", "2", "10", "-1", "2.5"]),
    "B": st.sampled_from(["aw==", "bA=="]),
}
_ANY: dict[str, st.SearchStrategy[str]] = {"S": texts, "N": numbers, "B": binaries}

tables = st.sampled_from(sorted(KEYS))


def key_value(kind: str) -> st.SearchStrategy[Value]:
    return _KEY_VALUES[kind].map(lambda text: {kind: text})


def keys(table: str) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({name: key_value(kind) for name, kind in KEYS[table].items()})


@st.composite
def items(draw: st.DrawFn, table: str) -> dict[str, Value]:
    """An item with its key; where the table has indexes, mostly with index keys of the right type."""
    attributes = draw(st.dictionaries(names, values, max_size=4))
    if table == "paired":
        for name, kind in (("a", "S"), ("b", "N")):
            if name in attributes and draw(st.integers(0, 9)):
                attributes[name] = {kind: draw(_ANY[kind])}
    return {**draw(keys(table)), **attributes}


def put(table: str) -> st.SearchStrategy[Request]:
    return items(table).map(lambda item: Request("PutItem", {"TableName": table, "Item": item}))
