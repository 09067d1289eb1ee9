"""scenarios/incidents: no call gets through all the time, but what a program did is right, and it comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}


def test_2015_09_20(shipped: Run) -> None:
    run = shipped(scale="0.001")
    client = run.client
    failures = {}
    for phase, minutes in {"before": 1, "rising": 10, "peak": 18, "relief": 150, "after": 130}.items():
        run.sleep(minutes * 60 * 0.001)
        assert run.emulator.phase == phase
        answers = [run.trying(client.get_item, TableName="orders", Key=KEY) for _ in range(12)]
        failures[phase] = answers.count(None)
    assert failures["before"] == failures["after"] == 0
    fired = {rule.name: rule.fired for rule in run.emulator.rules.list()}
    assert 5 < fired["half-of-all-requests"] < 30


def test_2025_10_20(shipped: Run, eventually: Run) -> None:
    run = shipped(scale="0.0002")
    client = run.client
    for number in range(3):
        client.put_item(TableName="orders", Item={**KEY, "order": {"N": str(number)}})
    assert run.trying(client.put_item, TableName="orders", Item={**KEY, "order": {"N": "3"}}) is None
    assert run.emulator.phase == "no-address"
    run.sleep(10)
    eventually(lambda: run.trying(client.put_item, TableName="orders", Item={**KEY, "order": {"N": "4"}}))
    assert client.scan(TableName="orders", Select="COUNT")["Count"] == 4
