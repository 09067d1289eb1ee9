"""What goes wrong in a run, as scenarios, and the work that good clients do meanwhile."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from emulator.scenario import Scenario, load_scenario

TABLES = [{"name": "orders", "key": {"id": "S"}}]
_ITEMS = ["GetItem", "PutItem", "UpdateItem"]
_FAULTS: dict[str, Any] = {
    "server errors": "InternalServerError",
    "unavailable": "ServiceUnavailable",
    "throttling": "ThrottlingException",
    "little capacity": "ProvisionedThroughputExceededException",
    "lost requests": {"connection": "reset"},
    "lost answers": {"connection": "reset", "applied": True},
    "hints": {"error": "ThrottlingException", "retry_after": "700ms"},
}
# How often the items fail whose ids begin so
_OFTEN: dict[str, Any] = {"a": 1, "b": "1..2", "c": "1..3", "d": "1..6"}
TROUBLES = (*_FAULTS, "brown-out", "outage", "batches", "transactions", "refusals")
# Clients of other services only have these
ELSEWHERE = ("server errors elsewhere", "throttling elsewhere")
_LISTS = {"streams": "ListStreams", "backup-gateway": "ListGateways"}


@cache
def scenario_of(trouble: str) -> Scenario:
    return load_scenario({"version": 1, "tables": TABLES, "rules": _rules(trouble)})


def _rules(trouble: str) -> list[dict[str, Any]]:
    if trouble in _FAULTS:
        return [
            {"name": name, "when": {"operation": _ITEMS, "key": {"id": f"{name}*"}, "try": often}, "fault": _FAULTS[trouble]}
            for name, often in _OFTEN.items()
        ]
    once = "1..2"
    rules: dict[str, dict[str, Any]] = {
        "brown-out": {"when": {"operation": _ITEMS}, "chance": 0.3, "fault": "InternalServerError"},
        "outage": {"when": {"operation": _ITEMS, "request": "1..120"}, "fault": "InternalServerError"},
        "endless outage": {"when": {"operation": _ITEMS}, "fault": "InternalServerError"},
        "batches": {"when": {"operation": "BatchWriteItem", "try": "1..3"}, "fault": {"unprocessed": {"every": 2}}},
        "slow batches": {"when": {"operation": "BatchWriteItem"}, "fault": {"unprocessed": {"all_but": 1}}},
        "no access": {"when": {"operation": _ITEMS}, "fault": "AccessDeniedException"},
        "transactions": {"when": {"operation": "TransactWriteItems", "try": once}, "fault": {"connection": "reset", "applied": True}},
        "refusals": {"when": {"operation": "PutItem", "key": {"id": "a*"}}, "fault": "ConditionalCheckFailedException"},
    }
    if trouble in ELSEWHERE:
        fault = "ServiceUnavailable" if trouble == ELSEWHERE[0] else "ThrottlingException"
        return [
            {"name": service, "when": {"service": service, "operation": operation, "attempt": once}, "fault": fault}
            for service, operation in _LISTS.items()
        ]
    return [{"name": trouble.replace(" ", "-"), **rules[trouble]}]


def name_of(number: int, dice: Random) -> str:
    return f"{dice.choice('abcdoo')}{number}"


def write(name: str) -> dict[str, Any]:
    return {"TableName": "orders", "Item": {"id": {"S": name}}}


def read(name: str) -> dict[str, Any]:
    return {"TableName": "orders", "Key": {"id": {"S": name}}}


def batch(name: str, size: int = 6) -> dict[str, Any]:
    return {"RequestItems": {"orders": [{"PutRequest": {"Item": {"id": {"S": f"{name}-{place}"}}}} for place in range(size)]}}


def transaction(name: str, dice: Random) -> dict[str, Any]:
    return {"TransactItems": [{"Put": write(name)}], "ClientRequestToken": f"{dice.getrandbits(64):016x}"}


def count(name: str) -> dict[str, Any]:
    values = {":one": {"N": "1"}}
    return {**read(name), "UpdateExpression": "ADD hits :one", "ExpressionAttributeValues": values}
