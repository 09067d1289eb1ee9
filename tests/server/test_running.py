"""An emulator at an address: start, stop, two at once, and addresses that cannot be had."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from emulator import Emulator, EmulatorError, ScenarioError

Start = Callable[..., Emulator]


def test_two_emulators_share_nothing(start: Start, orders: dict[str, Any], connect: Any) -> None:
    one, two = start(orders), start(orders)
    assert one.port != two.port
    connect(one).call("PutItem", TableName="orders", Item={"id": {"S": "b"}})
    assert connect(two).call("Scan", TableName="orders").json["Count"] == 1
    assert (len(one.journal), len(two.journal)) == (1, 1)


def test_a_port_in_use_is_said_plainly(start: Start) -> None:
    taken = start()
    with pytest.raises(EmulatorError, match=f"port {taken.port} on 127.0.0.1 is in use; choose another"):
        Emulator(port=taken.port).start()


def test_a_port_is_free_again_at_once(start: Start, connect: Any) -> None:
    first = start()
    assert connect(first).call("ListTables").status == 200
    first.stop()
    assert connect(start(port=first.port)).call("ListTables").status == 200


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_ours_is_said_plainly(host: str) -> None:
    with pytest.raises(EmulatorError, match=f"cannot listen on {host}"):
        Emulator(host=host).start()


def test_ipv6(start: Start, client_for: Any) -> None:
    emulator = start(host="::1")
    assert emulator.url == f"http://[::1]:{emulator.port}"
    assert client_for(emulator).list_tables()["TableNames"] == []


def test_starting_twice_is_refused_and_stopping_twice_is_fine(start: Start) -> None:
    emulator = start()
    with pytest.raises(EmulatorError, match="is running already"):
        emulator.start()
    emulator.stop()
    emulator.stop()


def test_a_bad_scenario_starts_nothing() -> None:
    with pytest.raises(ScenarioError, match="unknown key 'rulez'"):
        Emulator("version: 1\nrulez: []\n")


def test_a_table_that_the_service_would_refuse_is_a_problem_of_the_scenario(orders: dict[str, Any]) -> None:
    orders["tables"][0]["items"].append({"id": ""})
    with pytest.raises(ScenarioError, match=r"<mapping>:\d+:\d+: .*empty"):
        Emulator(orders)


def test_loading_starts_counters_and_tables_afresh(start: Start, scenario_with: Any, connect: Any) -> None:
    scenario = scenario_with({"when": {"operation": "GetItem", "request": 1}, "fault": "ThrottlingException"})
    emulator = start(scenario)
    wire = connect(emulator)
    for _ in range(2):
        wire.call("PutItem", TableName="orders", Item={"id": {"S": "b"}})
        answers = [wire.call("GetItem", TableName="orders", Key={"id": {"S": "b"}}) for _ in range(2)]
        assert [answer.status for answer in answers] == [400, 200]
        emulator.load(scenario)
        assert wire.call("Scan", TableName="orders").json["Count"] == 1


def test_the_endpoint_and_the_credentials_are_harmless(start: Start) -> None:
    emulator = start()
    assert emulator.boto3_kwargs("eu-west-1") == {
        "endpoint_url": emulator.url,
        "region_name": "eu-west-1",
        "aws_access_key_id": "dynafault",
        "aws_secret_access_key": "dynafault",
    }


def test_the_environment_points_clients_here_while_it_lasts(start: Start, orders: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    before = dict(os.environ)
    emulator = start(orders)
    with emulator.environment_set():
        assert "AWS_PROFILE" not in os.environ
        assert boto3.client("dynamodb").list_tables()["TableNames"] == ["orders"]
        assert dict(os.environ) == emulator.environment(before)
    assert dict(os.environ) == before
    with pytest.raises(RuntimeError, match="inside"), emulator.environment_set():
        raise RuntimeError("inside")
    assert dict(os.environ) == before
