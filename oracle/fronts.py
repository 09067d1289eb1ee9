"""Twenty scenarios, and what a client does under each: every kind of fault that can be had in front of an upstream."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

TABLE = "orders"


@dataclass(frozen=True, slots=True)
class Front:
    """`run` is given a boto3 client; the table has the items 0 to 9 of customer "ada"."""

    name: str
    run: Callable[[Any], object]
    rules: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def scenario(self) -> dict[str, Any]:
        return {"version": 1, "name": self.name, "rules": self.rules, **self.more}


def _key(order: int) -> dict[str, Any]:
    return {"customer": {"S": "ada"}, "order": {"N": str(order)}}


def _rule(operation: str, fault: Any, **keys: Any) -> dict[str, Any]:
    when = {name: keys.pop(name) for name in ("attempt", "key", "request", "per", "call") if name in keys}
    return {"name": "rule", "when": {"operation": operation, **when}, "fault": fault, **keys}


def _put(client: Any) -> None:
    for order in range(20, 24):
        client.put_item(TableName=TABLE, Item={**_key(order), "total": {"N": "1"}})


def _get(client: Any) -> None:
    for order in range(10):
        client.get_item(TableName=TABLE, Key=_key(order), ConsistentRead=True)


def _get_some(client: Any) -> None:
    for order in range(3):
        client.get_item(TableName=TABLE, Key=_key(order))


def _count(client: Any) -> None:
    """Adds up without any guard: a write that is done twice is a real finding."""
    client.update_item(TableName=TABLE, Key=_key(1), UpdateExpression="ADD hits :one", ExpressionAttributeValues={":one": {"N": "1"}})


def _count_once(client: Any) -> None:
    with suppress(ClientError):
        client.update_item(
            TableName=TABLE,
            Key=_key(2),
            UpdateExpression="SET version = :new",
            ConditionExpression="attribute_not_exists(version)",
            ExpressionAttributeValues={":new": {"N": "1"}},
        )


def _write_batch(client: Any) -> None:
    left: Any = {TABLE: [{"PutRequest": {"Item": _key(order)}} for order in range(30, 40)]}
    for _ in range(5):
        if left:
            left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]


def _read_batch(client: Any) -> None:
    left: Any = {TABLE: {"Keys": [_key(order) for order in range(10)]}}
    for _ in range(5):
        if left:
            left = client.batch_get_item(RequestItems=left)["UnprocessedKeys"]


def _query(client: Any) -> None:
    pages = client.get_paginator("query").paginate(
        TableName=TABLE, KeyConditionExpression="customer = :ada", ExpressionAttributeValues={":ada": {"S": "ada"}}
    )
    assert sum(page["Count"] for page in pages) == 10


def _scan(client: Any) -> None:
    assert sum(page["Count"] for page in client.get_paginator("scan").paginate(TableName=TABLE)) == 10


def _transact(client: Any) -> None:
    actions = [{"Put": {"TableName": TABLE, "Item": _key(order)}} for order in (50, 51)]
    client.transact_write_items(TransactItems=actions, ClientRequestToken="one-transaction")


def _transact_or_leave(client: Any) -> None:
    with suppress(ClientError):
        _transact(client)


def _statements(client: Any) -> None:
    statements = [f"INSERT INTO {TABLE} VALUE {{'customer': 'bob', 'order': {order}}}" for order in range(3)]
    client.batch_execute_statement(Statements=[{"Statement": text} for text in statements])


def _make_table(client: Any) -> None:
    attribute = {"AttributeName": "id"}
    client.create_table(
        TableName="slow",
        KeySchema=[{**attribute, "KeyType": "HASH"}],
        AttributeDefinitions=[{**attribute, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.describe_table(TableName="slow")
    with suppress(ClientError):
        client.put_item(TableName="slow", Item={"id": {"S": "too early"}})
    with suppress(ClientError):
        client.delete_table(TableName="slow")


def _many_puts(client: Any) -> None:
    for order in range(60, 72):
        with suppress(ClientError):
            client.put_item(TableName=TABLE, Item=_key(order))


FRONTS = (
    Front("throttled-at-first", _put, [_rule("PutItem", "ThrottlingException", attempt=1)]),
    Front("failing-at-first", _get, [_rule("GetItem", "InternalServerError", attempt=1)]),
    Front("lost-acknowledgement", _put, [_rule("PutItem", {"connection": "reset", "applied": True}, attempt=1)]),
    Front("counted-twice", _count, [_rule("UpdateItem", {"error": "InternalServerError", "applied": True}, attempt=1)]),
    Front("guarded-write", _count_once, [_rule("UpdateItem", {"connection": "reset", "applied": True}, attempt=1)]),
    Front("cut-before-the-answer", _put, [_rule("PutItem", {"connection": "close"}, attempt=1)]),
    Front("cut-within-the-answer", _get, [_rule("GetItem", {"connection": "reset", "after": "50%"}, attempt=1)]),
    Front("half-a-batch", _write_batch, [_rule("BatchWriteItem", {"unprocessed": {"every": 2}}, request="1..2")]),
    Front("half-a-batch-of-reads", _read_batch, [_rule("BatchGetItem", {"unprocessed": {"fraction": 0.5}}, request=1)]),
    Front("short-pages", _query, [_rule("Query", {"page": {"items": 3}})]),
    Front("empty-page", _scan, [_rule("Scan", {"page": "empty"}, request=1)]),
    Front("cancelled", _transact_or_leave, [_rule("TransactWriteItems", {"cancel": {"1": "TransactionConflict"}})]),
    Front("token-answers", _transact, [_rule("TransactWriteItems", {"connection": "reset", "applied": True}, attempt=1)]),
    Front("statements", _statements, [_rule("BatchExecuteStatement", {"statements": {"1": "ThrottlingError"}})]),
    Front("wrong-checksum", _get, [_rule("GetItem", {"response": "wrong-crc"}, attempt=1, limit=2)]),
    Front("dice", _get, [_rule("GetItem", "InternalServerError", attempt=1, chance=0.5)]),
    Front(
        "one-after-the-other",
        _get_some,
        [
            {
                "name": "rule",
                "when": {"operation": "GetItem"},
                "sequence": ["InternalServerError", "ThrottlingException", "ok"],
                "then": "loop",
            }
        ],
    ),
    Front(
        "hot-key",
        _many_puts,
        more={"throughput": [{"limit": "partition-key", "table": TABLE, "write": 0.01, "burst": "1000s"}]},
    ),
    Front("slow-table", _make_table, [_rule("CreateTable", {"table_status": {"CREATING": "1h"}})]),
    Front(
        "outage",
        _get,
        [{"name": "rule", "when": {"operation": "GetItem", "attempt": "1..2"}, "in": "outage", "fault": "InternalServerError"}],
        {
            "phases": [{"name": "healthy", "for": {"calls": 3}}, {"name": "outage", "for": {"calls": 3}}, {"name": "recovered"}],
            "expect": [{"calls": {"operation": "GetItem"}, "outcome": "success", "count": 10}, {"rule": "rule", "fired": 6}],
        },
    ),
)
