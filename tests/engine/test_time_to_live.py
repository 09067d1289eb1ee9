"""Time to live: switched on and off, and what it deletes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.backends.dynamodb.expiry import Expiry
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]

YEAR = 365 * 86_400


def _switch(attribute: str = "ttl", *, on: bool = True) -> dict[str, Any]:
    return {"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": on}}


def _item(name: str, ttl: float | str | None = None) -> dict[str, Any]:
    return {"pk": {"S": name}, **({} if ttl is None else {"ttl": {"N": str(ttl)}})}


@pytest.fixture
def mortal(do: Do, hashed: str) -> str:
    do("UpdateTimeToLive", TableName=hashed, **_switch())
    return hashed


def _names(do: Do, table: str = "hashed") -> list[str]:
    return sorted(item["pk"]["S"] for item in do("Scan", TableName=table)["Items"])


def test_items_expire_by_the_clock(do: Do, mortal: str, clock: ManualClock) -> None:
    now = clock.now()
    for name, ttl in (("soon", now + 10), ("later", now + 20), ("never", None), ("fraction", f"{now + 10.5}")):
        do("PutItem", TableName=mortal, Item=_item(name, ttl))
    clock.advance(10)
    assert _names(do) == ["fraction", "later", "never", "soon"]
    clock.advance(1)
    assert do("GetItem", TableName=mortal, Key=_item("soon")) == {}
    assert _names(do) == ["later", "never"]
    assert do("DescribeTable", TableName=mortal)["Table"]["ItemCount"] == 2
    clock.advance(10)
    # A condition sees the item as gone
    do("PutItem", TableName=mortal, Item=_item("later"), ConditionExpression="attribute_not_exists(pk)")


@pytest.mark.parametrize(
    "value",
    [{"S": "1"}, {"N": str(1_800_000_000 - 5 * YEAR)}, {"N": "1800000000000"}, {"NS": ["1"]}],
    ids=["text", "older than five years", "milliseconds", "a set"],
)
def test_what_is_no_time_never_expires(do: Do, mortal: str, clock: ManualClock, value: dict[str, Any]) -> None:
    do("PutItem", TableName=mortal, Item={**_item("a"), "ttl": value})
    clock.advance(YEAR)
    assert _names(do) == ["a"]


def test_the_latest_time_counts(do: Do, mortal: str, clock: ManualClock) -> None:
    now = clock.now()
    for name in ("extended", "shortened", "pardoned", "replaced"):
        do("PutItem", TableName=mortal, Item=_item(name, now + 100))
    names = {"#ttl": "ttl"}

    def update(name: str, expression: str, **values: Any) -> None:
        placeholders = {"ExpressionAttributeValues": {":t": {"N": str(values["t"])}}} if values else {}
        params = {"UpdateExpression": expression, "ExpressionAttributeNames": names, **placeholders}
        do("UpdateItem", TableName=mortal, Key=_item(name), **params)

    update("extended", "SET #ttl = :t", t=now + 200)
    update("shortened", "SET #ttl = :t", t=now + 50)
    update("pardoned", "REMOVE #ttl")
    do("BatchWriteItem", RequestItems={mortal: [{"PutRequest": {"Item": _item("replaced")}}]})
    clock.advance(60)
    assert _names(do) == ["extended", "pardoned", "replaced"]
    clock.advance(60)
    assert _names(do) == ["extended", "pardoned", "replaced"]
    clock.advance(100)
    assert _names(do) == ["pardoned", "replaced"]


def test_expired_items_leave_the_indexes(do: Do, defined: Defined, clock: ManualClock) -> None:
    index = {"IndexName": "idx", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "g")]
    do("CreateTable", **defined("indexed", "pk:S", AttributeDefinitions=types, GlobalSecondaryIndexes=[index]))
    do("PutItem", TableName="indexed", Item={**_item("a", clock.now() + 10), "g": {"S": "x"}})
    # It counts also for what was there before it was switched on
    do("UpdateTimeToLive", TableName="indexed", **_switch())
    assert do("Scan", TableName="indexed", IndexName="idx")["Count"] == 1
    clock.advance(11)
    assert do("Scan", TableName="indexed", IndexName="idx")["Count"] == 0


def test_nothing_expires_once_it_is_switched_off(do: Do, mortal: str, clock: ManualClock) -> None:
    do("PutItem", TableName=mortal, Item=_item("a", clock.now() + 10))
    do("UpdateTimeToLive", TableName=mortal, **_switch(on=False))
    clock.advance(11)
    assert _names(do) == ["a"]
    assert do("DescribeTimeToLive", TableName=mortal) == {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}


def test_the_switch_is_described(do: Do, hashed: str) -> None:
    assert do("UpdateTimeToLive", TableName=hashed, **_switch()) == _switch()
    assert do("DescribeTimeToLive", TableName=hashed) == {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}}


def test_the_switch_takes_its_time(clock: ManualClock, caller: Callable[[Engine], Do], defined: Defined) -> None:
    do = caller(Engine(clock, table_delay=10))
    do("CreateTable", **defined("hashed", "pk:S"))
    with pytest.raises(ServiceError, match="ResourceInUseException"):
        do("UpdateTimeToLive", TableName="hashed", **_switch())
    clock.advance(10)
    do("PutItem", TableName="hashed", Item=_item("a", clock.now() + 1))
    do("UpdateTimeToLive", TableName="hashed", **_switch())
    clock.advance(9)
    assert do("DescribeTimeToLive", TableName="hashed")["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLING"
    assert _names(do) == ["a"]
    with pytest.raises(ServiceError, match="modified multiple times within a fixed interval"):
        do("UpdateTimeToLive", TableName="hashed", **_switch(on=False))
    clock.advance(1)
    assert _names(do) == []


@pytest.mark.parametrize(
    ("switch", "text"),
    [
        (_switch(), "TimeToLive is already enabled"),
        (_switch("other"), "TimeToLive is active on a different AttributeName: current AttributeName is ttl"),
        (_switch("other", on=False), "TimeToLive is active on a different AttributeName: current AttributeName is ttl"),
    ],
)
def test_it_is_switched_only_once(refused: Refused, mortal: str, switch: dict[str, Any], text: str) -> None:
    assert refused("UpdateTimeToLive", TableName=mortal, **switch) == text


def test_what_is_off_cannot_be_switched_off(refused: Refused, fails: Fails, hashed: str) -> None:
    assert refused("UpdateTimeToLive", TableName=hashed, **_switch(on=False)) == "TimeToLive is already disabled"
    error = fails("UpdateTimeToLive", TableName="nowhere", **_switch())
    assert (error.spec.name, error.message) == ("ResourceNotFoundException", "Requested resource not found: Table: nowhere not found")


def test_many_changes_of_one_item_leave_no_trail() -> None:
    expiry = Expiry("ttl")
    for time in range(10_000):
        expiry.track(b"key", _item("a", time))
    assert len(expiry) < 100
    assert expiry.due(20_000.0) == [b"key"]
    assert expiry.due(20_000.0) == []
