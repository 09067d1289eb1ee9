"""The panic switch: within a second, nothing goes wrong any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator import Emulator
from emulator.server.admin.client import AdminClient
from tests.conftest import PATIENCE

Start = Callable[..., Emulator]
Connect = Callable[..., Any]
GET = {"TableName": "orders", "Key": {"id": {"S": "a"}}}
DENIED = {"auth": {"deny": [{"operation": "DeleteItem"}]}, "throughput": [{"limit": "account", "write": 1, "burst": "1s"}]}


def press(emulator: Emulator, what: str) -> dict[str, Any]:
    answer: dict[str, Any] = requests.post(f"{emulator.url}/_emulator/rules/{what}", timeout=PATIENCE).json()
    return answer


def test_rules_limits_and_denials_are_off_and_on_again(start: Start, connect: Connect, scenario_with: Any) -> None:
    emulator = start({**scenario_with({"fault": "InternalServerError"}), **DENIED})
    wire = connect(emulator)
    assert wire.call("GetItem", **GET).status == 500
    assert press(emulator, "off") == {"off": True}
    assert wire.call("GetItem", **GET).status == 200
    assert wire.call("DeleteItem", **GET).status == 200
    assert [wire.call("PutItem", TableName="orders", Item=GET["Key"]).status for _ in range(5)] == [200] * 5
    admin = AdminClient(emulator.url)
    assert (admin.scenario()["off"], [rule["enabled"] for rule in admin.scenario()["rules"]]) == (True, [False])
    emulator.rules.add({"name": "later", "fault": "InternalServerError"})
    emulator.reset("counters")
    assert wire.call("GetItem", **GET).status == 200
    assert press(emulator, "on") == {"off": False}
    assert wire.call("GetItem", **GET).status == 500


def test_sandboxes_are_off_with_their_server(start: Start, scenario_with: Any) -> None:
    emulator = start(scenario_with())
    sandbox = emulator.sandboxes.core("one")
    press(emulator, "off")
    assert sandbox.rule_set.is_off
    requests.post(f"{emulator.url}/sandbox/one/_emulator/rules/on", timeout=PATIENCE)
    assert (sandbox.rule_set.is_off, emulator.core.rule_set.is_off) == (False, True)


@pytest.mark.parametrize("fault", [{"delay": "1h"}, {"drip": "1B/s"}, {"delay": "1h", "drip": "1B/s"}])
def test_what_is_held_back_goes_on(
    fault: Any, start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any, journaled: Callable[..., None]
) -> None:
    emulator = start(scenario_with({"fault": fault}))
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET))
    journaled(emulator, lambda: len(emulator.journal))
    emulator.rules.off()
    assert wire.answer().status == 200
    assert wire.call("GetItem", **GET).status == 200


def test_what_hangs_is_closed(
    start: Start, connect: Connect, scenario_with: Any, make_request_bytes: Any, journaled: Callable[..., None]
) -> None:
    emulator = start(scenario_with({"fault": {"connection": "hang"}}))
    wire = connect(emulator)
    wire.send(make_request_bytes("GetItem", GET))
    journaled(emulator, lambda: len(emulator.journal))
    emulator.rules.off()
    assert wire.everything() == b""
    assert emulator.journal.entries()[0].delivery.how == "hung"


def test_who_is_refused_is_let_in(start: Start, connect: Connect, scenario_with: Any, eventually: Callable[..., None]) -> None:
    emulator = start(scenario_with({"when": {"operation": "GetItem"}, "fault": {"refuse": "1h"}}))
    wire = connect(emulator)
    with pytest.raises((ConnectionError, EOFError)):
        wire.call("GetItem", **GET)
    emulator.rules.off()

    def is_open() -> bool:
        try:
            return bool(connect(emulator).call("GetItem", **GET).status == 200)
        except OSError:
            return False

    eventually(is_open)


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="this system has no such signal")
def test_a_signal_presses_it(tmp_path: Path) -> None:
    scenario = tmp_path / "once.yaml"
    scenario.write_text("version: 1\nrules: [{name: once, when: {attempt: 1}, fault: InternalServerError}]\n")
    command = [sys.executable, "-m", "emulator", "serve", str(scenario), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        url = server.stdout.readline().split()[-1]
        try:
            server.send_signal(signal.SIGUSR1)
            assert "all rules are off" in server.stderr.readline()
            assert AdminClient(url).scenario()["off"] is True
        finally:
            server.terminate()


PROGRAM = """
import os, signal, sys
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
client = boto3.client("dynamodb", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))
try:
    client.list_tables()
except ClientError:
    os.kill(os.getppid(), signal.SIGUSR1)
for _ in range(1000):
    try:
        sys.exit(0 if client.list_tables() else 1)
    except ClientError:
        continue
sys.exit(2)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="this system has no such signal")
def test_a_signal_presses_it_under_run_too(tmp_path: Path) -> None:
    scenario = tmp_path / "always.yaml"
    scenario.write_text("version: 1\naudit: off\nrules: [{name: always, when: {operation: ListTables}, fault: InternalServerError}]\n")
    command = [sys.executable, "-m", "emulator", "run", str(scenario), "--", sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
