"""What is written down of a run holds no secrets, and nothing that acts: not on a page, not in a terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator
from emulator.journal.file import read_journal
from emulator.report import FORMATS, build_report

SECRETS = {"signature": "5bd0a1f7e9c4", "token": "FwoGZXIvYXdzEJr"}
SIGNED = f"AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature={SECRETS['signature']}"
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "X-Amz-Date": "20261120T120000Z",
    "Authorization": SIGNED,
    "X-Amz-Security-Token": SECRETS["token"],
}
ACTING = "<script>alert(1)</script>\x1b[31m\u202e"


def ask(emulator: Emulator, **headers: str) -> None:
    requests.post(emulator.url, headers={**HEADERS, **headers}, data="{}", timeout=20)
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID/20261120/us-east-1/dynamodb/aws4_request&X-Amz-SignedHeaders=host&X-Amz-Date=1&X-Amz-Signature={SECRETS['signature']}&X-Amz-Security-Token={SECRETS['token']}"  # noqa: E501
    unsigned = {name: value for name, value in HEADERS.items() if name not in ("Authorization", "X-Amz-Security-Token")}
    requests.post(f"{emulator.url}/?{query}", headers=unsigned, data="{}", timeout=20)


def test_the_admin_api_and_its_reports_hold_no_secrets(start: Callable[..., Emulator]) -> None:
    emulator = start(None)
    ask(emulator)
    for page in ("journal", "journal/1", "calls", *(f"report?format={name}" for name in FORMATS)):
        text = requests.get(f"{emulator.url}/_emulator/{page}", timeout=20).text
        assert [name for name, secret in SECRETS.items() if secret in text] == []
    assert "Credential=AKID" in requests.get(f"{emulator.url}/_emulator/journal", timeout=20).text


def test_a_journal_on_disk_holds_no_secrets(tmp_path: Path, start: Callable[..., Emulator]) -> None:
    from emulator.journal.file import JournalWriter

    emulator = start(None)
    writer = JournalWriter(tmp_path / "journal", emulator.rules.list)
    emulator.core.observe(writer)
    ask(emulator)
    writer.close()
    text = (tmp_path / "journal").read_text()
    assert text.count("ListTables") >= 2
    assert [name for name, secret in SECRETS.items() if secret in text] == []


def crafted(value: Any) -> Any:
    """Every text in it with something that acts at its end."""
    if isinstance(value, dict):
        return {name: crafted(one) for name, one in value.items()}
    if isinstance(value, list):
        return [crafted(one) for one in value]
    return f"{value}{ACTING}" if isinstance(value, str) and value not in KEPT else value


# What a journal must say to be one
KEPT = frozenset({"POST", "dynamodb", "sent", "pending"})


@pytest.fixture
def crafted_journal(tmp_path: Path, start: Callable[..., Emulator]) -> Path:
    from emulator.journal.file import JournalWriter

    emulator = start({"version": 1, "name": "a run", "tables": [{"name": "orders", "key": {"id": "S"}}]})
    path = tmp_path / "journal"
    writer = JournalWriter(path, emulator.rules.list)
    emulator.core.observe(writer)
    for _ in range(2):
        ask(emulator, **{"User-Agent": "Boto3/1.44.5"})
        put = {**HEADERS, "X-Amz-Target": "DynamoDB_20120810.PutItem"}
        requests.post(emulator.url, headers=put, data='{"TableName":"orders","Item":{"id":{"S":"a"}}}', timeout=20)
    writer.close()
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    written = [orjson.dumps(crafted(line) if "exchange" in line or "delivered" in line else line) for line in lines]
    path.write_bytes(b"\n".join(written) + b"\n")
    return path


def test_a_crafted_journal_does_nothing_on_a_page_or_a_terminal(crafted_journal: Path) -> None:
    run = read_journal(crafted_journal)
    report = build_report(run.scenario, run.seed, run.rules, run.entries)
    assert len(report.calls) >= 2
    page, text = FORMATS["html"].render(report), FORMATS["text"].render(report)
    assert "<script" not in page
    assert "Content-Security-Policy" in page
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_scenario_s_name_does_nothing_in_a_terminal(tmp_path: Path) -> None:
    scenario = tmp_path / "acting.yaml"
    rule = '  - {name: "b\\e[2J", when: {operation: "Get\\e[2JItem"}, fault: "No\\e[2JError"}'
    scenario.write_text("\n".join(["version: 1", 'name: "a\\e[31m\\u202e"', "rules:", rule]))
    said = subprocess.run([sys.executable, "-m", "emulator", "check", str(scenario)], capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "2JItem" in said.stdout
    assert "\x1b" not in said.stdout + said.stderr
    assert "\u202e" not in said.stdout + said.stderr


def test_the_page_runs_nothing(start: Callable[..., Emulator]) -> None:
    answer = requests.get(f"{start(None).url}/_emulator/report?format=html", timeout=20)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
