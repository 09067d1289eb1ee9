"""The journal on disk: the same report as the live one, after a kill too, and clear words for what is no journal."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator, EmulatorError
from emulator.journal.file import JournalWriter, read_journal
from emulator.report import build_report

SCENARIO = """
version: 1
name: ${title}
parameters: {title: saved}
time_scale: 0.5
include: [more.yaml]
rules:
  - {name: trouble, when: {operation: PutItem, attempt: 1}, fault: InternalServerError}
  - {name: cut, when: {operation: GetItem, request: 1}, fault: {connection: reset}}
expect:
  - {calls: {operation: PutItem}, attempts: 2, applied: {per_key: 1}}
  - {calls: {operation: GetItem}, attempts: 1}
"""
MORE = """
version: 1
tables: [{name: orders, key: {id: S}, items: {file: orders.jsonl}}]
rules: [{name: never, when: {operation: Query}, fault: ok}]
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "more.yaml").write_text(MORE)
    (tmp_path / "orders.jsonl").write_text('{"id": "a"}\n')
    path = tmp_path / "main.yaml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.fixture
def recorded(start: Callable[..., Emulator], scenario: Path, journal: Path) -> Iterator[Emulator]:
    emulator = start(scenario)
    writer = JournalWriter(journal, emulator.rules.list)
    emulator.core.observe(writer)
    yield emulator
    writer.close()


def use(client: Any) -> None:
    client.put_item(TableName="orders", Item={"id": {"S": "b"}, "blob": {"B": b"\x00\xff"}})
    client.get_item(TableName="orders", Key={"id": {"S": "a"}})


def facts_of(journal: Path) -> dict[str, Any]:
    run = read_journal(journal)
    return build_report(run.scenario, run.seed, run.rules, run.entries).to_json()


def test_the_report_of_the_file_is_the_live_one(recorded: Emulator, journal: Path, client_for: Any, scenario: Path, tmp_path: Path) -> None:
    use(client_for(recorded))
    # The end of the last exchange is written after its answer has gone out
    recorded.stop()
    live = recorded.report().to_json()
    assert (live["verdict"], live["scenario"], len(live["calls"])) == ("fail", "saved", 2)
    for file in tmp_path.glob("*.yaml"):
        file.unlink()
    assert facts_of(journal) == live


def test_it_is_readable_after_a_kill(scenario: Path, journal: Path, client_for: Any) -> None:
    command = [sys.executable, "-m", "emulator", "serve", str(scenario), "--port", "0", "--journal", str(journal)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]

    class Address:
        @staticmethod
        def boto3_kwargs(region: str) -> dict[str, str]:
            return {"endpoint_url": url, "region_name": region, "aws_access_key_id": "x", "aws_secret_access_key": "x"}

    use(client_for(Address()))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with journal.open("ab") as file:
        file.write(b'{"exchange": {"id": 9')
    calls = facts_of(journal)["calls"]
    assert [(call["operation"], call["attempts"], call["outcome"]) for call in calls] == [
        ("PutItem", 2, "success"),
        ("GetItem", 2, "success"),
    ]


def test_the_last_run_of_a_file_counts(journal: Path, start: Callable[..., Emulator], client_for: Any) -> None:
    for number in (1, 2):
        emulator = start({"version": 1, "name": f"run {number}", "tables": [{"name": "orders", "key": {"id": "S"}}]})
        writer = JournalWriter(journal, lambda: ())
        emulator.core.observe(writer)
        client_for(emulator).list_tables()
        writer.close()
    facts = facts_of(journal)
    assert (facts["scenario"], len(facts["calls"])) == ("run 2", 1)


def test_another_scenario_in_the_same_run_goes_on_with_its_exchanges(recorded: Emulator, journal: Path, client_for: Any) -> None:
    client_for(recorded).list_tables()
    recorded.load({"version": 1, "name": "another"})
    client_for(recorded).list_tables()
    recorded.stop()
    facts = facts_of(journal)
    assert (facts["scenario"], len(facts["calls"])) == ("another", 2)
    assert facts == recorded.report().to_json()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no run in it"),
        (b"hello\nworld\n", ":1: not a line of a dynafault journal"),
        (b'{"exchange": {}}\n', ":1: not a line of a dynafault journal"),
        (b'{"run": {}}\n', ":1: not a line of a dynafault journal"),
    ],
)
def test_what_is_no_journal_is_said_plainly(journal: Path, content: bytes, said: str) -> None:
    journal.write_bytes(content)
    with pytest.raises(EmulatorError, match=said):
        read_journal(journal)


def test_a_file_that_cannot_be_had_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="cannot write the journal to"):
        JournalWriter(tmp_path / "no" / "folder", lambda: ())
    with pytest.raises(EmulatorError, match="cannot read"):
        read_journal(tmp_path / "nothing.jsonl")


def test_the_same_requests_get_the_same_decisions_when_a_journal_is_replayed(
    start: Callable[..., Emulator], journal: Path, client_for: Any
) -> None:
    rule = {"name": "dice", "when": {"operation": "GetItem"}, "chance": 0.5, "fault": "ValidationException"}
    emulator = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}], "rules": [rule]})
    writer = JournalWriter(journal, emulator.rules.list)
    emulator.core.observe(writer)

    def outcomes(one: Emulator) -> list[str]:
        client = client_for(one)
        for number in range(30):
            with suppress(client.exceptions.ClientError):
                client.get_item(TableName="orders", Key={"id": {"S": str(number % 5)}})
        return [call.outcome for call in one.calls()]

    first = outcomes(emulator)
    writer.close()
    run = read_journal(journal)
    assert run.seed == emulator.seed
    assert outcomes(start(run.scenario, seed=run.seed)) == first
    assert set(first) == {"success", "ValidationException"}
