"""Random scenarios, with every kind of fault, and random requests; the same source of chance gives the same ones."""

from __future__ import annotations

from random import Random
from typing import Any

TABLE = "orders"
INDEX = "by-group"
_ERRORS = (
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "InternalServerError",
    "RequestLimitExceeded",
    "ServiceUnavailable",
)
_OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchWriteItem", "TransactWriteItems")


def random_scenario(chance: Random, *, scale: float = 1.0, tables: bool = True) -> dict[str, Any]:
    """A scenario of a few rules. `scale` shortens everything that takes time, for worlds whose time is real; without `tables`, those that
    are there stay as they are."""
    rules = [{"name": f"rule-{number}", **_rule(chance, scale)} for number in range(chance.randint(1, 5))]
    scenario: dict[str, Any] = {"version": 1, "time_scale": scale, "rules": rules}
    if tables:
        scenario["tables"] = [_table(TABLE), {**_table("others"), "indexes": []}]
    if chance.random() < 0.2:
        scenario["throughput"] = [{"table": TABLE, "write": chance.randint(3, 20), "read": chance.randint(3, 20), "burst": "1s"}]
    if chance.random() < 0.2:
        scenario["consistency"] = {"lag": "1s"}
    if chance.random() < 0.2:
        scenario["phases"] = [{"name": "outage", "for": "3s"}, {"name": "recovery"}]
        rules[0]["in"] = "outage"
    return scenario


def _table(name: str) -> dict[str, Any]:
    index = {"name": INDEX, "key": {"grp": "S", "id": "S"}, "type": "global", "projection": "ALL"}
    return {"name": name, "key": {"id": "S"}, "stream": "NEW_AND_OLD_IMAGES", "indexes": [index]}


def _rule(chance: Random, scale: float) -> dict[str, Any]:
    kind = chance.choice(list(_FAULTS))
    operation, fault = _FAULTS[kind](chance, scale)
    rule: dict[str, Any] = {"when": {"operation": operation}, "unfired": "allow"}
    if chance.random() < 0.5:
        rule["chance"] = round(chance.uniform(0.1, 0.9), 2)
    elif chance.random() < 0.5:
        rule["when"]["attempt"] = 1
    if chance.random() < 0.3:
        rule["limit"] = chance.randint(1, 5)
    if chance.random() < 0.3:
        rule["sequence"], rule["then"] = ["ok", fault], chance.choice(["loop", "stay", "pass"])
    else:
        rule["fault"] = fault
    return rule


def _some(chance: Random) -> Any:
    return chance.choice([list(_OPERATIONS), "writes", chance.choice(_OPERATIONS)])


def _error(chance: Random, scale: float) -> tuple[Any, Any]:
    error = chance.choice(_ERRORS)
    applied = chance.random() < 0.3 and error in ("InternalServerError", "ServiceUnavailable")
    return _some(chance), {"error": error, "applied": True} if applied else error


def _connection(chance: Random, scale: float) -> tuple[Any, Any]:
    fault: dict[str, Any] = {"connection": chance.choice(["reset", "close"]), "after": chance.choice(["nothing", "headers", "50%"])}
    # An answer that has begun stands for an operation that was carried out
    fault["applied"] = fault["after"] != "nothing" or chance.random() < 0.5
    return _some(chance), fault


def _hang(chance: Random, scale: float) -> tuple[Any, Any]:
    return _some(chance), {"connection": "hang", "for": "2s"}


def _slow(chance: Random, scale: float) -> tuple[Any, Any]:
    return _some(chance), chance.choice([{"delay": "200ms"}, {"delay": {"uniform": ["10ms", "1s"]}}, {"drip": f"{int(5000 / scale)}B/s"}])


def _answer(chance: Random, scale: float) -> tuple[Any, Any]:
    return _some(chance), chance.choice([{"response": "html", "status": 502}, {"headers": {"x-cache": "miss"}}, {"response": "empty"}])


def _unprocessed(chance: Random, scale: float) -> tuple[Any, Any]:
    return "BatchWriteItem", {"unprocessed": chance.choice([{"every": 2}, {"fraction": 0.5}, {"all_but": 1}])}


def _cancel(chance: Random, scale: float) -> tuple[Any, Any]:
    return "TransactWriteItems", {"cancel": {"0": chance.choice(["ConditionalCheckFailed", "ThrottlingError"])}}


def _page(chance: Random, scale: float) -> tuple[Any, Any]:
    return chance.choice(["Query", "Scan"]), {"page": chance.choice(["empty", {"items": 1}])}


def _stale(chance: Random, scale: float) -> tuple[Any, Any]:
    return "GetItem", {"stale": "1s"}


_FAULTS = {
    "error": _error,
    "connection": _connection,
    "hang": _hang,
    "slow": _slow,
    "answer": _answer,
    "unprocessed": _unprocessed,
    "cancel": _cancel,
    "page": _page,
    "stale": _stale,
}


def random_request(chance: Random, keys: int = 8) -> tuple[str, dict[str, Any]]:
    """An operation and its parameters, of which the model knows what they write."""
    operation = chance.choice(_OPERATIONS)
    key, item = {"id": {"S": f"k{chance.randrange(keys)}"}}, _item(chance, keys)
    if operation == "PutItem":
        return operation, {"TableName": TABLE, "Item": item}
    if operation == "UpdateItem":
        return operation, {"TableName": TABLE, **_update(chance, key)}
    if operation == "Query":
        values = {":g": {"S": f"g{chance.randrange(3)}"}}
        return operation, {
            "TableName": TABLE,
            "IndexName": INDEX,
            "KeyConditionExpression": "grp = :g",
            "ExpressionAttributeValues": values,
        }
    if operation == "Scan":
        return operation, {"TableName": TABLE}
    if operation == "BatchWriteItem":
        numbers = chance.sample(range(keys), chance.randint(1, min(keys, 5)))
        return operation, {"RequestItems": {TABLE: [_batch_entry(chance, number) for number in numbers]}}
    if operation == "TransactWriteItems":
        numbers = chance.sample(range(keys), 2)
        entries: list[dict[str, Any]] = [
            {"Put": {"TableName": TABLE, "Item": {**item, "id": {"S": f"k{numbers[0]}"}}}},
            {"Update": {"TableName": TABLE, **_update(chance, {"id": {"S": f"k{numbers[1]}"}})}},
        ]
        token = f"token-{chance.randrange(10**9):09}"
        return operation, {"TransactItems": entries, "ClientRequestToken": token}
    return operation, {"TableName": TABLE, "Key": key}


def _item(chance: Random, keys: int) -> dict[str, Any]:
    group = {"grp": {"S": f"g{chance.randrange(3)}"}} if chance.random() < 0.8 else {}
    return {
        "id": {"S": f"k{chance.randrange(keys)}"},
        "n": {"N": str(chance.randrange(100))},
        "text": {"S": "x" * chance.randrange(200)},
        **group,
    }


def _update(chance: Random, key: dict[str, Any]) -> dict[str, Any]:
    values = {":one": {"N": "1"}, ":group": {"S": f"g{chance.randrange(3)}"}}
    return {"Key": key, "UpdateExpression": "ADD n :one SET grp = :group", "ExpressionAttributeValues": values}


def _batch_entry(chance: Random, number: int) -> dict[str, Any]:
    if chance.random() < 0.3:
        return {"DeleteRequest": {"Key": {"id": {"S": f"k{number}"}}}}
    return {"PutRequest": {"Item": {**_item(chance, 1), "id": {"S": f"k{number}"}}}}
