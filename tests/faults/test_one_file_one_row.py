"""A fault is one file and one row, as CONTRIBUTING.md shows: with these two, it is known everywhere; and a file that is not whole is
refused."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from emulator.aws.errors import EmulatorError
from emulator.faults import effects
from emulator.faults.compiled import effect_classes

ROOT = Path(__file__).resolve().parents[2]


def pieces() -> list[str]:
    """The row and the file that CONTRIBUTING.md shows."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = page[page.index("## A fault, step by step") : page.index("## Rules")]
    return [dedent(block) for block in re.findall(r"^ *```python\n(.*?)^ *```", section, re.MULTILINE | re.DOTALL)]


ROW, FILE = pieces()
SCRIPT = """
import json, sys
from importlib import import_module
import boto3, emulator
from emulator import AdminClient, Emulator
from emulator.cli.main import run
from emulator.scenario import ScenarioError, load_scenario
from emulator.scenario.schema import json_schema

assert emulator.__file__.startswith(sys.argv[1]), emulator.__file__
echo = json_schema()["$defs"]["a-fault"]["properties"]["echo"]
assert echo["description"] == "the answer carries these words as a header\\n\\necho: hello"
page = import_module("generate_scenarios_page").render()
assert "| `echo` | text | the answer carries these words as a header | `GetItem` | `echo: hello` |" in page, page
assert run(["explain", "echo"]) == 0

def problem(fault, operation):
    try:
        load_scenario({"version": 1, "rules": [{"name": "r", "when": {"operation": operation}, "fault": fault}]})
    except ScenarioError as error:
        return str(error)

assert "'echo' is for GetItem, but this rule also matches PutItem" in problem({"echo": "x"}, ["GetItem", "PutItem"])
assert "a second effect 'echo' beside 'stale'" in problem({"stale": "1s", "echo": "x"}, "GetItem")
assert "write {echo: ...}" in problem("echo", "GetItem")

scenario = {
    "version": 1,
    "tables": [{"name": "orders", "key": {"id": "S"}}],
    "rules": [{"name": "r", "when": {"operation": "GetItem"}, "fault": {"echo": "good morning"}}],
}
with Emulator(scenario) as running:
    assert AdminClient(running.url).openapi()["components"]["schemas"]["a-fault"]["properties"]["echo"] == echo
    client = boto3.client("dynamodb", **running.boto3_kwargs())
    answer = client.get_item(TableName="orders", Key={"id": {"S": "a"}})
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-echo"] == "good morning"
    assert [(rule.name, rule.fired) for rule in running.rules.list()] == [("r", 1)]
    assert running.journal.entries()[0].fault == "echo good morning"
print("all of it")
"""


def test_a_fault_is_one_file_and_one_row(tmp_path: Path) -> None:
    for name in ("dynafault_dataclass", "emulator", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "emulator" / "scenario" / "fault.py"
    text = table.read_text("utf-8")
    table.write_text(text.replace("FAULT_KEYS = (\n", f"FAULT_KEYS = (\n{ROW.rstrip()},\n", 1), "utf-8")
    (tmp_path / "emulator" / "faults" / "effects" / "echo.py").write_text(FILE, "utf-8")

    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{tmp_path / 'tools'}"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("all of it\n")
    assert "echo, a key of a fault\n  means      the answer carries these words as a header\n" in done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which faults are looked for as well."""
    known = set(sys.modules)
    effects.__path__.append(str(tmp_path))
    yield tmp_path
    effects.__path__.remove(str(tmp_path))
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_there_is_an_effect_for_each() -> None:
    assert {"error", "connection", "page", "delay", "status"} <= effect_classes(tuple(effects.__path__)).keys()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("", "", "EchoEffect.echo is no key of a fault"),
        ("echo: str", "stale: float", "'stale' has an effect already"),
        ("class EchoEffect(Effect)", "class EchoEffect", "one dataclass of Effect, and this has 0"),
        ("@dataclass(frozen=True, slots=True)\n", "", "one dataclass of Effect, and this has 1"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(folder: Path, old: str, new: str, complaint: str) -> None:
    name = f"echo{len(complaint)}"
    (folder / f"{name}.py").write_text(FILE.replace(old, new), "utf-8")
    with pytest.raises(EmulatorError, match=complaint):
        effect_classes(tuple(effects.__path__))


def test_a_key_without_an_effect_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=r"the key '\w+' of a fault has no effect: it wants a file in"):
        effect_classes((str(tmp_path),))
