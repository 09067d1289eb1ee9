"""Every scenario that is shipped loads, says which question it answers, and expects something."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.scenario import load_scenario

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").rglob("*.yaml"))


def test_there_are_shipped_scenarios() -> None:
    assert len(SHIPPED) >= 5


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_shipped_scenario(path: Path) -> None:
    scenario = load_scenario(path)
    assert "?" in scenario.description
    assert scenario.name
    assert scenario.expect
    assert scenario.rules
    assert scenario.seed is not None
