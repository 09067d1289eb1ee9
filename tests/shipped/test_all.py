"""What holds of every shipped scenario."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from emulator.core import EmulatorCore
from emulator.scenario import Scenario, load_scenario

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
SHIPPED = sorted(FOLDER.rglob("*.yaml"))
NAMES = [str(path.relative_to(FOLDER).with_suffix("")) for path in SHIPPED]


def functions_of(folder: str) -> set[str]:
    path = Path(__file__).with_name(f"test_{folder.replace('-', '_')}.py")
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_test_of_its_own(name: str) -> None:
    folder, _, stem = name.partition("/")
    assert f"test_{stem.replace('-', '_')}" in functions_of(folder)


@pytest.mark.parametrize("path", SHIPPED, ids=NAMES)
def test_each_says_which_question_it_answers_and_what_it_expects(path: Path) -> None:
    scenario: Scenario = load_scenario(path)
    assert scenario.name
    assert "?" in scenario.description
    assert scenario.expect
    assert scenario.seed is not None


@pytest.mark.parametrize("path", SHIPPED, ids=NAMES)
def test_none_passes_without_a_client(path: Path) -> None:
    assert not EmulatorCore(path, can_cut=True).report().passed
