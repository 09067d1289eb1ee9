"""`dynafault run` and `dynafault report`: reports in every form, and runs with many seeds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emulator import Emulator

PROGRAM = """
import os, urllib.error, urllib.request
signed = "AWS4-HMAC-SHA256 Credential=a/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
headers = {"X-Amz-Target": "DynamoDB_20120810.PutItem", "X-Amz-Date": "20261120T120000Z", "Authorization": signed}
headers["Content-Type"] = "application/x-amz-json-1.0"
body = b'{"TableName": "orders", "Item": {"id": {"S": "1"}}}'
try:
    urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL_DYNAMODB"], body, headers))
except urllib.error.HTTPError:
    pass
"""
SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: dice, when: {operation: PutItem, attempt: 1}, chance: 0.5, fault: InternalServerError, unfired: allow}
expect:
  - {calls: {operation: PutItem}, outcome: success}
audit: off
"""
RUNS = 6


def dynafault(*words: str, program: str | None = PROGRAM) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", *words, *([] if program is None else ["--", sys.executable, "-c", program])]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("scenario") / "dice.yaml"
    path.write_text(SCENARIO)
    return str(path)


@dataclass
class Repeated:
    """A run with the seeds 1 to RUNS, and the files that it left. `said` is what it said of each seed."""

    done: subprocess.CompletedProcess[str]
    files: dict[str, bytes]
    said: dict[int, str]

    @property
    def bad(self) -> list[int]:
        return [seed for seed, words in self.said.items() if words.startswith("fail")]


@pytest.fixture(scope="module")
def repeated(scenario: str, tmp_path_factory: pytest.TempPathFactory) -> Repeated:
    folder = tmp_path_factory.mktemp("reports")
    paths = {form: folder / f"report.{form}" for form in ("json", "junit", "html")}
    options = [word for form, path in paths.items() for word in (f"--{form}", str(path))]
    done = dynafault("run", scenario, "--repeat", str(RUNS), *options)
    lines = [line.partition(": ") for line in done.stdout.splitlines() if line.startswith("seed ")]
    said = {int(head.split()[1]): words for head, _, words in lines}
    return Repeated(done, {form: path.read_bytes() for form, path in paths.items()}, said)


def test_many_seeds_are_tried_and_the_bad_ones_named(repeated: Repeated) -> None:
    assert list(repeated.said) == list(range(1, RUNS + 1))
    assert set(repeated.said.values()) == {"pass, 1 call", "fail, 1 call, 1 expectation"}
    last = repeated.done.stdout.splitlines()[-1]
    assert last.startswith(f"{len(repeated.bad)} of {RUNS} runs failed: seeds {', '.join(map(str, repeated.bad))}; ")
    assert repeated.done.returncode == 1


def test_the_first_bad_run_is_shown_and_written(repeated: Repeated) -> None:
    first = repeated.bad[0]
    assert f"the first run that failed, with seed {first}:\n" in repeated.done.stdout
    report = json.loads(repeated.files["json"])
    assert (report["verdict"], report["seed"], report["audit"]) == ("fail", first, [])
    assert repeated.files["html"].startswith(b"<!DOCTYPE html>")


def test_junit_has_every_run(repeated: Repeated) -> None:
    root = ElementTree.fromstring(repeated.files["junit"])
    assert [suite.get("failures") for suite in root] == ["1" if seed in repeated.bad else "0" for seed in repeated.said]


def test_a_seed_can_be_seen_again(scenario: str, repeated: Repeated) -> None:
    good = next(seed for seed in repeated.said if seed not in repeated.bad)
    statuses = [dynafault("run", scenario, "--seed", str(seed)).returncode for seed in (repeated.bad[0], good)]
    assert statuses == [1, 0]


def test_one_run_leaves_its_report_too(scenario: str, repeated: Repeated, tmp_path: Path) -> None:
    junit = tmp_path / "report.xml"
    dynafault("run", scenario, "--seed", str(repeated.bad[0]), "--junit", str(junit))
    assert ElementTree.fromstring(junit.read_bytes()).get("failures") == "1"


def test_runs_that_all_go_well_are_well() -> None:
    listing = PROGRAM.replace("PutItem", "ListTables").replace("body = b'", "body = b'{}' #")
    done = dynafault("run", "--repeat", "2", program=listing)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 runs, none failed")


def test_the_program_s_own_failure_is_the_status(scenario: str) -> None:
    done = dynafault("run", scenario, "--repeat", "2", program="raise SystemExit(7)")
    assert done.returncode == 7
    assert "seed 1: COMMAND ended with 7" in done.stdout


def test_a_program_that_never_comes_fails_every_run(scenario: str) -> None:
    done = dynafault("run", scenario, "--repeat", "2", program="pass")
    assert (done.returncode, "2 of 2 runs failed" in done.stdout) == (1, True)
    assert "never contacted the emulator" in done.stderr


def test_a_signal_ends_all_runs(scenario: str) -> None:
    interrupting = "import os, signal; os.kill(os.getppid(), signal.SIGTERM); signal.pause()"
    done = dynafault("run", scenario, "--repeat", "50", program=interrupting)
    assert (done.returncode, done.stdout.count("seed 2:")) == (143, 0)


def test_seeds_come_from_one_place(scenario: str) -> None:
    done = dynafault("run", scenario, "--repeat", "2", "--seed", "3")
    assert (done.returncode, "leave --seed out" in done.stderr) == (2, True)


@pytest.mark.parametrize(("form", "beginning"), [("html", "<!DOCTYPE html>"), ("junit", "<?xml"), ("json", "{"), ("text", "no scenario")])
def test_a_server_reports_in_every_form(form: str, beginning: str) -> None:
    with Emulator() as emulator:
        done = dynafault("report", emulator.url, "--format", form, program=None)
    assert (done.returncode, done.stdout[: len(beginning)]) == (0, beginning)


def test_the_journals_of_two_runs_are_compared(scenario: str, tmp_path: Path) -> None:
    runs = {seed: tmp_path / f"{seed}.jsonl" for seed in (1, 2)}
    ended = {seed: dynafault("run", scenario, "--seed", str(seed), "--journal", str(path)).returncode for seed, path in runs.items()}
    shown = dynafault("report", str(runs[1]), program=None)
    assert (shown.returncode, "PutItem" in shown.stdout) == (ended[1], True)
    compared = dynafault("report", str(runs[1]), "--compare", str(runs[2]), program=None)
    assert "seed" in compared.stdout
    assert compared.returncode == max(ended.values())


def test_a_journal_that_cannot_be_written_ends_the_run_before_the_program_begins(scenario: str, tmp_path: Path) -> None:
    done = dynafault("run", scenario, "--journal", str(tmp_path / "nowhere" / "run.jsonl"))
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert done.stdout == ""
