"""An error is one row, a key of the scenario language one field, an operation one file and one row: with these, they are known everywhere.
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
OPERATION = ("emulator/aws/services/carried_out.py", "OPERATION_MODULES: Mapping[str, str] = {\n", '    "ListExports": "list_exports",\n')
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
    assert "TooWindyException" in json.dumps(AdminClient(running.url).openapi())
    client = boto3.client("dynamodb", **running.boto3_kwargs())
    try:
        client.list_tables()
    except client.exceptions.ClientError as error:
        assert error.response["Error"] == {"Message": "Too much wind.", "Code": "TooWindyException"}, error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 418
"""
OPERATION_SCRIPT = """
assert run(["explain", "ListExports"]) == 0
scenario = {"version": 1, "rules": [{"name": "r", "when": {"operation": "ListExports", "attempt": 1}, "fault": "InternalServerError"}]}
assert [warning.message for warning in load_scenario(scenario).warnings] == []
with Emulator() as running:
    assert boto3.client("dynamodb", **running.boto3_kwargs()).list_exports()["ExportSummaries"] == []
    assert running.journal.entries()[0].applied is None
"""
# New keys: the file of the section, the field that each is put before, how it is read, a scenario with room for it, and where the
# loaded one has its value
TEXT = 'Text("two letters", "[a-z]{2}")'
WORD = 'one_of("ok", "so", what="two letters")'
RULE = "rules: [{name: r, "
KEYS = [
    ("limits", "read: float", WORD, "throughput: [{table: orders, write: 5, NEW}]", "throughput[0]"),
    ("access", "clock_skew: float", TEXT, "auth: {keys: {AKID: secret}, NEW}", "auth"),
    ("access", "token: str", TEXT, "auth: {keys: {AKID: {secret: s, NEW}}}", "auth.keys['AKID']"),
    ("phases", "for_: float", TEXT, "phases: [{name: outage, NEW}]", "phases[0]"),
    ("rules", "fault: Fault", TEXT, RULE + "fault: ok, NEW}]", "rules[0]"),
    ("when", "attempt: Ordinals", TEXT, RULE + "fault: ok, when: {operation: Query, NEW}}]", "rules[0].when"),
    ("when", "region: tuple", TEXT, "expect: [{count: 1, calls: {operation: Query, NEW}}]", "expect[0].calls"),
    ("expectations", "fired: Amount", TEXT, "expect: [{calls: {operation: Query}, NEW}]", "expect[0]"),
    ("expectations", "max: float", TEXT, "expect: [{calls: {operation: Query}, backoff: {NEW}}]", "expect[0].backoff"),
    ("verdicts", "ignore: tuple", WORD, "audit: {enforce: [V1], NEW}", "audit"),
    ("upstream", "rate: float", TEXT, "upstream: {url: aws, NEW}", "upstream"),
    (
        "effects",
        "all_but: int",
        WORD,
        RULE + "when: {operation: BatchGetItem}, fault: {unprocessed: {NEW}}}]",
        "rules[0].fault.keys['unprocessed']",
    ),
    ("responses", "body: str", TEXT, RULE + "fault: {response: {NEW}}}]", "rules[0].fault.response"),
    ("language", "upstream: Upstream", TEXT, "NEW", ""),
]
KEY_SCRIPT = """
from emulator.scenario import ScenarioError, json_schema, load_scenario
text = json.dumps(json_schema())
with Emulator() as running:
    api = json.dumps(AdminClient(running.url).openapi())
for name, scenario, place in KEYS:
    assert f"what is new in {name}; left out: nothing new" in text, name
    assert f"what is new in {name}; left out: nothing new" in api, name
    assert run(["explain", name]) == 0
    rows = [row for row in page("scenarios").splitlines() if row.startswith(f"| `{name}` | two letters")]
    assert rows and all(row.endswith(f"| nothing new | what is new in {name} | `{name}: ok` |") for row in rows), (name, rows)
    written = "version: 1\\n" + scenario
    loaded = load_scenario(written.replace("NEW", f"{name}: ok"))
    assert eval(f"loaded.{place}.{name}" if place else f"loaded.{name}") == "ok", loaded
    try:
        load_scenario(written.replace("NEW", f"{name}: UGLY"))
    except ScenarioError as error:
        (problem,) = error.problems
        assert problem.message.startswith("expected two letters") and problem.message.endswith(", got 'UGLY'"), problem
        assert problem.source[problem.column - 1 :].startswith("UGLY"), problem
    else:
        raise AssertionError(name)
"""
COMMON = """
import json, sys
from importlib import import_module
import boto3, emulator
from emulator import AdminClient, Emulator, load_scenario
from emulator.cli.main import run
assert emulator.__file__.startswith(sys.argv[1]), emulator.__file__
page = lambda name: import_module(f"generate_{name}_page").render()
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code, to add something to."""
    for name in ("dynafault_dataclass", "emulator", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def add_row(copy: Path, row: tuple[str, str, str]) -> None:
    name, behind, text = row
    file = copy / name
    before = file.read_text("utf-8")
    assert behind in before
    file.write_text(before.replace(behind, behind + text, 1), "utf-8")


def add_key(copy: Path, name: str, row: tuple[str, str, str]) -> None:
    module, before, reader = row
    file = copy / "emulator" / "scenario" / f"{module}.py"
    text = file.read_text("utf-8")
    declares = "a_key" if " as a_key" in text else "key"
    field = f'{name}: str | None = {declares}({reader}, "what is new in {name}", example="ok", default=None, left_out="nothing new")'
    assert f"\n    {before}" in text
    file.write_text(text.replace(f"\n    {before}", f"\n    {field}\n    {before}", 1), "utf-8")


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


def test_a_key_of_the_scenario_language_is_one_field(copy: Path) -> None:
    names = {f"new_{number}": key for number, key in enumerate(KEYS)}
    for name, (module, before, reader, _, _) in names.items():
        add_key(copy, name, (module, before, reader))
    given = [(name, scenario, place) for name, (_, _, _, scenario, place) in names.items()]
    out = said(copy, f"KEYS = {given!r}\n{KEY_SCRIPT}")
    assert "new_0, a key of a throughput limit\n  means      what is new in new_0\n  takes      two letters: one of ok, so\n" in out
    assert out.count("\n  left out   nothing new\n  example    new_") >= len(KEYS)
