"""Tests that are explored, in real pytest runs of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(400)

HEAD = """
import boto3
import pytest

SCENARIO = {"version": 1, "tables": [{"name": "stats", "key": {"id": "S"}}]}
RULES = [{"name": "once", "when": {"operation": "PutItem", "attempt": 1}, "fault": "ThrottlingException"}]
KEY = {"id": {"S": "orders"}}

def client():
    return boto3.client("dynamodb")

def put():
    client().put_item(TableName="stats", Item={**KEY, "n": {"N": "1"}})

def put_again():
    client().put_item(TableName="stats", Item={**KEY, "n": {"N": "1"}})

def count():
    client().update_item(
        TableName="stats", Key=KEY, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )
"""
# Names of tests that stand for what is asked of them below
TESTS = """
explored = pytest.mark.dynafault_explore
transient = pytest.mark.dynafault_explore(lasting=False)
with_table = pytest.mark.dynafault(SCENARIO)

@transient
@with_table
def test_count():
    count()

@explored
@with_table
def test_told():
    put()

@explored
@with_table
def test_swallowed():
    try:
        put()
    except Exception:
        pass

@transient
@with_table
def test_two_places(dynafault):
    put()
    put_again()
    sites = [call.first.request.headers["x-dynafault-call-site"] for call in dynafault.calls(operation="PutItem")]
    assert sites == ["test_stats.py:put", "test_stats.py:put_again"]

@transient
@with_table
def test_failing():
    put()
    assert False

def test_other():
    pass
"""


def pytest_run(folder: Path, source: str, *arguments: str) -> tuple[dict[str, str], str]:
    """The outcomes of tests by name, and all that was printed. Clients make two attempts, so that they do not wait for long."""
    (folder / "test_stats.py").write_text(HEAD + source)
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder), "-v", *arguments]
    environment = {**os.environ, "AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "2"}
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
    said = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^\S+::(\S+) (PASSED|FAILED|SKIPPED)|^\[gw\d\]\D+\d+%\] (PASSED|FAILED|SKIPPED) \S+::(\S+)", said, re.MULTILINE)
    return {one or four: two or three for one, two, three, four in found}, said


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], str]:
    return pytest_run(tmp_path_factory.mktemp("explored"), TESTS)


def of(test: str, run: tuple[dict[str, str], str]) -> dict[str, str]:
    """The outcomes of the cells of a test."""
    return {name[len(test) + 1 : -1]: outcome for name, outcome in run[0].items() if name.startswith(f"{test}[")}


def test_each_cell_is_a_test_with_a_name(run: tuple[dict[str, str], str]) -> None:
    assert run[0]["test_other"] == "PASSED"
    cells = of("test_told", run)
    assert {"clean", "PutItem-stats-1-throttled", "PutItem-stats-1-reset-after", "PutItem-stats-1-always-500"} <= cells.keys()
    assert set(cells.values()) == {"PASSED"}


def test_what_is_not_stood_fails_and_says_what_and_how(run: tuple[dict[str, str], str]) -> None:
    found = {cell for cell, outcome in of("test_count", run).items() if outcome == "FAILED"}
    assert found == {f"UpdateItem-stats-1-{fault}" for fault in ("500-after", "reset-after", "time-out", "wrong-checksum")}
    assert (
        "doubled: the UpdateItem on stats, lost after it was applied, is repeated without a condition: n of stats id=orders is 2" in run[1]
    )
    assert "dynafault scenario" in run[1]
    assert "{name: explored, when: {operation: UpdateItem, table: stats, call: 1, attempt: 1}, fault: {" in run[1]


def test_without_lasting_faults(run: tuple[dict[str, str], str]) -> None:
    assert not any("always" in cell for cell in of("test_count", run))


def test_a_lasting_fault_has_to_be_told(run: tuple[dict[str, str], str]) -> None:
    assert of("test_told", run)["PutItem-stats-1-denied"] == "PASSED"
    assert of("test_swallowed", run)["PutItem-stats-1-denied"] == "FAILED"
    assert "lost: the PutItem on stats, failing for good (denied): the error is swallowed: stats has 0 items instead of 1 item" in run[1]


def test_calls_from_two_places_are_of_two_kinds(run: tuple[dict[str, str], str]) -> None:
    cells = of("test_two_places", run)
    assert set(cells.values()) == {"PASSED"}
    assert {"PutItem-stats-1-reset-after", "PutItem-stats-2-reset-after"} <= cells.keys()


def test_a_test_that_fails_without_a_fault_is_not_explored(run: tuple[dict[str, str], str]) -> None:
    assert of("test_failing", run) == {"clean": "FAILED"}


def test_cells_can_be_run_by_their_names(tmp_path: Path) -> None:
    names = [f"test_stats.py::test_count[{cell}]" for cell in ("UpdateItem-stats-1-throttled", "clean")]
    assert pytest_run(tmp_path, TESTS, *names)[0] == {
        "test_count[UpdateItem-stats-1-throttled]": "PASSED",
        "test_count[clean]": "PASSED",
    }


def test_all_that_use_an_emulator_without_faults(tmp_path: Path) -> None:
    """With parameters of their own, spread by xdist; a test that is about faults of its own is left as it is."""
    source = """
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.dynafault(SCENARIO)
def test_put(times):
    for _ in range(times):
        put()

@pytest.mark.dynafault({**SCENARIO, "rules": RULES})
def test_with_faults(dynafault):
    put()
    assert dynafault.calls(operation="PutItem")[0].attempts == 2
"""
    words = ("--dynafault-explore", "--dynafault-explore-transient", "-n", "2", "-k", "throttled or clean")
    found, _ = pytest_run(tmp_path, source, *words)
    assert sorted(found.values()) == ["PASSED"] * 6 + ["SKIPPED"]
    assert [name for name in found if "with_faults" in name] == ["test_with_faults[clean]"]


def test_what_the_marker_does_not_take(tmp_path: Path) -> None:
    _, said = pytest_run(tmp_path, "@pytest.mark.dynafault_explore(pairs=True)\ndef test_put(dynafault):\n    put()\n")
    assert "the marker dynafault_explore takes lasting=False, and nothing else" in said
