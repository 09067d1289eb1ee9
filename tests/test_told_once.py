"""An error is one row, an operation one file and one row: with these, they are known everywhere.
(The same of a fault: tests/faults/test_one_file_one_row.py, of a verdict: tests/audit/test_verdict_files.py, of a route of the admin API:
tests/server/test_admin.py.)"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ERROR = (
    "emulator/aws/errors.py",
    "_CATALOGUE: tuple[ErrorSpec, ...] = (\n",
    '    _dynamodb("TooWindyException", "Too much wind.", status=418),\n',
)
OPERATION = ("emulator/backends/dynamodb/dispatch.py", "MODULES: dict[str, str] = {\n", '    "ListExports": "list_exports",\n')
OPERATION_FILE = '''"""ListExports: there are none."""


def list_exports(state, call):
    return {"ExportSummaries": []}
'''
ERROR_SCRIPT = """
from emulator.scenario.schema import json_schema
assert "TooWindyException" in json.dumps(json_schema()["$defs"]["a-fault"])
assert run(["explain", "TooWindyException"]) == 0
assert "| `TooWindyException` | 418 |" in page("scenarios")
scenario = {"version": 1, "rules": [{"name": "r", "when": {"operation": "ListTables"}, "fault": "TooWindyException"}]}
with Emulator(scenario) as running:
    client = boto3.client("dynamodb", **running.boto3_kwargs())
    try:
        client.list_tables()
    except client.exceptions.ClientError as error:
        assert error.response["Error"] == {"Message": "Too much wind.", "Code": "TooWindyException"}, error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 418
"""
OPERATION_SCRIPT = """
assert run(["explain", "ListExports"]) == 0
with Emulator() as running:
    assert boto3.client("dynamodb", **running.boto3_kwargs()).list_exports()["ExportSummaries"] == []
    assert running.journal.entries()[0].applied is None
"""
COMMON = """
import json, sys
from importlib import import_module
import boto3, emulator
from emulator import Emulator
from emulator.cli.main import run
assert emulator.__file__.startswith(sys.argv[1]), emulator.__file__
page = lambda name: import_module(f"generate_{name}_page").render()
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code, to add something to."""
    for name in ("emulator", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def add_row(copy: Path, row: tuple[str, str, str]) -> None:
    name, behind, text = row
    file = copy / name
    before = file.read_text("utf-8")
    assert behind in before
    file.write_text(before.replace(behind, behind + text, 1), "utf-8")


def said(copy: Path, script: str) -> str:
    environment = {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'tools'}"}
    command = [sys.executable, "-c", COMMON + script, str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=copy, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_error_is_one_row(copy: Path) -> None:
    add_row(copy, ERROR)
    assert "TooWindyException, an error of dynamodb\n  status     418\n" in said(copy, ERROR_SCRIPT)


def test_an_operation_is_one_file_and_one_row(copy: Path) -> None:
    add_row(copy, OPERATION)
    (copy / "emulator" / "backends" / "dynamodb" / "operations" / "list_exports.py").write_text(OPERATION_FILE, "utf-8")
    assert "ListExports, an operation of dynamodb 2012-08-10\n  here       carried out\n" in said(copy, OPERATION_SCRIPT)
