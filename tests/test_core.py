"""The heart without a server: order of things, and what becomes of our own failures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from emulator.aws.errors import EmulatorError
from emulator.core import EmulatorCore, Observer
from emulator.journal import Exchange
from emulator.messages import HttpRequest
from emulator.scenario import Scenario

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
TABLE = {"name": "orders", "key": {"id": "S"}}


def request(operation: str, **params: Any) -> HttpRequest:
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"DynamoDB_20120810.{operation}",
        "x-amz-date": "20261120T120000Z",
        "authorization": AUTHORIZATION,
    }
    return HttpRequest("POST", "/", headers, orjson.dumps(params))


def ask(core: EmulatorCore, operation: str, **params: Any) -> Exchange:
    exchange = core.exchange(request(operation, **params))
    assert isinstance(exchange, Exchange)
    exchange.delivery.ended, exchange.delivery.how = core.clock.monotonic(), "sent"
    core.delivered(exchange)
    return exchange


@pytest.mark.parametrize("broken", ["rules", "backends", "tracker", "signatures"])
def test_a_failure_of_our_own_is_an_answer_in_our_name_and_fails_the_run(broken: str) -> None:
    core = EmulatorCore({"version": 1, "tables": [TABLE]})
    wrong: dict[str, Any] = {broken: "broken"}
    core.run = replace(core.run, **wrong)
    exchange = ask(core, "ListTables")
    assert exchange.reply.status == 500
    assert b"dynafault itself failed" in exchange.reply.body
    assert "Traceback" in exchange.bug
    assert core.journal.entries() == [exchange]


@pytest.mark.parametrize("broken", ["decode", "encode", "encode_error"])
def test_what_cannot_be_read_or_written_is_answered_too(broken: str) -> None:
    core = EmulatorCore({"version": 1})
    setattr(core._codec, broken, None)
    exchange = ask(core, "ListTables" if broken != "encode_error" else "DescribeTable")
    assert exchange.reply.status == 500
    assert b"dynafault itself failed" in exchange.reply.body
    assert core.journal.entries() == [exchange]


def test_a_bug_fails_the_report() -> None:
    core = EmulatorCore({"version": 1, "rules": [{"name": "r", "when": {"operation": "ListTables"}, "fault": "ok"}]})
    core.run.rules.decide = None  # type: ignore[method-assign,assignment]
    ask(core, "ListTables")
    report = core.report()
    assert not report.passed
    assert "please report" in report.text()


def test_an_observer_that_fails_costs_nobody_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    class Failing:
        def began(self, scenario: Scenario, seed: int, now: float) -> None: ...

        def exchanged(self, exchange: Exchange) -> None:
            raise OSError("no room")

        def delivered(self, exchange: Exchange) -> None:
            raise OSError("no room")

    core = EmulatorCore()
    core.observe(Failing())
    assert ask(core, "ListTables").reply.status == 200
    assert "an observer failed" in capsys.readouterr().err


def test_an_operation_that_is_not_emulated_is_unknown() -> None:
    entry = ask(
        EmulatorCore(), "DescribeExport", ExportArn="arn:aws:dynamodb:us-east-1:000000000000:table/orders/export/01695353076000-a1b2c3d4"
    )
    assert (entry.reply.status, entry.error) == (400, "UnknownOperationException")


def test_what_scenarios_replace_and_what_they_leave() -> None:
    core = EmulatorCore({"version": 1, "tables": [{**TABLE, "items": [{"id": "a"}]}]})
    ask(core, "CreateTable", TableName="mine", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])  # fmt: skip
    ask(core, "DeleteItem", TableName="orders", Key={"id": {"S": "a"}})
    core.load({"version": 1, "tables": [{**TABLE, "items": [{"id": "b"}]}]})
    assert orjson.loads(ask(core, "ListTables").reply.body) == {"TableNames": ["mine", "orders"]}
    assert b'"b"' in ask(core, "Scan", TableName="orders").reply.body
    core.start_over(None)
    assert orjson.loads(ask(core, "ListTables").reply.body) == {"TableNames": []}
    assert len(core.journal) == 1


def test_a_bad_scenario_leaves_the_running_one() -> None:
    core = EmulatorCore({"version": 1, "name": "good"})
    for bad in ({"version": 2}, {"version": 1, "tables": [{**TABLE, "items": [{"id": ""}]}]}):
        for change in (core.load, core.start_over):
            with pytest.raises(EmulatorError):
                change(bad)
    assert core.scenario.name == "good"


def test_observers_hear_of_everything_until_they_are_forgotten() -> None:
    heard: list[str] = []

    class Listening:
        def began(self, scenario: Scenario, seed: int, now: float) -> None:
            heard.append(f"began {scenario.name}")

        def exchanged(self, exchange: Exchange) -> None:
            heard.append(f"exchanged {exchange.operation}")

        def delivered(self, exchange: Exchange) -> None:
            heard.append(f"delivered {exchange.operation}")

    core = EmulatorCore({"version": 1, "name": "one"})
    observer: Observer = Listening()
    core.observe(observer)
    ask(core, "ListTables")
    core.load({"version": 1, "name": "two"})
    core.unsubscribe(observer)
    ask(core, "ListTables")
    assert heard == ["began one", "exchanged ListTables", "delivered ListTables", "began two"]


def test_what_asks_nothing_of_the_service_stands_in_no_journal() -> None:
    core = EmulatorCore()
    health = core.exchange(HttpRequest("GET", "/", {}, b""))
    assert isinstance(health, Exchange)
    assert (health.id, health.reply.status) == (0, 200)
    assert len(core.journal) == 0


def test_seeds_come_from_the_caller_then_from_the_scenario_then_from_chance() -> None:
    assert EmulatorCore({"version": 1, "seed": 7}, seed=0).seed == 0
    assert EmulatorCore({"version": 1, "seed": 7}).seed == 7
    assert EmulatorCore().seed != EmulatorCore().seed
