"""What expectations say of the end of a run: what a table holds, and whether the program has ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.audit import RunEnd, judge_expectations
from emulator.scenario import ScenarioError, load_scenario

TABLE = {"name": "orders", "key": {"id": "S"}, "items": [{"id": "a", "n": 1, "tags": {"SS": ["x", "y"]}}, {"id": "b", "n": 1}]}


def judged(start: Callable[..., Emulator], client_for: Callable[..., Any], **expectation: Any) -> tuple[str, str]:
    emulator = start({"version": 1, "tables": [TABLE], "expect": [{"table": "orders", **expectation}]})
    client_for(emulator).describe_table(TableName="orders")
    (finding,) = emulator.report().expectations
    return finding.status, finding.why


@pytest.mark.parametrize(
    ("expectation", "status", "why"),
    [
        ({"items": 2}, "pass", "2 items"),
        ({"items": "1..3", "has": [{"id": "a"}], "lacks": [{"id": "c"}]}, "pass", "2 items"),
        ({"items": 3}, "fail", "expected 3 items, there are 2"),
        ({"has": [{"tags": {"SS": ["y", "x"]}}]}, "pass", "2 items"),
        ({"has": [{"n": 1}, {"n": 1}]}, "pass", "2 items"),
        ({"has": [{"n": 1}, {"n": 1}, {"n": 1}]}, "fail", "1 of 3 items are not there"),
        ({"has": [{"n": 1}, {"id": "a", "n": 1}]}, "pass", "2 items"),
        ({"has": [{"id": "a", "n": 2}]}, "fail", '{"id":{"S":"a"},"n":{"N":"2"}}'),
        ({"lacks": [{"n": 1}]}, "fail", "what should not be there is"),
    ],
)
def test_what_a_table_holds(
    expectation: dict[str, Any], status: str, why: str, start: Callable[..., Emulator], client_for: Callable[..., Any]
) -> None:
    found = judged(start, client_for, **expectation)
    assert found[0] == status
    assert why in found[1]


def test_a_table_that_is_not_there(start: Callable[..., Emulator]) -> None:
    (finding,) = start({"version": 1, "expect": [{"table": "orders", "items": 0}]}).report().expectations
    assert (finding.status, finding.why) == ("fail", "there is no table orders")


def test_nobody_knows_of_the_tables_of_a_journal() -> None:
    scenario = load_scenario({"version": 1, "tables": [TABLE], "expect": [{"table": "orders", "items": 2}, {"ends": "5s"}]})
    assert [one.status for one in judge_expectations(scenario, [], [])] == ["n/a", "n/a"]
    assert [one.status for one in judge_expectations(scenario, [], [], end=RunEnd((), False))] == ["fail", "pass"]


@pytest.mark.parametrize(
    ("expectation", "problem"),
    [
        ({"table": "orders"}, "an expectation that states nothing"),
        ({"table": "orders", "outcome": "success"}, "'outcome' beside 'table'"),
        ({"calls": {}, "items": 3}, "'items' beside 'calls'"),
        ({"calls": {}, "table": "orders", "items": 3}, "'table' beside 'calls'"),
        ({"items": 3}, "an expectation needs 'calls', 'rule' or 'table'"),
        ({"table": "orders", "items": 1, "ends": "5s"}, "'ends' beside 'table'"),
    ],
)
def test_what_cannot_be_expected(expectation: dict[str, Any], problem: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_scenario({"version": 1, "tables": [TABLE], "expect": [expectation]})
    assert problem in str(refused.value)


def test_run_ends_a_program_that_takes_too_long(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("version: 1\nexpect:\n  - {ends: 1s}\n")
    program = "import boto3, time\nclient = boto3.client('dynamodb')\nclient.list_tables()\nwhile True: time.sleep(0.05)"
    done = subprocess.run(
        [sys.executable, "-m", "emulator", "run", "scenario.yaml", "--", sys.executable, "-c", program],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 124
    assert "it had not ended after 1 s" in done.stdout
