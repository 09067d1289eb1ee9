"""Pages: Query and Scan that go on from where they ended, from keys that they cannot have ended at, and in segments; Select."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from oracle.cases.breaking import faults, perhaps_broken
from oracle.cases.tables import INDEXES, KEYS, Case, items, keys, put
from oracle.cases.values import Value, broken_values
from oracle.endpoint import Request, Taken

_selections = st.sampled_from(["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES"])
_segments = st.sampled_from(
    [
        {"Segment": 0, "TotalSegments": 1},
        {"Segment": 0, "TotalSegments": 2},
        {"Segment": 1, "TotalSegments": 2},
        {"Segment": 2, "TotalSegments": 2},
        {"Segment": -1, "TotalSegments": 2},
        {"Segment": 0},
        {"TotalSegments": 2},
        {"Segment": 0, "TotalSegments": 0},
        {"Segment": 0, "TotalSegments": 1_000_001},
    ]
)


@st.composite
def page_cases(draw: st.DrawFn) -> Case:
    """A partition's items, and the pages of a query; each page begins where the endpoint's own last one ended."""
    table = "paired"
    target = draw(st.sampled_from(["paired", *INDEXES]))
    key = draw(keys(table))
    first = {**key, "a": {"S": "x"}, "b": {"N": "1"}}
    found = [{**first, "sk": {"N": str(number)}} for number in range(draw(st.integers(2, 5)))]
    puts = [Request("PutItem", {"TableName": table, "Item": item}) for item in found]
    operation = draw(st.sampled_from(["Query", "Query", "Scan"]))
    params: dict[str, Any] = {"TableName": table, "Limit": draw(st.integers(1, 3))}
    if target != table:
        params["IndexName"] = target
    if operation == "Query":
        name = next(iter(INDEXES[target][1] if target in INDEXES else KEYS[table]))
        params |= {"KeyConditionExpression": f"{name} = :k", "ExpressionAttributeValues": {":k": first[name]}}
        params["ScanIndexForward"] = draw(st.booleans())
    if draw(st.booleans()):
        params["Select"] = draw(_selections.filter(lambda kind: kind != "SPECIFIC_ATTRIBUTES"))
    pages = [Request(operation, params)]
    for _ in range(2):
        pages.append(Request(operation, {**params, "ExclusiveStartKey": Taken(len(puts) + len(pages) - 1, "LastEvaluatedKey")}))
    return [*puts, *pages]


@st.composite
def start_cases(draw: st.DrawFn) -> Case:
    """Keys to start from, mostly such that no page ended there; segments; what is selected."""
    target = draw(st.sampled_from([*sorted(KEYS), *INDEXES]))
    table = INDEXES[target][0] if target in INDEXES else target
    fault = draw(faults)
    stored = draw(put(table))
    params: dict[str, Any] = {"TableName": table}
    if target != table:
        params["IndexName"] = target
    operation = draw(st.sampled_from(["Query", "Scan"]))
    key_names = INDEXES[target][1] if target in INDEXES else KEYS[table]
    whole = {**draw(items(table)), **draw(keys(table)), **({"a": {"S": "x"}, "b": {"N": "1"}} if table == "paired" else {})}
    if operation == "Query":
        name = next(iter(key_names))
        params |= {"KeyConditionExpression": f"{name} = :k", "ExpressionAttributeValues": {":k": whole[name]}}
    else:
        params |= draw(st.one_of(st.just({}), _segments))
    if draw(st.booleans()):
        params["ExclusiveStartKey"] = _start(draw, {name: whole[name] for name in {**KEYS[table], **key_names}}, whole, fault)
    if draw(st.integers(0, 2)) == 0:
        params["Select"] = draw(_selections)
    if draw(st.integers(0, 3)) == 0:
        params["ProjectionExpression"] = draw(st.sampled_from(["a", "c, d", "pk"]))
    if draw(st.integers(0, 3)) == 0:
        params["ConsistentRead"] = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        params["Limit"] = draw(st.sampled_from([0, 1, -1, 1000]))
    return [stored, perhaps_broken(draw, Request(operation, params), fault)]


def _start(draw: st.DrawFn, right: dict[str, Value], whole: dict[str, Value], fault: str) -> dict[str, Any]:
    """A key of the table or index, or one with an attribute too many, too few, or of another type."""
    how = draw(st.sampled_from(["right", "right", "without", "extra", "type", "broken", "empty"])) if fault else "right"
    if how == "without":
        right.pop(draw(st.sampled_from(sorted(right))))
    elif how == "extra":
        return {**right, "z": {"S": "x"}}
    elif how == "type":
        right[draw(st.sampled_from(sorted(right)))] = draw(st.sampled_from([{"S": "x"}, {"N": "1"}, {"B": "eA=="}, {"BOOL": True}]))
    elif how == "broken":
        right[draw(st.sampled_from(sorted(right)))] = draw(broken_values)
    return {} if how == "empty" else right
