"""Tables to be created and changed by the cases about tables. They all have one name, which no other case uses."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from oracle.endpoint import Request

NAME = "made-by-a-case"

_attributes = st.sampled_from(["pk", "sk", "a", "b"])
_units = st.integers(1, 5)


def _throughput(draw: st.DrawFn) -> dict[str, int]:
    return {"ReadCapacityUnits": draw(_units), "WriteCapacityUnits": draw(_units)}


def _schema(draw: st.DrawFn, first: str, odd: bool) -> list[dict[str, str]]:
    """A partition key and perhaps a sort key; where it is to be odd, the two may be one attribute."""
    schema = [{"AttributeName": first, "KeyType": "HASH"}]
    if draw(st.booleans()):
        second = draw(_attributes.filter(lambda name: odd or name != first))
        schema.append({"AttributeName": second, "KeyType": "RANGE"})
    return schema


def _projection(draw: st.DrawFn, odd: bool) -> dict[str, Any]:
    kind = draw(st.sampled_from(["ALL", "KEYS_ONLY", "INCLUDE"]))
    has_names = (kind == "INCLUDE") != (odd and draw(st.booleans()))
    return {"ProjectionType": kind, **({"NonKeyAttributes": ["c", "d"]} if has_names else {})}


def _index(draw: st.DrawFn, name: str, first: str, odd: bool) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _schema(draw, first, odd), "Projection": _projection(draw, odd)}


def _definitions(draw: st.DrawFn, used: set[str], fault: str) -> list[dict[str, str]]:
    """Definitions for the attributes in use, or for one more or less."""
    names = sorted(used)
    if fault == "placeholder":
        names = draw(st.sampled_from([[*names, "spare"], names[1:]]))
    return [{"AttributeName": name, "AttributeType": draw(st.sampled_from(["S", "N", "B"]))} for name in names]


@st.composite
def creations(draw: st.DrawFn, fault: str) -> Request:
    odd = fault == "odd"
    provisioned = draw(st.booleans())
    params: dict[str, Any] = {"TableName": NAME, "KeySchema": _schema(draw, "pk", odd)}
    local = []
    if len(params["KeySchema"]) > 1 and draw(st.integers(0, 2)) == 0:
        local = [_index(draw, "local", "pk", odd)]
    names = draw(st.sampled_from([[], [], ["first"], ["first", "second"], *([["local"]] if odd else [])]))
    global_ = [_index(draw, name, draw(_attributes), odd) for name in names]
    used = {element["AttributeName"] for part in (params, *local, *global_) for element in part["KeySchema"]}
    params["AttributeDefinitions"] = _definitions(draw, used, fault)
    if local:
        params["LocalSecondaryIndexes"] = local
    if global_:
        params["GlobalSecondaryIndexes"] = global_
    if provisioned != (fault == "token"):
        params["ProvisionedThroughput"] = _throughput(draw)
        for index in global_:
            index["ProvisionedThroughput"] = _throughput(draw)
    if not provisioned:
        params["BillingMode"] = "PAY_PER_REQUEST"
    return Request("CreateTable", {**params, **draw(_ODD_EXTRAS if odd else _EXTRAS)})


_EXTRAS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}},
        {"StreamSpecification": {"StreamEnabled": False}},
        {"DeletionProtectionEnabled": False},
        {"TableClass": "STANDARD"},
    ]
)
_ODD_EXTRAS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"StreamSpecification": {"StreamEnabled": True}},
        {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"}},
        {"LocalSecondaryIndexes": []},
        {"GlobalSecondaryIndexes": []},
    ]
)


@st.composite
def updates(draw: st.DrawFn) -> Request:
    kind = draw(st.sampled_from(["nothing", "throughput", "billing", "stream", "create index", "delete index"]))
    params: dict[str, Any] = {"TableName": NAME}
    if kind == "throughput":
        params["ProvisionedThroughput"] = _throughput(draw)
    elif kind == "billing":
        params["BillingMode"] = draw(st.sampled_from(["PROVISIONED", "PAY_PER_REQUEST"]))
        if draw(st.booleans()):
            params["ProvisionedThroughput"] = _throughput(draw)
    elif kind == "stream":
        enabled = draw(st.booleans())
        params["StreamSpecification"] = {"StreamEnabled": enabled, **({"StreamViewType": "KEYS_ONLY"} if enabled else {})}
    elif kind == "create index":
        index = _index(draw, "third", draw(_attributes), odd=False)
        params["AttributeDefinitions"] = _definitions(draw, {element["AttributeName"] for element in index["KeySchema"]}, "")
        params["GlobalSecondaryIndexUpdates"] = [{"Create": index}]
    elif kind == "delete index":
        params["GlobalSecondaryIndexUpdates"] = [{"Delete": {"IndexName": draw(st.sampled_from(["first", "nowhere"]))}}]
    return Request("UpdateTable", params)
