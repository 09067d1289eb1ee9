"""Whatever is of the right types, nulls, gaps and empty things included, is looked at for its tables, keys and pieces of work before the
service refuses it: nothing may stumble there."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator
from emulator.aws.services import Service, load_services

TARGETS = {"dynamodb": "DynamoDB_20120810", "streams": "DynamoDBStreams_20120810", "backup-gateway": "BackupOnPremises_v20210101"}
TABLES = [{"name": "orders", "key": {"customer": "S", "order": "N"}}, {"name": "config", "key": {"id": "S"}}]
# Each looks at something else of a request
RULES = [
    {"name": "keys", "when": {"key": {"customer": "nobody*", "order": 7}}, "fault": "InternalServerError"},
    {"name": "index", "when": {"operation": ["Query", "Scan"], "index": "no-such-index"}, "fault": "InternalServerError"},
    {"name": "where", "when": {"where": "TransactItems[0].Put.Item.id.S == 'nobody'"}, "fault": "InternalServerError"},
    {"name": "by-key", "when": {"request": 1_000_000, "per": "key"}, "fault": "InternalServerError"},
    {"name": "tries", "when": {"try": 1_000_000}, "fault": "InternalServerError"},
    {"name": "luck", "when": {"operation": ["PutItem", "BatchWriteItem"]}, "chance": 0.000001, "fault": "InternalServerError"},
]
VARIANTS = 30
DEEPEST = 5


class Maker:
    """Values of a service's shapes, drawn by chance: of the right types, and otherwise as they come."""

    def __init__(self, service: Service, seed: str) -> None:
        self._service = service
        self._random = random.Random(seed)

    def value(self, shape_name: str, depth: int = 0) -> Any:
        shape, draw = self._service.shape(shape_name), self._random
        if depth and draw.random() < 0.2:
            return None
        if shape.type == "structure":
            names = [name for name in shape.members if depth < DEEPEST and draw.random() < 0.8]
            return {name: self.value(shape.members[name].shape, depth + 1) for name in names}
        if shape.type == "list":
            return [self.value(shape.member or "", depth + 1) for _ in range(draw.choice((0, 1, 2)))] if depth < DEEPEST else []
        if shape.type == "map":
            named = draw.choice(((), ("orders",), ("config", "id"), ("customer", "order")))
            return {name: self.value(shape.value or "", depth + 1) for name in named} if depth < DEEPEST else {}
        if shape.type in ("integer", "long", "float", "double", "timestamp"):
            return draw.choice((0, 1, -1, 25))
        if shape.type == "boolean":
            return draw.choice((True, False))
        if shape.type == "blob":
            return draw.choice(("", "YQ=="))
        return draw.choice(("orders", "config", "", "1", "a", "SELECT * FROM orders WHERE id = 'a'", *shape.enum[:2]))


@pytest.mark.parametrize("name", TARGETS)
def test_what_the_service_refuses_is_still_looked_at(start: Callable[..., Emulator], name: str) -> None:
    send_everything(start({"version": 1, "tables": TABLES, "rules": RULES}), name, {200, 400})


def test_parts_of_such_requests_are_looked_at_by_faults(start: Callable[..., Emulator]) -> None:
    faults: dict[str, Any] = {
        "transactions": {"cancel": {"0": "ConditionalCheckFailed", "1": "TransactionConflict"}},
        "BatchExecuteStatement": {"statements": {"0": "ThrottlingError", "1": "ConditionalCheckFailed"}},
        "*": {"error": "ConditionalCheckFailedException", "status": 503},
    }
    rules = [
        {"name": operation, "when": {"operation": operation}, "fault": fault, "unfired": "allow"} for operation, fault in faults.items()
    ]
    send_everything(start({"version": 1, "tables": TABLES, "rules": rules}), "dynamodb", {200, 400, 503})


def send_everything(emulator: Emulator, name: str, expected: set[int]) -> None:
    service = load_services()[name]
    for operation in service.operations.values():
        if operation.input is None:
            continue
        maker = Maker(service, f"{name} {operation.name}")
        for _ in range(VARIANTS):
            body = orjson.dumps(maker.value(operation.input))
            answer = ask(emulator, f"{TARGETS[name]}.{operation.name}", body)
            assert answer.status_code in expected, (operation.name, body, answer.text)


def ask(emulator: Emulator, target: str, body: bytes) -> requests.Response:
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": target,
        "x-amz-date": "20261120T120000Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
    }
    return requests.post(emulator.url, data=body, headers=headers, timeout=60)
