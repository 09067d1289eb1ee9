"""Several emulators in front of one service: what they decide alike, and one report of what they saw together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from emulator import Emulator
from emulator.journal.merging import merge_runs
from emulator.journal.saved import read_journal
from emulator.report import build_report
from tests.conftest import PATIENCE
from tests.upstream.servers import ask

Start = Callable[..., Emulator]
PROCESSES, WRITES = 4, 24
SCENARIO = """version: 1
name: in front
rules:
  - name: first attempts
    when: {operation: PutItem, attempt: 1}
    fault: ThrottlingException
  - name: lost
    when: {operation: PutItem, attempt: 2, key: {id: "lost-*"}}
    fault: {error: InternalServerError, applied: true}
expect:
  - {calls: {operation: PutItem}, outcome: success, count: 24}
  - {rule: first attempts, fired: 24}
"""


def put(url: str, number: int, attempt: int) -> int:
    """One attempt of a client whose next one goes to another emulator."""
    name = f"lost-{number}" if number % 4 == 0 else f"kept-{number}"
    headers, body = ask("PutItem", TableName="orders", Item={"id": {"S": name}})
    headers |= {"amz-sdk-invocation-id": f"invocation-{number}", "amz-sdk-request": f"attempt={attempt}; max=5"}
    return requests.post(url, data=body, headers=headers, timeout=PATIENCE).status_code


@pytest.fixture
def journals(start: Start, tmp_path: Path) -> tuple[list[Path], Emulator]:
    """The journals of four processes in front of one service, among which a client's attempts went round."""
    far = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}]})
    scenario = tmp_path / "front.yaml"
    scenario.write_text(SCENARIO)
    paths = [tmp_path / f"{number}.jsonl" for number in range(PROCESSES)]
    with ExitStack() as stack:
        urls = [_served(stack, scenario, far.url, path) for path in paths]
        turn = cycle(urls)
        for number in range(WRITES):
            next(turn)
            attempt = 1
            while put(next(turn), number, attempt) != 200:
                attempt += 1
    return paths, far


def _served(stack: ExitStack, scenario: Path, upstream: str, journal: Path) -> str:
    command = [sys.executable, "-m", "emulator", "serve", str(scenario), "--port", "0", "--seed", "7"]
    command += ["--upstream", upstream, "--journal", str(journal)]
    server = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    stack.callback(server.terminate)
    assert server.stdout is not None
    assert server.stdout.readline() == f"upstream: {upstream}\n"
    return server.stdout.readline().split()[-1]


def test_one_report_of_four_journals_is_right(journals: tuple[list[Path], Emulator]) -> None:
    paths, far = journals
    report = orjson.loads(run("report", *map(str, paths), "--format", "json")[1])
    lost = [call for call in report["calls"] if call["attempts"] == 3]
    assert len(report["calls"]) == WRITES
    assert (len(lost), {call["attempts"] for call in report["calls"]}) == (WRITES // 4, {2, 3})
    assert [call["applied"] for call in lost] == [2] * (WRITES // 4)
    assert report["upstream"] == {"asked": WRITES + WRITES // 4, "errors": {}, "lost": {}}
    assert [(rule["name"], rule["fired"]) for rule in report["rules"]] == [("first attempts", WRITES), ("lost", WRITES // 4)]
    assert [one["status"] for one in report["expectations"]] == ["pass", "pass"]
    assert sum(entry.operation == "PutItem" for entry in far.journal) == WRITES + WRITES // 4


def test_each_alone_says_no_more_than_it_saw(journals: tuple[list[Path], Emulator]) -> None:
    """A retry whose first attempt went elsewhere is the second all the same, and no fault of the client's."""
    for path in journals[0]:
        run = read_journal(path)
        report = build_report(run.scenario, run.seed, run.rules, run.entries)
        assert [finding.verdict.id for finding in report.audit if finding.fails] == []
        assert all(entry.attempt == 1 or entry.error != "ThrottlingException" for entry in run.entries)


def test_clocks_of_different_machines_are_put_together(journals: tuple[list[Path], Emulator]) -> None:
    """As if each had been started at another time, so that its monotonic clock is another."""
    runs = {str(path): read_journal(path) for path in journals[0]}
    together = merge_runs(runs)
    moved = {}
    for number, (name, run) in enumerate(runs.items()):
        run.entries = [_later(entry, 1e6 * number) for entry in run.entries]
        moved[name] = run
    again = merge_runs(moved)
    assert [entry.request.body for entry in again.entries] == [entry.request.body for entry in together.entries]
    assert [entry.call_id for entry in again.entries] == [entry.call_id for entry in together.entries]
    assert [entry.id for entry in again.entries] == list(range(1, len(again.entries) + 1))
    assert [entry.request.arrived for entry in again.entries] == sorted(entry.request.arrived for entry in again.entries)


def _later(entry: Any, seconds: float) -> Any:
    entry.request.arrived += seconds
    entry.delivery.first_byte += seconds
    entry.delivery.ended += seconds
    return entry


def run(*words: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "emulator", *words], capture_output=True, text=True, check=False, timeout=100)
    return done.returncode, done.stdout + done.stderr


def test_journals_of_different_scenarios_make_no_report(journals: tuple[list[Path], Emulator], tmp_path: Path) -> None:
    paths = journals[0]
    other = tmp_path / "other.jsonl"
    other.write_text('{"run":{"started":0,"seed":1,"scenario":{"texts":[],"parameters":{}}}}\n')
    assert "are of different scenarios" in run("report", str(paths[0]), str(other))[1]
    assert "a journal is named twice" in run("report", str(paths[0]), str(paths[0]))[1]
    assert "is an address" in run("report", str(paths[0]), "http://127.0.0.1:1")[1]


SHARED = """version: 1
throughput: [{table: orders, write: 5}]
rules:
  - {name: plain, when: {operation: GetItem}, fault: {delay: 1s}}
  - {name: first, when: {attempt: 1}, fault: ThrottlingException}
  - {name: dice, when: {attempt: 1, request: 1..5}, chance: 0.5, limit: 3, fault: ThrottlingException}
"""


def test_check_says_what_several_decide_alike(tmp_path: Path) -> None:
    file = tmp_path / "shared.yaml"
    file.write_text(SHARED)
    status, text = run("check", "--upstream", str(file))
    assert status == 0
    assert text.splitlines()[:4] == [
        f"{file}: rule 'plain': all decide alike",
        f"{file}: rule 'first': all decide alike, by the attempt that the client's SDK tells",
        f"{file}: rule 'dice': each counts for itself (request, chance, limit)",
        f"{file}: limit on orders: each has it for itself, so together they let through as many times as much",
    ]
    file.write_text("version: 1\nconsistency: {lag: 2s}\n")
    status, text = run("check", "--upstream", str(file))
    assert (status, "'consistency' asks for reads of the past" in text) == (1, True)
