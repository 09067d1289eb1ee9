"""What must be true after any sequence of requests, from one thread or several."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Defined = Callable[..., dict[str, Any]]

NAMES = ("a", "b", "c")
texts = st.sampled_from([None, "x", "y", "yy"])
writes = st.tuples(st.sampled_from(["put", "delete", "update", "batch", "transact"]), st.sampled_from(NAMES), texts, texts)


def _attributes(group: str | None, kept: str | None) -> dict[str, Any]:
    return {name: {"S": text} for name, text in (("g", group), ("kept", kept)) if text is not None}


def _write(do: Do, kind: str, name: str, group: str | None, kept: str | None) -> None:
    key = {"pk": {"S": name}}
    item = {**key, **_attributes(group, kept)}
    if kind == "put":
        do("PutItem", TableName="t-1", Item=item)
    elif kind == "delete":
        do("DeleteItem", TableName="t-1", Key=key)
    elif kind == "batch":
        do("BatchWriteItem", RequestItems={"t-1": [{"PutRequest": {"Item": item}}]})
    elif kind == "transact":
        do("TransactWriteItems", TransactItems=[{"Put": {"TableName": "t-1", "Item": item}}])
    elif group is None:
        do("UpdateItem", TableName="t-1", Key=key, UpdateExpression="REMOVE g")
    else:
        do("UpdateItem", TableName="t-1", Key=key, UpdateExpression="SET g = :g", ExpressionAttributeValues={":g": {"S": group}})


@given(st.lists(writes, max_size=12))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_always_holds_what_its_table_does(
    caller: Callable[[Engine], Do], defined: Defined, sequence: list[tuple[str, str, str | None, str | None]]
) -> None:
    do = caller(Engine(ManualClock()))
    schema = [{"AttributeName": "g", "KeyType": "HASH"}]
    indexes = [
        {"IndexName": "all", "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}},
        {"IndexName": "keys", "KeySchema": schema, "Projection": {"ProjectionType": "KEYS_ONLY"}},
    ]
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "g")]
    do("CreateTable", **defined("t-1", "pk:S", AttributeDefinitions=types, GlobalSecondaryIndexes=indexes))
    for write in sequence:
        _write(do, *write)
    items = [item for item in do("Scan", TableName="t-1")["Items"] if "g" in item]

    def by_key(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(found, key=lambda item: str(item["pk"]["S"]))

    assert by_key(do("Scan", TableName="t-1", IndexName="all")["Items"]) == by_key(items)
    bare = [{name: item[name] for name in ("pk", "g")} for item in by_key(items)]
    assert by_key(do("Scan", TableName="t-1", IndexName="keys")["Items"]) == bare
    table = do("DescribeTable", TableName="t-1")["Table"]
    stored = do("Scan", TableName="t-1", ReturnConsumedCapacity="TOTAL")
    assert table["ItemCount"] == stored["Count"]
    assert {index["ItemCount"] for index in table["GlobalSecondaryIndexes"]} == {len(items)}


def test_concurrent_updates_all_count(do: Do, hashed: str) -> None:
    params = {"TableName": hashed, "Key": {"pk": {"S": "a"}}, "ExpressionAttributeValues": {":one": {"N": "1"}}}

    def count() -> None:
        for _ in range(100):
            do("UpdateItem", UpdateExpression="ADD n :one", **params)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert do("GetItem", TableName=hashed, Key={"pk": {"S": "a"}})["Item"]["n"] == {"N": "400"}


def test_one_of_many_concurrent_creations_wins(do: Do, hashed: str) -> None:
    outcomes: list[bool] = []

    def create(number: int) -> None:
        try:
            do(
                "PutItem",
                TableName=hashed,
                Item={"pk": {"S": "a"}, "n": {"N": str(number)}},
                ConditionExpression="attribute_not_exists(pk)",
            )
            outcomes.append(True)
        except ServiceError:
            outcomes.append(False)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]
