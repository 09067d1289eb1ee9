"""`dynafault explore` as its users meet it: options, statuses, files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

SCENARIO = """\
version: 1
tables:
  - {name: orders, key: {id: S}}
"""
# Of three orders that are put, each failure but a throttled one is ignored
PROGRAM = """\
import boto3, sys
from botocore.config import Config
client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 2, "mode": "standard"}))
for number in range(int(sys.argv[1])):
    try:
        client.put_item(TableName="orders", Item={"id": {"S": f"o{number}"}})
    except client.exceptions.ResourceNotFoundException:
        print("never mind")
"""
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orders.yaml").write_text(SCENARIO)
    (tmp_path / "orders.py").write_text(PROGRAM)
    return tmp_path


def explore(folder: Path, *words: str, program: tuple[str, ...] = ("orders.py", "1")) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", "explore", "orders.yaml", *words, "--", sys.executable, *program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_what_is_found_in_every_form(folder: Path) -> None:
    done = explore(folder, "--json", "all.json", "--junit", "all.xml", "--html", "all.html", "--found", "bad", "-j", "2")
    assert done.returncode == 1, done.stderr
    assert "PutItem orders #1" in done.stdout
    assert "dynafault run bad/001-orders-lost.yaml -- " in done.stdout
    result = json.loads((folder / "all.json").read_text())
    (finding,) = result["findings"]
    assert {"id", "severity", "title", "point", "fault", "outcome", "scenario"} <= finding.keys()
    assert (finding["point"], finding["fault"], finding["outcome"], finding["severity"]) == (
        "PutItem orders #1",
        "table-gone",
        "lost",
        "high",
    )
    assert finding["title"].startswith("the PutItem on orders, failing for good (the table is gone): the error is swallowed: ")
    assert {cell["outcome"] for cell in result["cells"]} == {"survived", "lost"}
    suite = ElementTree.parse(folder / "all.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == (str(len(result["cells"])), "1")
    page = (folder / "all.html").read_text()
    assert "<script" not in page
    assert "never mind" not in page
    assert 'href="#cell-' in page
    again = subprocess.run(
        [sys.executable, "-m", "emulator", "run", finding["scenario"], "--", sys.executable, "orders.py", "1"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 1
    assert "expected 1 items, there are 0" in again.stdout


def test_a_baseline_accepts_what_is_known(folder: Path) -> None:
    only = ("--max-runs", "11")
    assert explore(folder, "--json", "known.json", *only).returncode == 1
    assert json.loads((folder / "known.json").read_text())["findings"]
    (folder / "found" / "mine.yaml").write_text(SCENARIO)
    done = explore(folder, "--baseline", "known.json", "--json", "new.json", *only)
    assert done.returncode == 0, done.stdout
    assert [one["known"] for one in json.loads((folder / "new.json").read_text())["findings"]] == [True]
    assert "known by the baseline" in done.stdout
    # What the first one had found has made room, and nothing else
    assert sorted(path.name for path in (folder / "found").glob("*.yaml")) == ["001-orders-lost.yaml", "mine.yaml"]


def test_going_on_where_it_was_left(folder: Path) -> None:
    first = explore(folder, "--max-runs", "3", "--json", "first.json")
    assert first.returncode == 0
    assert "left (--resume goes on)" in first.stdout
    second = explore(folder, "--max-runs", "2", "--resume", "--json", "second.json")
    assert second.returncode == 0
    cells = [[cell["id"] for cell in json.loads((folder / name).read_text())["cells"]] for name in ("first.json", "second.json")]
    assert len(cells[0]) == 3
    assert set(cells[0]) < set(cells[1])
    assert len(cells[1]) == 5
    other = explore(folder, "--resume", program=("orders.py", "2"))
    assert other.returncode == 2
    assert "is of another command" in other.stderr


def test_a_found_scenario_is_run_with_the_parameters_of_the_users_own(folder: Path) -> None:
    (folder / "orders.yaml").write_text("version: 1\nparameters: {table: unpaid}\ntables:\n  - {name: '${table}', key: {id: S}}\n")
    done = explore(folder, "--param", "table=orders")
    assert done.returncode == 1, done.stderr
    written = "dynafault run --param table=orders found/001-orders-lost.yaml -- "
    assert written in done.stdout
    assert f"# Run it: {written}COMMAND\n" in (folder / "found" / "001-orders-lost.yaml").read_text()
    words = ["run", "--param", "table=orders", "found/001-orders-lost.yaml", "--", sys.executable, "orders.py", "1"]
    again = subprocess.run([sys.executable, "-m", "emulator", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "expect" in again.stdout


def test_an_interrupt_gives_the_report_so_far(folder: Path, eventually: Callable[[Callable[[], Any]], None]) -> None:
    command = [
        sys.executable,
        "-m",
        "emulator",
        "explore",
        "orders.yaml",
        "-j",
        "1",
        "--exhaustive",
        "--",
        sys.executable,
        "orders.py",
        "20",
    ]
    # Where the tests run in the background, the signal is ignored from the start
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen) as running:
        done = folder / "found" / "explored.jsonl"
        eventually(lambda: done.is_file() and len(done.read_text().splitlines()) > 2)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=60)
    assert running.returncode in (0, 1)
    assert "interrupted: " in said
    assert "PutItem orders #1" in said


def test_a_check_of_the_users_own(folder: Path) -> None:
    (folder / "check.py").write_text(
        "import boto3, sys\nif not boto3.client('dynamodb').scan(TableName='orders')['Items']: sys.exit('where is the order?')\n"
    )
    done = explore(folder, "--check", f"{sys.executable} check.py", "--ignore", "orders.*", "--json", "all.json", "--max-runs", "11")
    assert done.returncode == 1
    (finding,) = json.loads((folder / "all.json").read_text())["findings"]
    assert finding["fault"] == "table-gone"
    assert any("where is the order?" in why for why in finding["why"])


def test_pairs_are_tried_behind_the_rest(folder: Path) -> None:
    done = explore(folder, "--pairs", "--max-runs", "1", "--json", "all.json", program=("orders.py", "2"))
    assert done.returncode == 0
    result = json.loads((folder / "all.json").read_text())
    assert result["left"] > 40
    assert [cell["fault"] for cell in result["cells"]] == ["throttled"]


def test_json_on_standard_output_stands_alone(folder: Path) -> None:
    done = explore(folder, "--max-runs", "1", "--json")
    assert json.loads(done.stdout)["runs"] == 1
    assert "nothing found" in done.stderr


@pytest.mark.parametrize(
    ("words", "program", "said"),
    [
        ((), ("-c", "raise SystemExit(3)"), "COMMAND fails without a fault, with 3"),
        ((), ("-c", "print()"), "COMMAND never contacted the emulator"),
        (("--json", "orders.yaml"), ("orders.py", "1"), "looks like a scenario"),
        (("--html", "pages/all.html"), ("orders.py", "1"), "there is no folder for 'pages/all.html'"),
        (("--time", "soon"), ("orders.py", "1"), "'soon' is not a duration"),
        (("--baseline", "orders.yaml"), ("orders.py", "1"), "is no baseline"),
        (("--check", "false"), ("orders.py", "1"), "--check fails without a fault, with 1"),
        (("-j", "0"), ("orders.py", "1"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_explored_says_why(folder: Path, words: tuple[str, ...], program: tuple[str, ...], said: str) -> None:
    done = explore(folder, *words, program=program)
    assert done.returncode == 2
    assert said in done.stderr


def test_no_command(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "emulator", "explore"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "which command?" in done.stderr
