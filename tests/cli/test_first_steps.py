"""What somebody new types first: a scenario to begin with, a server that says what it does, and a look at it from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator import Emulator
from emulator.cli.init import TROUBLES
from emulator.cli.main import run
from emulator.report.line import exchange_line, kind_of
from emulator.scenario import load_scenario

HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20261120T120000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
    "User-Agent": "Boto3/1.44.8 md/Botocore#1.44.8",
}
SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules: [{name: throttle, when: {operation: PutItem, try: 1}, fault: ThrottlingException}]
"""


def put(url: str) -> int:
    headers = {**HEADERS, "X-Amz-Target": "DynamoDB_20120810.PutItem"}
    return requests.post(url, headers=headers, data='{"TableName":"orders","Item":{"id":{"S":"a"}}}', timeout=20).status_code


@pytest.fixture
def process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        running.append(subprocess.Popen([sys.executable, "-m", "emulator", *words], stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


@pytest.mark.parametrize("form", ["requests", "json"])
def test_a_server_says_what_it_answers(process: Callable[..., subprocess.Popen[str]], tmp_path: Path, form: str) -> None:
    (tmp_path / "one.yaml").write_text(SCENARIO)
    server = process("serve", "--port", "0", "--log", form, str(tmp_path / "one.yaml"))
    url = line_of(server).split()[-1]
    assert line_of(server).startswith("scenario: ")
    assert line_of(server) == f"live page: {url}/_emulator/"
    assert [put(url), put(url)] == [400, 200]
    first, second = line_of(server), line_of(server)
    if form == "json":
        assert [json.loads(line)["status"] for line in (first, second)] == [400, 200]
        assert json.loads(first)["rule"] == "throttle"
    else:
        assert "PutItem orders  400 ThrottlingException  rule throttle (ThrottlingException)  not applied" in first
        assert "PutItem orders  attempt 2  200 ok" in second
        assert first.endswith("Boto3/1.44.8")


def test_a_running_server_is_watched(process: Callable[..., subprocess.Popen[str]], start: Callable[..., Emulator]) -> None:
    emulator = start(SCENARIO)
    watcher = process("watch", emulator.url)
    assert line_of(watcher).startswith("watching")
    assert line_of(watcher).startswith("scenario:")
    assert [put(emulator.url), put(emulator.url)] == [400, 200]
    assert "400 ThrottlingException" in line_of(watcher)
    assert "200 ok" in line_of(watcher)
    emulator.stop()
    assert line_of(watcher) == "the emulator has ended"
    assert watcher.wait(60) == 0


def test_what_is_not_there_cannot_be_watched(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["watch", "http://127.0.0.1:1"]) == 2
    assert "no emulator answers" in capsys.readouterr().err


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_first_scenario_is_right(tmp_path: Path, trouble: str) -> None:
    file = tmp_path / "first.yaml"
    words = ["init", str(file), "--table", "orders", "--key", "customer:s, order:N", "--trouble", trouble]
    assert run(words) == 0
    scenario = load_scenario(file)
    assert scenario.tables[0].key == ("customer", "order")
    assert not scenario.warnings
    assert run(words) == 2
    assert run([*words, "--force"]) == 0


def test_a_first_scenario_from_a_table_that_is_there(tmp_path: Path, start: Callable[..., Emulator]) -> None:
    emulator = start({"version": 1, "tables": [{"name": "trips", "key": {"car": "S", "day": "N"}}]})
    file = tmp_path / "first.yaml"
    assert run(["init", str(file), "--table", "trips", "--endpoint", emulator.url]) == 0
    assert load_scenario(file).tables[0].key == ("car", "day")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--key", "id"], "is no key"),
        (["--key", "a:S,b:S,c:S"], "is no key"),
        (["--endpoint", "http://127.0.0.1:1"], "does not answer as DynamoDB does"),
    ],
)
def test_what_makes_no_scenario_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert run(["init", str(tmp_path / "first.yaml"), *words]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


RECORD: dict[str, Any] = {
    "time": 0.0, "operation": "PutItem", "tables": ["orders"], "attempt": 1, "try": 1, "rule": None, "fault": None, "status": 200,
    "error": None, "applied": True, "delivery": "sent", "duration_ms": 1.5, "client": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "kind", "said"),
    [
        ({}, "ok", "200 ok"),
        ({"error": "ThrottlingException", "applied": False, "status": 400}, "throttled", "not applied"),
        ({"error": "InternalServerError", "applied": False, "status": 500}, "failed", "500 InternalServerError"),
        ({"delivery": "reset"}, "lost", "reset"),
        ({"delivery": "reset", "applied": None}, "cut", "reset"),
        ({"applied": "unknown", "error": "InternalServerError"}, "failed", "perhaps applied"),
        ({"attempt": None, "try": None}, "ok", "attempt ?"),
        ({"attempt": 1, "try": 3}, "ok", "try 3"),
        ({"operation": "Get\x1b[2J"}, "ok", "Get\ufffd[2J"),
    ],
)
def test_an_exchange_in_a_line(changed: dict[str, Any], kind: str, said: str) -> None:
    record = {**RECORD, **changed}
    assert kind_of(record) == kind
    assert said in exchange_line(record)
