"""Programs with one flaw each, explored: it is found and named, and its scenario shows it again; those without a flaw give nothing.

All of them, to the end, take some ten minutes, which is `make explored`; here the first runs of a few stand for the rest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.explore.corpus import CORRECT, FLAWS, JAVASCRIPT, PROGRAMS, TABLES

ALL = bool(os.environ.get("DYNAFAULT_CORPUS"))
flawed = [name for name in FLAWS if ALL or name in ("lost_batch_rest", "own_write_mistaken")]
correct = [name for name in CORRECT if ALL or name == "good_report"]
pytestmark = pytest.mark.timeout(600)


def dynafault(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "emulator", *words], cwd=folder, capture_output=True, text=True, check=False)


def explored(folder: Path, *program: str) -> tuple[int, dict[str, Any]]:
    few = () if ALL else ("--max-runs", "9")
    done = dynafault("explore", str(TABLES), "--json", "explored.json", *few, "--", *program, folder=folder)
    assert (folder / "explored.json").exists(), done.stderr
    return done.returncode, json.loads((folder / "explored.json").read_text())


def assert_is_found(flaw: tuple[str, str, str], folder: Path, *program: str) -> None:
    """The flaw of a program, and that its scenario shows it again."""
    point, outcome, words = flaw
    status, result = explored(folder, *program)
    assert status == 1
    found = [one for one in result["findings"] if one["point"].startswith(point) and one["outcome"] == outcome and words in one["title"]]
    assert found, [one["title"] for one in result["findings"]]
    again = dynafault("run", found[0]["scenario"], "--", *program, folder=folder)
    assert again.returncode, again.stdout


def assert_nothing_is_found(folder: Path, *program: str) -> None:
    status, result = explored(folder, *program)
    assert (status, result["findings"]) == (0, [])
    assert all(cell["outcome"] == "survived" for cell in result["cells"] if cell["outcome"] is not None)
    assert not list((folder / "found").glob("*.yaml"))


@pytest.mark.parametrize("program", flawed)
def test_the_flaw_is_found_and_its_scenario_shows_it(program: str, tmp_path: Path) -> None:
    assert_is_found(FLAWS[program], tmp_path, sys.executable, str(PROGRAMS / f"{program}.py"))


@pytest.mark.parametrize("program", correct)
def test_nothing_is_found_where_nothing_is_wrong(program: str, tmp_path: Path) -> None:
    assert_nothing_is_found(tmp_path, sys.executable, str(PROGRAMS / f"{program}.py"))


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs for Node.js with their packages."""
    if not ALL:
        pytest.skip("their packages come from a registry: make explored")
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("javascript")
    shutil.copytree(PROGRAMS / "javascript", folder, dirs_exist_ok=True)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True, timeout=300)
    return folder


@pytest.mark.parametrize("program", JAVASCRIPT)
def test_programs_in_javascript(program: str, javascript: Path, tmp_path: Path) -> None:
    words = ("node", str(javascript / f"{program}.mjs"))
    flaw = JAVASCRIPT[program]
    if flaw is None:
        assert_nothing_is_found(tmp_path, *words)
    else:
        assert_is_found(flaw, tmp_path, *words)
