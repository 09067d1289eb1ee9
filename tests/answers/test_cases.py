"""What the emulated service answers, one kind of answer after the other: the cases are in cases.yaml, with the evidence for each kind.

Each case asks a fresh emulator that has the tables below, over the wire as far as its bytes, so that types, constraints and the
engine all have their say. `ask` is {operation: parameters}; `given` are requests that come before it and succeed. `error` and `says` are
the name and the text of the error (`says` exactly, `begins` its beginning), `reasons` the codes and texts of a cancelled
transaction; `answers` is what the answer has among other things, `lacks` what it does not have. `in` is the wording, where the kind
is not the same in all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from emulator.aws.wording import WORDINGS
from emulator.clock import ManualClock
from emulator.core import EmulatorCore
from emulator.journal.exchange import Exchange
from emulator.messages import HttpRequest

KINDS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text())
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"


def attributes(text: str) -> list[dict[str, str]]:
    pairs = [part.split(":") for part in text.split()]
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in pairs]


def keys(*kinds_and_names: str) -> list[dict[str, str]]:
    return [{"KeyType": kind, "AttributeName": name} for kind, name in (text.split(":") for text in kinds_and_names)]


ALL = {"ProjectionType": "ALL"}
TABLES: list[dict[str, Any]] = [
    {"TableName": "hashed", "AttributeDefinitions": attributes("pk:S"), "KeySchema": keys("HASH:pk")},
    {"TableName": "sorted", "AttributeDefinitions": attributes("pk:S sk:S"), "KeySchema": keys("HASH:pk", "RANGE:sk")},
    {
        "TableName": "indexed",
        "AttributeDefinitions": attributes("pk:S sk:S g:S n:N l:S h1:S h2:S r1:S r2:S"),
        "KeySchema": keys("HASH:pk", "RANGE:sk"),
        "GlobalSecondaryIndexes": [
            {"IndexName": "by-g", "KeySchema": keys("HASH:g", "RANGE:n"), "Projection": ALL},
            {"IndexName": "keys", "KeySchema": keys("HASH:g"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
            {"IndexName": "many", "KeySchema": keys("HASH:h1", "HASH:h2", "RANGE:r1", "RANGE:r2"), "Projection": ALL},
        ],
        "LocalSecondaryIndexes": [{"IndexName": "by-l", "KeySchema": keys("HASH:pk", "RANGE:l"), "Projection": ALL}],
    },
]


class Service:
    def __init__(self, wording: Any) -> None:
        self._core = EmulatorCore(clock=ManualClock(), wording=wording, seed=1)
        for table in TABLES:
            assert self.ask("CreateTable", {"BillingMode": "PAY_PER_REQUEST", **table})[0] == 200

    def ask(self, operation: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
            "x-amz-date": "20261120T120000Z",
            "authorization": AUTHORIZATION,
        }
        exchange = self._core.exchange(HttpRequest("POST", "/", headers, orjson.dumps(params)))
        assert isinstance(exchange, Exchange)
        assert exchange.reply is not None
        body = exchange.reply.body
        return exchange.reply.status, orjson.loads(body) if body else {}


def is_part(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(name in found and is_part(value, found[name]) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(is_part, wanted, found))
    return bool(wanted == found)


def has(answer: Any, path: str) -> bool:
    for step in path.split("."):
        if isinstance(answer, list):
            answer = answer[int(step)]
        elif step in answer:
            answer = answer[step]
        else:
            return False
    return True


def parameters() -> list[Any]:
    return [
        pytest.param(case, wording, id=f"{kind['kind'][:60]}-{place}-{wording}")
        for kind in KINDS
        for place, case in enumerate(kind["cases"], 1)
        for wording in ([case["in"]] if "in" in case else WORDINGS)
    ]


@pytest.mark.parametrize(("case", "wording"), parameters())
def test_the_service_answers(case: dict[str, Any], wording: str) -> None:
    service = Service(wording)
    for given in case.get("given", ()):
        for operation, params in given.items():
            status, answer = service.ask(operation, params)
            assert status == 200, answer
    ((operation, params),) = case["ask"].items()
    status, answer = service.ask(operation, params)
    text = answer.get("message", answer.get("Message"))
    if "error" not in case:
        assert status == 200, answer
    else:
        assert (status, answer.get("__type", "").partition("#")[2]) == (400, case["error"]), answer
    if "says" in case:
        assert text == case["says"]
    if "begins" in case:
        assert text is not None
        assert text.startswith(case["begins"]), text
    if "reasons" in case:
        assert [[reason["Code"], reason.get("Message")] for reason in answer["CancellationReasons"]] == case["reasons"]
    assert is_part(case.get("answers", {}), answer), answer
    assert [path for path in case.get("lacks", ()) if has(answer, path)] == []


def test_each_kind_has_evidence_and_cases() -> None:
    for kind in KINDS:
        assert kind["evidence"].strip()
        assert kind["cases"]
        assert all({"says", "begins", "answers", "lacks", "reasons", "error"} & case.keys() for case in kind["cases"])
    assert len({kind["kind"] for kind in KINDS}) == len(KINDS)
