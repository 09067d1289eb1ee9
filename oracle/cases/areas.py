"""The areas that are explored, each a strategy for whole cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from oracle.cases import definitions
from oracle.cases.amounts import key_cases, limit_cases, number_cases
from oracle.cases.breaking import faults, perhaps_broken
from oracle.cases.control import control_cases, stream_cases
from oracle.cases.expressions import Terms, condition, key_condition, projection, update
from oracle.cases.legacy import legacy_cases
from oracle.cases.pages import page_cases, start_cases
from oracle.cases.statements import statement_cases
from oracle.cases.tables import INDEXES, KEYS, Case, items, keys, put, tables
from oracle.cases.wire import wire_cases
from oracle.endpoint import Request

_capacity = st.sampled_from([{}, {}, {"ReturnConsumedCapacity": "TOTAL"}, {"ReturnConsumedCapacity": "INDEXES"}])


_returned = st.sampled_from([{}, {"ReturnValues": "ALL_OLD"}, {"ReturnValues": "NONE"}])
_never_returned = st.sampled_from([{"ReturnValues": "ALL_NEW"}, {"ReturnValues": "UPDATED_OLD"}])
_FAILING = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


@st.composite
def item_cases(draw: st.DrawFn) -> Case:
    table, fault = draw(tables), draw(faults)
    requests = [_item_request(draw, table, fault) for _ in range(draw(st.integers(1, 3)))]
    return [draw(put(table)), *requests, Request("Scan", {"TableName": table})]


def _item_request(draw: st.DrawFn, table: str, fault: str) -> Request:
    """A put, get or delete with the settings that they take."""
    operation = draw(st.sampled_from(["PutItem", "GetItem", "DeleteItem"]))
    params: dict[str, Any] = {"TableName": table, **draw(_capacity)}
    if operation == "PutItem":
        params["Item"] = draw(items(table))
    else:
        params["Key"] = draw(keys(table))
    if operation == "GetItem":
        if draw(st.booleans()):
            params["ConsistentRead"] = draw(st.booleans())
        if draw(st.booleans()):
            terms = Terms(draw, fault)
            params |= terms.params(ProjectionExpression=projection(terms))
    else:
        params |= draw(_never_returned if fault == "odd" else _returned)
        params |= draw(st.sampled_from([{}, {}, {"ReturnItemCollectionMetrics": "SIZE"}]))
    return perhaps_broken(draw, Request(operation, params), fault)


@st.composite
def expression_cases(draw: st.DrawFn) -> Case:
    """Two items, an expression put to them, and what is there afterwards."""
    table = draw(tables)
    first, second = draw(put(table)), draw(put(table))
    terms = Terms(draw, draw(faults))
    kind = draw(st.sampled_from(["condition", "filter", "update", "update", "conditional update", "delete"]))
    params: dict[str, Any] = {"TableName": table}
    key = {name: first.params["Item"][name] for name in KEYS[table]}
    if kind == "filter":
        request = Request("Scan", {**params, **terms.params(FilterExpression=condition(terms))})
    elif kind == "condition":
        item = draw(items(table))
        request = Request("PutItem", {**params, "Item": item, **terms.params(ConditionExpression=condition(terms)), **_FAILING})
    elif kind == "delete":
        request = Request("DeleteItem", {**params, "Key": key, **terms.params(ConditionExpression=condition(terms)), **_FAILING})
    else:
        expressions = {"UpdateExpression": update(terms)}
        if kind == "conditional update":
            expressions["ConditionExpression"] = condition(terms)
        returned = draw(st.sampled_from(["ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD", "NONE"]))
        request = Request("UpdateItem", {**params, "Key": key, **terms.params(**expressions), "ReturnValues": returned})
    return [first, second, perhaps_broken(draw, request, terms.fault), Request("Scan", params)]


@st.composite
def query_cases(draw: st.DrawFn) -> Case:
    target = draw(st.sampled_from(["paired", "paired", "binary", "hashed", *INDEXES]))
    table, fault = INDEXES[target][0] if target in INDEXES else target, draw(faults)
    puts = draw(st.lists(put(table), min_size=1, max_size=5))
    return [*puts, perhaps_broken(draw, _query(draw, table, target, fault), fault)]


def _query(draw: st.DrawFn, table: str, target: str, fault: str) -> Request:
    terms = Terms(draw, fault)
    expressions = {"KeyConditionExpression": key_condition(terms, target)}
    if draw(st.integers(0, 2)) == 0:
        expressions["FilterExpression"] = condition(terms, depth=1)
    if draw(st.integers(0, 3)) == 0:
        expressions["ProjectionExpression"] = projection(terms)
    params: dict[str, Any] = {"TableName": table, **terms.params(**expressions), **draw(_capacity)}
    if target != table:
        params["IndexName"] = target
    settings: dict[str, st.SearchStrategy[Any]] = {"ScanIndexForward": st.booleans(), "Limit": st.integers(1, 3)}
    if fault == "odd":
        selections = ["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES"]
        settings |= {"ConsistentRead": st.booleans(), "Select": st.sampled_from(selections), "ExclusiveStartKey": keys(table)}
    for name, strategy in settings.items():
        if draw(st.integers(0, 4)) == 0:
            params[name] = draw(strategy)
    return Request("Query", params)


@st.composite
def batch_cases(draw: st.DrawFn) -> Case:
    table, fault = draw(tables), draw(faults)
    puts = draw(st.lists(put(table), max_size=3))
    return [*puts, perhaps_broken(draw, _batch(draw, table, fault), fault), Request("Scan", {"TableName": table})]


def _batch(draw: st.DrawFn, table: str, fault: str) -> Request:
    # What is named twice is refused: half of what is odd in a batch
    unique_by = None if fault == "odd" else lambda key: repr(sorted(key.items()))
    if draw(st.booleans()):
        asked: dict[str, Any] = {"Keys": draw(st.lists(keys(table), min_size=1, max_size=3, unique_by=unique_by))}
        if draw(st.booleans()):
            terms = Terms(draw, fault)
            asked |= terms.params(ProjectionExpression=projection(terms))
            asked.pop("ExpressionAttributeValues", None)
        return Request("BatchGetItem", {"RequestItems": {table: asked}, **draw(_capacity)})
    writes = []
    for key in draw(st.lists(keys(table), min_size=1, max_size=3, unique_by=unique_by)):
        put = {"PutRequest": {"Item": {**draw(items(table)), **key}}}
        writes.append(put if draw(st.booleans()) else {"DeleteRequest": {"Key": key}})
    metrics = draw(st.sampled_from([{}, {"ReturnItemCollectionMetrics": "SIZE"}]))
    return Request("BatchWriteItem", {"RequestItems": {table: writes}, **draw(_capacity), **metrics})


@st.composite
def transaction_cases(draw: st.DrawFn) -> Case:
    table, fault = draw(tables), draw(faults)
    puts = draw(st.lists(put(table), max_size=2))
    unique_by = None if fault == "odd" else lambda key: repr(sorted(key.items()))
    targets = draw(st.lists(keys(table), min_size=1, max_size=3, unique_by=unique_by))
    if draw(st.integers(0, 3)) == 0:
        actions = [{"Get": {"TableName": table, "Key": key}} for key in targets]
        request = Request("TransactGetItems", {"TransactItems": actions, **draw(_capacity)})
    else:
        actions = [_action(draw, table, key, fault) for key in targets]
        request = Request("TransactWriteItems", {"TransactItems": actions, **draw(_capacity)})
    return [*puts, perhaps_broken(draw, request, fault), Request("Scan", {"TableName": table})]


def _action(draw: st.DrawFn, table: str, key: dict[str, Any], fault: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["Put", "Update", "Delete", "ConditionCheck"]))
    terms = Terms(draw, fault)
    params: dict[str, Any] = {"TableName": table}
    expressions = {}
    if kind == "Put":
        params["Item"] = {**draw(items(table)), **key}
    else:
        params["Key"] = key
    if kind == "Update":
        expressions["UpdateExpression"] = update(terms)
    if kind == "ConditionCheck" or draw(st.booleans()):
        expressions["ConditionExpression"] = condition(terms, depth=1)
    if expressions:
        params |= terms.params(**expressions)
    if draw(st.booleans()):
        params |= _FAILING
    return {kind: params}


@st.composite
def table_cases(draw: st.DrawFn) -> Case:
    fault = draw(faults)
    create = draw(definitions.creations(fault))
    place = draw(st.integers(0, 2))
    requests = [create, *draw(st.lists(definitions.updates(), max_size=2))]
    if place < len(requests):
        requests[place] = perhaps_broken(draw, requests[place], fault)
    name = requests[0].params.get("TableName")
    named = {"TableName": name} if isinstance(name, str) else {}
    return [*requests, Request("DescribeTable", named), Request("DeleteTable", named)]


AREAS: dict[str, Callable[[], st.SearchStrategy[Case]]] = {
    "tables": table_cases,
    "items": item_cases,
    "expressions": expression_cases,
    "queries": query_cases,
    "batches": batch_cases,
    "transactions": transaction_cases,
    "legacy": legacy_cases,
    "pages": page_cases,
    "starts": start_cases,
    "numbers": number_cases,
    "limits": limit_cases,
    "keys": key_cases,
    "statements": statement_cases,
    "control": control_cases,
    "streams": stream_cases,
    "wire": wire_cases,
}
