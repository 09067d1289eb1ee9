"""A verdict is one file: put into the folder, it is known everywhere; and a file that is not whole is refused."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from emulator.audit import VERDICTS, Status, evidence_of, judge_audit, verdicts
from emulator.aws.errors import EmulatorError
from emulator.cli.main import run
from emulator.journal.invocations import group
from emulator.scenario import load_scenario
from emulator.scenario.schema import json_schema
from emulator.server.admin.openapi import language_schemas

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "emulator" / "audit" / "verdicts").glob("v*.py"))

WHOLE = '''"""V98: Reads come first

## What it does
Whether the first call
reads.

## Why it matters
It does not. This is a test.

## Fails
```python
## no heading
client.put_item()
```

## Passes
```text
GetItem    200
```

## What helps
Read first.

## Sources
- [A guide](https://example.com/guide): chapter one
- Another one
"""

from emulator.audit.evidence import Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed

GRADE = Status.FAIL


def judge(evidence: Evidence) -> Ruling:
    if not evidence.calls:
        return nothing("no call")
    first = evidence.calls[0]
    return found(Status.FAIL, [first], "a write came first") if first.is_write else passed("a read came first")
'''


@pytest.fixture
def add(tmp_path: Path) -> Iterator[Callable[[str, str], Path]]:
    """Puts a file into a folder in which verdicts are looked for as well."""
    known = set(sys.modules)

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        if str(tmp_path) not in verdicts.__path__:
            verdicts.__path__.append(str(tmp_path))
        return path

    yield write
    if str(tmp_path) in verdicts.__path__:
        verdicts.__path__.remove(str(tmp_path))
    for name in [name for name in sys.modules if name not in known and name.startswith(verdicts.__name__)]:
        module = sys.modules[name]
        if str(module.__file__).startswith(str(tmp_path)):
            del sys.modules[name]


def test_a_verdict_is_one_file(
    add: Callable[[str, str], Path], call: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add("v98_reads_come_first.py", WHOLE)

    verdict = VERDICTS["V98"]
    assert list(VERDICTS)[-1] == "V98"
    assert (verdict.title, verdict.looks_at, verdict.grade) == ("Reads come first", "Whether the first call reads.", Status.FAIL)
    assert verdict.source == "A guide: chapter one; Another one"

    scenario = load_scenario("version: 1\naudit: {enforce: [V98]}\nexpect: [{verdicts: {V98: fail}}]\n")
    findings = judge_audit(scenario.audit, evidence_of(group(call("a", "ok"))))
    assert [finding.verdict.id for finding in findings if finding.fails] == ["V98"]

    assert run(["explain", "V98"]) == 0
    out = capsys.readouterr().out
    assert "\nFails\n    ## no heading\n    client.put_item()\n" in out
    assert "\nSources\n  - A guide (https://example.com/guide): chapter one\n  - Another one\n" in out
    assert run(["explain", "verdicts"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "V98  fail  Reads come first"

    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    page = import_module("generate_verdicts_page").render()
    assert "## V98 Reads come first\n\nAt worst: `fail`, and fails a run by default.\n" in page
    assert "### Sources\n\n- [A guide](https://example.com/guide): chapter one\n- Another one\n" in page

    assert json.dumps(json_schema()).count('"V98"') == json.dumps(json_schema()).count('"V40"') > 0
    assert json.dumps(language_schemas()).count('"V98"') == json.dumps(language_schemas()).count('"V40"') > 0


def test_a_verdict_that_is_gone_is_unknown_again(add: Callable[[str, str], Path]) -> None:
    assert "V98" not in VERDICTS
    with pytest.raises(EmulatorError, match=f"expected a verdict from V1 to {list(VERDICTS)[-1]}, got 'V98'"):
        load_scenario("version: 1\naudit: {enforce: [V98]}\n")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("V98: Reads come first", "Reads come first", "must begin with 'V98: ' and a title, and begins with 'Reads come first'"),
        ("V98: Reads come first", "V42: Reads come first", "must begin with 'V98: ' and a title, and begins with 'V42: Reads come first'"),
        ("V98: Reads come first\n", "V98: Reads come first\nand last", "between its first line and '## What it does' stands 'and last'"),
        ("## Why it matters\nIt does not. This is a test.\n", "", "it has no '## Why it matters'"),
        ("It does not. This is a test.", "", "its docstring has no text below '## Why it matters'"),
        (
            "## Passes",
            "## Succeeds",
            "the section '## Succeeds' is none of What it does, Why it matters, Fails, Passes, What helps, Sources",
        ),
        ("## What helps", "## Passes", "the section '## Passes' is there twice"),
        ("```text\nGetItem    200\n```", "GetItem    200", "'## Passes' must hold an example in a fenced block"),
        ("- Another one", "Another one", "below '## Sources' each line must begin with '- ', and one is 'Another one'"),
        ("GRADE = Status.FAIL", "GRADE = Status.PASS", "GRADE must be one of Status.FAIL, Status.WARN, Status.INFO"),
        ("GRADE = Status.FAIL", "", "GRADE must be one of Status.FAIL, Status.WARN, Status.INFO"),
        ("def judge(", "def judges(", "it has no function judge(evidence)"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(add: Callable[[str, str], Path], old: str, new: str, complaint: str) -> None:
    assert old in WHOLE
    path = add("v98_not_whole.py", WHOLE.replace(old, new))
    with pytest.raises(EmulatorError) as refused:
        VERDICTS["V98"]
    assert str(refused.value).startswith(f"{path}: ")
    assert complaint in str(refused.value)


def test_sections_have_an_order(add: Callable[[str, str], Path]) -> None:
    first, second = "## What helps\nRead first.\n\n", "## Sources\n- [A guide](https://example.com/guide): chapter one\n- Another one\n"
    add("v98_disordered.py", WHOLE.replace(first + second, second + "\n" + first))
    with pytest.raises(EmulatorError, match="its sections must come in the order What it does, Why"):
        VERDICTS["V98"]


def test_a_number_is_taken_once(add: Callable[[str, str], Path]) -> None:
    add("v09_again.py", WHOLE)
    with pytest.raises(EmulatorError, match=r"v09_again\.py: V9 is already in v09_retries_wait\.py"):
        list(VERDICTS)


@pytest.mark.parametrize("name", ["reads_come_first.py", "v9_short.py", "v00_nothing.py", "V98_loud.py"])
def test_a_file_with_another_kind_of_name_is_refused(add: Callable[[str, str], Path], name: str) -> None:
    add(name, WHOLE)
    with pytest.raises(EmulatorError, match=f"{name} among the verdicts: name it after number and title"):
        list(VERDICTS)


def test_without_docstrings_there_are_verdicts_still() -> None:
    script = "from emulator.audit import VERDICTS; print(VERDICTS['V9'].title)"
    done = subprocess.run([sys.executable, "-OO", "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "Retries wait\n"), done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_verdict_leans_on_no_other(path: Path) -> None:
    modules = [node.module or "" for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    assert not [module for module in modules if module.startswith("emulator.audit.verdicts")]
