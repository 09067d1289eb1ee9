"""A stranger's module of the name `emulator` is told from ours, wherever it lies, and is not carried out for that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dynafault.shadowing import hidden_by

ASK = "from dynafault.shadowing import hidden_by; print(hidden_by())"


def ask(first_on_path: Path, source: str = ASK) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(first_on_path)}
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False, env=environment, cwd=first_on_path)


def test_ours_is_not_hidden() -> None:
    assert hidden_by() is None


@pytest.mark.parametrize(("file", "place"), [("emulator/__init__.py", "emulator"), ("emulator.py", "emulator.py")])
def test_a_stranger_is_named_and_not_imported(tmp_path: Path, file: str, place: str) -> None:
    tmp_path.joinpath(file).parent.mkdir(exist_ok=True)
    tmp_path.joinpath(file).write_text("raise SystemExit('carried out')")
    asked = ask(tmp_path)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.startswith(f"{tmp_path.resolve() / place} hides the package 'emulator' of dynafault: ")


def test_a_folder_that_is_no_package_hides_nothing(tmp_path: Path) -> None:
    tmp_path.joinpath("emulator").mkdir()
    assert ask(tmp_path).stdout == "None\n"


def test_one_that_is_imported_already_is_found_too(tmp_path: Path) -> None:
    tmp_path.joinpath("emulator.py").write_text("")
    moved = f"import sys, emulator; sys.path.remove({str(tmp_path)!r}); sys.path.remove(''); {ASK}"
    assert " hides the package 'emulator'" in ask(tmp_path, moved).stdout


def test_a_public_name_is_refused_with_the_reason(tmp_path: Path) -> None:
    tmp_path.joinpath("emulator.py").write_text("")
    refused = ask(tmp_path, "from dynafault import Emulator")
    assert refused.stderr.splitlines()[-1].startswith(f"ImportError: {tmp_path.resolve() / 'emulator.py'} hides the package 'emulator'")
