"""The heart without a server: order of things, and what becomes of our own failures."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from emulator.core import EmulatorCore, Observer
from emulator.errors import EmulatorError
from emulator.journal import Exchange
from emulator.messages import HttpRequest
from emulator.scenario import Scenario

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
TABLE = {"name": "orders", "key": {"id": "S"}}


def ask(core: EmulatorCore, operation: str, **params: Any) -> Exchange:
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"DynamoDB_20120810.{operation}",
        "x-amz-date": "20261120T120000Z",
        "authorization": AUTHORIZATION,
    }
    entry = core.exchange(HttpRequest("POST", "/", headers, orjson.dumps(params), arrived=core.clock.monotonic()))
    entry.ended, entry.how = core.clock.monotonic(), "sent"
    core.delivered(entry)
    return entry


@pytest.mark.parametrize("broken", ["_codec", "_faults", "_backends", "_tracker"])
def test_a_failure_of_our_own_is_an_answer_in_our_name_and_fails_the_run(broken: str) -> None:
    core = EmulatorCore({"version": 1, "tables": [TABLE]})
    codec = core._codec
    setattr(core, broken, None)
    if broken == "_codec":
        # Nothing can be written without it; but what reads it may be what is broken
        core._codec = type("Deaf", (), {"decode": None, "encode": codec.encode, "encode_error": codec.encode_error})()
    entry = ask_broken(core)
    assert entry.reply.status == 500
    assert b"dynafault itself failed" in entry.reply.body
    assert "Traceback" in entry.bug


def ask_broken(core: EmulatorCore) -> Exchange:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.ListTables", "x-amz-date": "x"}
    return core.exchange(HttpRequest("POST", "/", {**headers, "authorization": AUTHORIZATION}, b"{}"))


def test_a_bug_fails_the_report() -> None:
    core = EmulatorCore()
    core._faults.decide = None  # type: ignore[method-assign,assignment]
    ask(core, "ListTables")
    report = core.report()
    assert not report.passed
    assert "please report" in report.text()


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
                change(bad)  # type: ignore[operator]
    assert core.scenario.name == "good"


def test_observers_hear_of_everything_until_they_are_forgotten() -> None:
    heard: list[str] = []

    class Listening:
        def began(self, scenario: Scenario, seed: int, now: float) -> None:
            heard.append(f"began {scenario.name}")

        def exchanged(self, entry: Exchange) -> None:
            heard.append(f"exchanged {entry.operation}")

        def delivered(self, entry: Exchange) -> None:
            heard.append(f"delivered {entry.operation}")

    core = EmulatorCore({"version": 1, "name": "one"})
    observer: Observer = Listening()
    core.observe(observer)
    ask(core, "ListTables")
    core.load({"version": 1, "name": "two"})
    core.forget(observer)
    ask(core, "ListTables")
    assert heard == ["began one", "exchanged ListTables", "delivered ListTables", "began two"]


def test_what_asks_nothing_of_the_service_stands_in_no_journal() -> None:
    core = EmulatorCore()
    assert core.exchange(HttpRequest("GET", "/", {}, b"")).reply.status == 200
    assert len(core.journal) == 0


def test_seeds_come_from_the_caller_then_from_the_scenario_then_from_chance() -> None:
    assert EmulatorCore({"version": 1, "seed": 7}, seed=0).seed == 0
    assert EmulatorCore({"version": 1, "seed": 7}).seed == 7
    assert EmulatorCore().seed != EmulatorCore().seed
