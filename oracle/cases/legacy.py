"""Requests in the parameters of before expressions: Expected, AttributeUpdates, KeyConditions, filters, AttributesToGet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from oracle.cases.breaking import faults, perhaps_broken
from oracle.cases.tables import INDEXES, KEYS, Case, items, key_value, put, tables
from oracle.cases.values import Value, names, values
from oracle.endpoint import Request

# Comparison operator -> how many values it takes
_OPERATORS = {
    **dict.fromkeys(("EQ", "NE", "LE", "LT", "GE", "GT", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"), 1),
    **dict.fromkeys(("NULL", "NOT_NULL"), 0),
    "BETWEEN": 2,
    "IN": 2,
}
_joined = st.sampled_from([{}, {}, {"ConditionalOperator": "AND"}, {"ConditionalOperator": "OR"}])
# What cannot stand beside the old parameters, or is missing what it belongs to
_MIXED: dict[str, list[dict[str, Any]]] = {
    "read": [
        {"ProjectionExpression": "a"},
        {"ExpressionAttributeNames": {"#a": "a"}},
        {"AttributesToGet": []},
        {"AttributesToGet": ["a", "a"]},
        {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
    ],
    "write": [
        {"ConditionExpression": "attribute_exists(a)"},
        {"ExpressionAttributeValues": {":v": {"S": "x"}}},
        {"ConditionalOperator": "OR", "Expected": {}},
        {"ConditionalOperator": "AND"},
        {"UpdateExpression": "SET a = b"},
    ],
    "select": [
        {"FilterExpression": "attribute_exists(a)"},
        {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "k"}}},
        {"ConditionalOperator": "OR"},
        {"ProjectionExpression": "a"},
        {"AttributesToGet": ["a"], "Select": "COUNT"},
        {"AttributesToGet": ["a"], "Select": "SPECIFIC_ATTRIBUTES"},
    ],
}


@st.composite
def legacy_cases(draw: st.DrawFn) -> Case:
    table, fault = draw(tables), draw(faults)
    first, second = draw(put(table)), draw(put(table))
    kind = draw(st.sampled_from(["get", "batch", "put", "delete", "update", "update", "query", "scan"]))
    key = {name: first.params["Item"][name] for name in KEYS[table]}
    if kind in ("get", "batch"):
        request = _read(draw, table, kind, key, fault)
    elif kind in ("query", "scan"):
        request = _select(draw, table, kind, fault)
    else:
        request = _write(draw, table, kind, key, fault)
    return [first, second, perhaps_broken(draw, request, fault), Request("Scan", {"TableName": table})]


def _read(draw: st.DrawFn, table: str, kind: str, key: dict[str, Value], fault: str) -> Request:
    wanted: dict[str, Any] = {"AttributesToGet": draw(st.lists(names, min_size=1, max_size=3, unique=True))}
    if fault == "odd":
        wanted |= draw(st.sampled_from(_MIXED["read"]))
    if kind == "get":
        return Request("GetItem", {"TableName": table, "Key": key, **wanted})
    return Request("BatchGetItem", {"RequestItems": {table: {"Keys": [key], **wanted}}})


def _write(draw: st.DrawFn, table: str, kind: str, key: dict[str, Value], fault: str) -> Request:
    operation = {"put": "PutItem", "delete": "DeleteItem", "update": "UpdateItem"}[kind]
    params: dict[str, Any] = {"TableName": table}
    if kind == "put":
        params["Item"] = draw(items(table))
    else:
        params["Key"] = key
    if kind == "update":
        params["AttributeUpdates"] = draw(st.dictionaries(names, _update(fault), min_size=1, max_size=2))
        params["ReturnValues"] = draw(st.sampled_from(["ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD"]))
    if kind != "update" or draw(st.booleans()):
        params["Expected"] = draw(st.dictionaries(names, _expected(fault), min_size=1, max_size=2))
        params |= draw(_joined)
    if fault == "odd":
        params |= draw(st.sampled_from([{}, *_MIXED["write"]]))
    return Request(operation, params)


def _select(draw: st.DrawFn, table: str, kind: str, fault: str) -> Request:
    params: dict[str, Any] = {"TableName": table}
    filters = "ScanFilter" if kind == "scan" else "QueryFilter"
    if kind == "query":
        target = draw(st.sampled_from([table, *(name for name, (of, _) in INDEXES.items() if of == table)]))
        if target != table:
            params["IndexName"] = target
        params["KeyConditions"] = _key_conditions(draw, INDEXES[target][1] if target in INDEXES else KEYS[table], fault)
    if draw(st.booleans()):
        params[filters] = draw(st.dictionaries(names, _comparison(fault), min_size=1, max_size=2))
        params |= draw(_joined)
    if draw(st.integers(0, 3)) == 0:
        params["AttributesToGet"] = draw(st.lists(names, min_size=1, max_size=2, unique=True))
    if fault == "odd":
        params |= draw(st.sampled_from([{}, *_MIXED["select"]]))
    return Request("Query" if kind == "query" else "Scan", params)


def _key_conditions(draw: st.DrawFn, attributes: dict[str, str], fault: str) -> dict[str, Any]:
    (hash_name, hash_kind), *rest = attributes.items()
    conditions = {hash_name: {"ComparisonOperator": "EQ", "AttributeValueList": [draw(key_value(hash_kind))]}}
    for name, kind in rest[: draw(st.integers(0, len(rest)))]:
        operators = ["EQ", "LE", "LT", "GE", "GT", "BETWEEN", *(["BEGINS_WITH"] if kind == "S" else [])]
        operator = draw(st.sampled_from([*operators, *(["NE", "IN", "NULL", "CONTAINS"] if fault == "odd" else [])]))
        conditions[name] = {
            "ComparisonOperator": operator,
            "AttributeValueList": [draw(key_value(kind)) for _ in range(_OPERATORS[operator])],
        }
    if fault == "placeholder":
        conditions[draw(names)] = draw(_comparison(""))
    return conditions


@st.composite
def _comparison(draw: st.DrawFn, fault: str) -> dict[str, Any]:
    operator = draw(st.sampled_from(sorted(_OPERATORS)))
    count = _OPERATORS[operator]
    if fault == "token":
        count = draw(st.integers(0, 3))
    operands: list[Value] = [draw(_operands) for _ in range(count)]
    has_list = bool(operands) or draw(st.booleans())
    return {"ComparisonOperator": operator, **({"AttributeValueList": operands} if has_list else {})}


_scalars: st.SearchStrategy[Value] = st.sampled_from([{"S": "x"}, {"S": "xy"}, {"N": "1"}, {"N": "2"}, {"B": "eA=="}, {"SS": ["x"]}])
_operands = st.one_of(_scalars, _scalars, _scalars, values)


@st.composite
def _expected(draw: st.DrawFn, fault: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["value", "exists", "absent", "comparison", "comparison"]))
    if fault == "placeholder":
        return draw(
            st.sampled_from(
                [
                    {},
                    {"Exists": True},
                    {"Exists": False, "Value": {"S": "x"}},
                    {"Value": {"S": "x"}, "ComparisonOperator": "EQ"},
                    {"Value": {"S": "x"}, "AttributeValueList": [{"S": "x"}]},
                    {"Exists": False, "ComparisonOperator": "NULL"},
                    {"AttributeValueList": [{"S": "x"}]},
                ]
            )
        )
    if kind == "comparison":
        return draw(_comparison(fault))
    if kind == "absent":
        return {"Exists": False}
    return {"Value": draw(values), **({"Exists": True} if kind == "exists" else {})}


@st.composite
def _update(draw: st.DrawFn, fault: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["PUT", "PUT", "ADD", "ADD", "DELETE", "none"]))
    if fault == "placeholder":
        return draw(
            st.sampled_from([{}, {"Action": "PUT"}, {"Action": "ADD"}, {"Action": "REMOVE"}, {"Action": "DELETE", "Value": {"S": "x"}}])
        )
    if kind == "none":
        return {"Value": draw(values)}
    if kind == "DELETE" and draw(st.booleans()):
        return {"Action": "DELETE"}
    if kind in ("ADD", "DELETE") and draw(st.integers(0, 3)):
        return {"Action": kind, "Value": draw(st.sampled_from([{"N": "1"}, {"SS": ["x", "z"]}, {"NS": ["1", "9"]}, {"BS": ["eA=="]}]))}
    return {"Action": kind, "Value": draw(values)}
