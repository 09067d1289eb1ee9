"""A run is read once and replaced as one: whatever happens beside a request, it meets one scenario and no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator
from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.messages import HttpRequest

SWAPS = 1_000
THREADS = 8
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.GetItem",
    "x-amz-date": "20261120T120000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
BODY = orjson.dumps({"TableName": "orders", "Key": {"id": {"S": "a"}}})


def scenario(name: str) -> dict[str, Any]:
    """Rules, items and limits that say which scenario they are of: a header from its rule, an item from its table."""
    table = {"name": "orders", "key": {"id": "S"}, "items": [{"id": "a", "of": name}]}
    return {"version": 1, "name": name, "tables": [table], "rules": [{"name": name, "fault": {"headers": {"x-rule": name}}}]}


def is_of_one(body: bytes, header: str | None) -> bool:
    """Whether the item and the rule that an answer shows are of one scenario."""
    return bool(orjson.loads(body)["Item"]["of"] == {"S": header})


@pytest.fixture
def swapped() -> Callable[[Callable[[dict[str, Any]], object], Callable[[], bool]], int]:
    """Swaps scenarios while eight threads ask. The number of answers, none of which may mix two."""

    def swap(load: Callable[[dict[str, Any]], object], ask: Callable[[], bool]) -> int:
        stopped = threading.Event()

        def asking() -> int:
            asked = 0
            while not stopped.is_set():
                assert ask(), "an answer is of two scenarios"
                asked += 1
            return asked

        with ThreadPoolExecutor(THREADS) as threads:
            counts = [threads.submit(asking) for _ in range(THREADS)]
            try:
                for number in range(SWAPS):
                    load(scenario(f"s{number % 2}"))
            finally:
                stopped.set()
            return sum(count.result() for count in counts)

    return swap


def test_no_exchange_mixes_two_scenarios_in_the_library(swapped: Callable[..., int]) -> None:
    core = EmulatorCore(scenario("s0"))

    def ask() -> bool:
        exchange = core.exchange(HttpRequest("POST", "/", HEADERS, BODY))
        assert isinstance(exchange, Exchange)
        return is_of_one(exchange.reply.body, dict(exchange.reply.headers).get("x-rule"))

    assert swapped(core.load, ask) >= THREADS


def test_no_exchange_mixes_two_scenarios_through_http(swapped: Callable[..., int], start: Callable[..., Emulator]) -> None:
    emulator = start(scenario("s0"))
    sessions = threading.local()

    def ask() -> bool:
        session = getattr(sessions, "session", None) or requests.Session()
        sessions.session = session
        answer = session.post(emulator.url, data=BODY, headers=HEADERS, timeout=60)
        return is_of_one(answer.content, answer.headers.get("x-rule"))

    assert swapped(emulator.load, ask) >= THREADS


def test_a_table_that_is_made_while_scenarios_are_swapped_is_there() -> None:
    core = EmulatorCore(scenario("s0"))
    stopped = threading.Event()

    def swapping() -> None:
        while not stopped.is_set():
            core.load(scenario("s1"))

    swapper = threading.Thread(target=swapping)
    swapper.start()
    try:
        for number in range(200):
            body = {
                "TableName": f"t{number}", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            }  # fmt: skip
            core.exchange(HttpRequest("POST", "/", {**HEADERS, "x-amz-target": "DynamoDB_20120810.CreateTable"}, orjson.dumps(body)))
    finally:
        stopped.set()
        swapper.join()
    asked = core.exchange(HttpRequest("POST", "/", {**HEADERS, "x-amz-target": "DynamoDB_20120810.ListTables"}, b'{"Limit": 100}'))
    assert isinstance(asked, Exchange)
    listed = orjson.loads(asked.reply.body)
    assert len(listed["TableNames"]) == 100
    assert listed["LastEvaluatedTableName"]


def test_rules_come_and_go_with_the_counters_of_the_others(start: Callable[..., Emulator]) -> None:
    emulator = start(scenario("s0"))
    ask = lambda: requests.post(emulator.url, data=BODY, headers=HEADERS, timeout=60)  # noqa: E731
    ask()
    emulator.rules.add({"name": "extra", "fault": "ThrottlingException"})
    assert [(rule.name, rule.fired) for rule in emulator.rules.list()] == [("s0", 1), ("extra", 0)]
    emulator.rules.enable("s0", False)
    assert ask().status_code == 400
    emulator.rules.enable("s0")
    emulator.rules.remove("extra")
    assert ask().headers["x-rule"] == "s0"
    assert [(rule.name, rule.fired) for rule in emulator.rules.list()] == [("s0", 2)]


def test_a_stale_rule_that_is_added_at_run_time_has_a_past_to_show(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    emulator = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}]})
    client = client_for(emulator)
    emulator.rules.add({"name": "old", "when": {"operation": "GetItem"}, "fault": {"stale": "10s"}})
    client.put_item(TableName="orders", Item={"id": {"S": "a"}})
    assert "Item" not in client.get_item(TableName="orders", Key={"id": {"S": "a"}}, ConsistentRead=True)
    emulator.rules.enable("old", False)
    assert "Item" in client.get_item(TableName="orders", Key={"id": {"S": "a"}})


def test_what_began_before_everything_started_over_is_in_no_journal() -> None:
    core = EmulatorCore(scenario("s0"))
    inside = core.run.backends.dynamodb
    execute = inside.execute

    def start_over_meanwhile(*arguments: Any) -> Any:
        core.start_over(None)
        return execute(*arguments)

    inside.execute = start_over_meanwhile  # type: ignore[method-assign,assignment]
    exchange = core.exchange(HttpRequest("POST", "/", HEADERS, BODY))
    assert isinstance(exchange, Exchange)
    assert (exchange.reply.status, exchange.id, len(core.journal)) == (200, 0, 0)
