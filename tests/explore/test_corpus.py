"""Programs with one flaw each, explored: it is found and named, and its scenario shows it again; those without a flaw give nothing.

All of them take some ten minutes, which is `make explored`; here a few stand for the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.explore.corpus import CORRECT, FLAWS, PROGRAMS, TABLES

ALL = bool(os.environ.get("DYNAFAULT_CORPUS"))
flawed = [name for name in FLAWS if ALL or name in ("lost_batch_rest", "own_write_mistaken")]
correct = [name for name in CORRECT if ALL or name == "good_report"]
pytestmark = pytest.mark.timeout(600)


def dynafault(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "emulator", *words], cwd=folder, capture_output=True, text=True, check=False)


def explored(program: str, folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    words = ("explore", str(TABLES), "--json", "explored.json", *options, "--", sys.executable, str(PROGRAMS / f"{program}.py"))
    done = dynafault(*words, folder=folder)
    assert (folder / "explored.json").exists(), done.stderr
    return done.returncode, json.loads((folder / "explored.json").read_text())


@pytest.mark.parametrize("program", flawed)
def test_the_flaw_is_found_and_its_scenario_shows_it(program: str, tmp_path: Path) -> None:
    point, outcome, words = FLAWS[program]
    status, result = explored(program, tmp_path)
    assert status == 1
    found = [one for one in result["findings"] if one["point"].startswith(point) and one["outcome"] == outcome and words in one["title"]]
    assert found, [one["title"] for one in result["findings"]]
    again = dynafault("run", found[0]["scenario"], "--", sys.executable, str(PROGRAMS / f"{program}.py"), folder=tmp_path)
    assert again.returncode, again.stdout


@pytest.mark.parametrize("program", correct)
def test_nothing_is_found_where_nothing_is_wrong(program: str, tmp_path: Path) -> None:
    status, result = explored(program, tmp_path)
    assert (status, result["findings"]) == (0, [])
    assert all(cell["outcome"] == "survived" for cell in result["cells"] if cell["outcome"] is not None)
    assert not (tmp_path / "found").exists() or not list((tmp_path / "found").glob("*.yaml"))
