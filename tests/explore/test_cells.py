"""Single cells, run with a real program and a real client."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from emulator.clock import SystemClock
from emulator.explore.cells import CellRunner
from emulator.explore.clean import clean_runs
from emulator.explore.plan import Planned, pairs, planned
from emulator.explore.points import points_of
from emulator.explore.runs import ExploredProgram
from emulator.explore.settings import ExploreSettings
from emulator.scenario import load_scenario

SCENARIO = """\
version: 1
tables:
  - {name: orders, key: {id: S}}
"""
# The second of two orders is tried once more by the program itself, whatever happens
PROGRAM = """\
import boto3
from botocore.config import Config
client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))
def put(number):
    client.put_item(TableName="orders", Item={"id": {"S": f"o{number}"}})
for number in range(2):
    try:
        put(number)
    except Exception:
        put(number)
"""
pytestmark = pytest.mark.timeout(300)


def explored(folder: Path, program: str) -> tuple[CellRunner, dict[str, Planned]]:
    (folder / "orders.yaml").write_text(SCENARIO)
    (folder / "orders.py").write_text(program)
    runs, sources, stop = ExploredProgram([sys.executable, str(folder / "orders.py")]), [folder / "orders.yaml"], threading.Event()
    settings = ExploreSettings(found=folder / "found", seed=1)
    clean, _ = clean_runs(runs, sources, {}, settings, stop, SystemClock())
    points = points_of(clean.calls)
    return CellRunner(runs, sources, {}, settings, clean, stop), {
        one.id: one for one in [*planned(points, exhaustive=False), *pairs(points)]
    }


def test_two_faults_in_one_run(tmp_path: Path) -> None:
    runner, cells = explored(tmp_path, PROGRAM)
    both = runner.run(cells["PutItem orders #1: throttled + PutItem orders #2: throttled"])
    assert both.cell is not None
    assert both.cell.second == {"point": "PutItem orders #2", "fault": "throttled"}
    assert both.cell.outcome == "gave up", "the second call is the repetition of the first"
    assert both.finding is not None
    one = runner.run(cells["PutItem orders #1: throttled"])
    assert one.cell is not None
    assert one.cell.outcome == "survived"
    assert both.finding.title.endswith("(together with throttled once at PutItem orders #2)")
    rules = load_scenario(Path(both.finding.scenario)).rules
    assert [rule.faults[0].keys["error"] for rule in rules] == ["ProvisionedThroughputExceededException"] * 2


def test_what_differs_by_itself_after_all_is_no_finding(tmp_path: Path) -> None:
    """Times that are written down in minutes are the same in both clean runs, as a rule; here it is a file that says when they change."""
    moment = tmp_path / "moment"
    moment.write_text("1")
    program = PROGRAM.replace('"S": f"o{number}"}', '"S": f"o{number}"}, "at": {"S": open(' + repr(str(moment)) + ").read()}")
    runner, cells = explored(tmp_path, program)
    moment.write_text("2")
    run = runner.run(cells["PutItem orders #1: throttled"])
    assert run.cell is not None
    assert (run.cell.outcome, run.finding) == ("survived", None)
    assert runner.mask.paths == {"orders.at"}


def test_a_call_that_is_not_made_any_more_says_so(tmp_path: Path) -> None:
    runner, cells = explored(tmp_path, PROGRAM)
    (tmp_path / "orders.py").write_text("print('nothing to do')")
    run = runner.run(cells["PutItem orders #1: throttled"])
    assert run.cell is not None
    assert (run.cell.outcome, run.cell.note) == (None, "the program did not come to this call")


def test_what_is_seen_once_and_not_again_is_a_note(tmp_path: Path) -> None:
    marker = tmp_path / "failed"
    runner, cells = explored(tmp_path, PROGRAM)
    (tmp_path / "orders.py").write_text(
        f"import os, sys\n{PROGRAM}if not os.path.exists({str(marker)!r}):\n    open({str(marker)!r}, 'w').close()\n    sys.exit(1)\n"
    )
    run = runner.run(cells["PutItem orders #1: throttled"])
    assert run.cell is not None
    assert run.finding is None
    assert (run.cell.outcome, run.cell.note) == ("survived", "crashed once, survived the second time")
    assert runner.notes == ["PutItem orders #1: throttled: crashed once, and survived the second time, so nothing is said of it"]
