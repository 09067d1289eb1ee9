"""Numbers in all the forms that they may be sent in, arithmetic with them, and requests around the limits of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from oracle.cases.tables import KEYS, Case, keys, tables
from oracle.endpoint import Request

_digits = st.text("0123456789", min_size=1, max_size=4)
_long_digits = st.integers(1, 45).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size))
_exponents = st.sampled_from(["", "", "e0", "E5", "e-5", "e+3", "e124", "e125", "e126", "e-128", "e-130", "e-131", "e999", "e", "e1.5"])
number_texts = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "", "-", "+", "--", " "]),
        st.one_of(_digits, _long_digits, st.just("")),
        st.one_of(st.just(""), st.builds(".{}".format, st.one_of(_digits, _long_digits, st.just("")))),
        _exponents,
    ),
    st.sampled_from(
        ["", ".", "-", "1_000", "1,5", "0x1F", "Infinity", "NaN", "\u0661", "1 ", "1e5 ", "0e126", "0.0e126", "-0.000", "1" + "0" * 125]
    ),
)


@st.composite
def number_cases(draw: st.DrawFn) -> Case:
    """A number stored, read, added to, compared, and used as a key."""
    key = {"pk": {"S": "k"}}
    first, second = draw(number_texts), draw(number_texts)
    kind = draw(st.sampled_from(["item", "item", "set", "key", "add", "arithmetic", "old add", "condition"]))
    read = Request("GetItem", {"TableName": "hashed", "Key": key})
    stored = Request("PutItem", {"TableName": "hashed", "Item": {**key, "a": {"N": first}}})
    if kind == "item":
        return [stored, read]
    if kind == "set":
        return [Request("PutItem", {"TableName": "hashed", "Item": {**key, "a": {"NS": [first, second]}}}), read]
    if kind == "key":
        put = Request("PutItem", {"TableName": "paired", "Item": {**key, "sk": {"N": first}}})
        return [
            put,
            Request("GetItem", {"TableName": "paired", "Key": {**key, "sk": {"N": second}}}),
            Request("Scan", {"TableName": "paired"}),
        ]
    if kind == "old add":
        changes: dict[str, Any] = {"AttributeUpdates": {"a": {"Action": "ADD", "Value": {"N": second}}}}
    elif kind == "condition":
        condition = f"a {draw(st.sampled_from(['=', '<', '>=', '<>']))} :v"
        changes = {"UpdateExpression": "SET b = :v", "ConditionExpression": condition, "ExpressionAttributeValues": {":v": {"N": second}}}
    else:
        text = "ADD a :v" if kind == "add" else f"SET a = a {draw(st.sampled_from('+-'))} :v"
        changes = {"UpdateExpression": text, "ExpressionAttributeValues": {":v": {"N": second}}}
    return [stored, Request("UpdateItem", {"TableName": "hashed", "Key": key, **changes, "ReturnValues": "ALL_NEW"}), read]


def _nested(depth: int, kind: str) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(depth):
        value = {"L": [value]} if kind == "L" else {"M": {"a": value}}
    return value


def _put(**attributes: Any) -> Request:
    return Request("PutItem", {"TableName": "hashed", "Item": {"pk": {"S": "k"}, **attributes}})


def _filter(text: str, **others: Any) -> Request:
    return Request("Scan", {"TableName": "hashed", "FilterExpression": text, **others})


def _update(text: str, **others: Any) -> Request:
    return Request("UpdateItem", {"TableName": "hashed", "Key": {"pk": {"S": "k"}}, "UpdateExpression": text, **others})


def _operands(count: int) -> dict[str, Any]:
    return {f":v{number}": {"N": str(number)} for number in range(count)}


def _batch_get(count: int) -> Request:
    return Request("BatchGetItem", {"RequestItems": {"hashed": {"Keys": [{"pk": {"S": f"k{number}"}} for number in range(count)]}}})


def _batch_write(count: int) -> Request:
    writes = [{"DeleteRequest": {"Key": {"pk": {"S": f"k{number}"}}}} for number in range(count)]
    return Request("BatchWriteItem", {"RequestItems": {"hashed": writes}})


def _transaction(count: int) -> Request:
    gets = [{"Get": {"TableName": "hashed", "Key": {"pk": {"S": f"k{number}"}}}} for number in range(count)]
    return Request("TransactGetItems", {"TransactItems": gets})


# What is limited: a limit, and a request of a size
_LIMITED: dict[str, tuple[int, Callable[[int], Request]]] = {
    "nested lists": (32, lambda size: _put(a=_nested(size, "L"))),
    "nested maps": (32, lambda size: _put(a=_nested(size, "M"))),
    "nested value": (32, lambda size: _update("SET a = :v", ExpressionAttributeValues={":v": _nested(size, "L")})),
    "hash key": (2048, lambda size: Request("PutItem", {"TableName": "hashed", "Item": {"pk": {"S": "k" * size}}})),
    "read hash key": (2048, lambda size: Request("GetItem", {"TableName": "hashed", "Key": {"pk": {"S": "k" * size}}})),
    "range key": (1024, lambda size: Request("PutItem", {"TableName": "binary", "Item": {"pk": {"B": "eA=="}, "sk": {"S": "k" * size}}})),
    "index key": (
        1024,
        lambda size: Request("PutItem", {"TableName": "paired", "Item": {"pk": {"S": "k"}, "sk": {"N": "1"}, "a": {"S": "x" * size}}}),
    ),
    "item": (409_600, lambda size: _put(a={"S": "x" * (size - 4)})),
    "attribute name": (65_535, lambda size: _put(**{"a" * size: {"S": "x"}})),
    "expression": (4096, lambda size: _filter("a".ljust(size - 4, "b") + " = a")),
    "update expression": (4096, lambda size: _update("SET " + "a".ljust(size - 8, "b") + " = b")),
    "operators": (300, lambda size: _filter(" OR ".join(["a = b"] * ((size + 1) // 2)))),
    "operands of IN": (100, lambda size: _filter(f"a IN ({', '.join(_operands(size))})", ExpressionAttributeValues=_operands(size))),
    "placeholder": (255, lambda size: _filter(f"#{'n' * (size - 1)} = a", ExpressionAttributeNames={f"#{'n' * (size - 1)}": "b"})),
    "name": (255, lambda size: _filter("#n = a", ExpressionAttributeNames={"#n": "b" * size})),
    "path": (
        32,
        lambda size: Request("GetItem", {"TableName": "hashed", "Key": {"pk": {"S": "k"}}, "ProjectionExpression": ".".join("a" * size)}),
    ),
    "index": (
        100_000,
        lambda size: Request("GetItem", {"TableName": "hashed", "Key": {"pk": {"S": "k"}}, "ProjectionExpression": f"a[{size}]"}),
    ),
    "batch of reads": (100, _batch_get),
    "batch of writes": (25, _batch_write),
    "transaction": (100, _transaction),
    "page": (1, lambda size: Request("Query", {"TableName": "hashed", "Limit": size - 1})),
    "table name": (255, lambda size: Request("GetItem", {"TableName": "t" * size, "Key": {"pk": {"S": "k"}}})),
    "tables listed": (100, lambda size: Request("ListTables", {"Limit": size})),
    "token": (
        36,
        lambda size: Request(
            "TransactWriteItems",
            {"ClientRequestToken": "t" * size, "TransactItems": [{"Delete": {"TableName": "hashed", "Key": {"pk": {"S": "k"}}}}]},
        ),
    ),
}


@st.composite
def limit_cases(draw: st.DrawFn) -> Case:
    """A request just below, at and beyond a limit, and whether something came of it."""
    limit, request = _LIMITED[draw(st.sampled_from(sorted(_LIMITED)))]
    stored = _put(a={"S": "x"}, b={"N": "1"})
    return [stored, request(limit + draw(st.integers(-2, 2))), Request("Scan", {"TableName": "hashed", "Select": "COUNT"})]


@st.composite
def key_cases(draw: st.DrawFn) -> Case:
    """Keys of wrong types, empty ones, with attributes missing or too many, for each operation that takes a key."""
    table = draw(tables)
    key: dict[str, Any] = draw(keys(table))
    name = draw(st.sampled_from(sorted(KEYS[table])))
    how = draw(st.sampled_from(["type", "type", "empty", "without", "extra"]))
    if how == "type":
        key[name] = draw(st.sampled_from([{"S": "x"}, {"N": "1"}, {"B": "eA=="}, {"BOOL": True}, {"NULL": True}, {"L": []}, {"SS": ["x"]}]))
    elif how == "empty":
        key[name] = draw(st.sampled_from([{"S": ""}, {"B": ""}, {"N": ""}, {}]))
    elif how == "without":
        del key[name]
    else:
        key["z"] = {"S": "x"}
    return [_keyed(draw, table, key)]


def _keyed(draw: st.DrawFn, table: str, key: dict[str, Any]) -> Request:
    target = {"TableName": table}
    kind = draw(
        st.sampled_from(["GetItem", "PutItem", "DeleteItem", "UpdateItem", "batch get", "batch put", "batch delete", "transaction"])
    )
    if kind == "PutItem":
        return Request(kind, {**target, "Item": key})
    if kind == "batch get":
        return Request("BatchGetItem", {"RequestItems": {table: {"Keys": [key]}}})
    if kind == "batch put":
        return Request("BatchWriteItem", {"RequestItems": {table: [{"PutRequest": {"Item": key}}]}})
    if kind == "batch delete":
        return Request("BatchWriteItem", {"RequestItems": {table: [{"DeleteRequest": {"Key": key}}]}})
    if kind != "transaction":
        return Request(kind, {**target, "Key": key})
    action = draw(
        st.sampled_from(
            [
                {"Put": {**target, "Item": key}},
                {"Delete": {**target, "Key": key}},
                {"Update": {**target, "Key": key, "UpdateExpression": "REMOVE a"}},
                {"ConditionCheck": {**target, "Key": key, "ConditionExpression": "attribute_exists(a)"}},
            ]
        )
    )
    return Request("TransactWriteItems", {"TransactItems": [action]})
