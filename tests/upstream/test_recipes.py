"""The compose files that stand an emulator in front of something hold scenarios that load."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from emulator.scenario import load_scenario

RECIPES = Path(__file__).resolve().parent.parent.parent / "recipes" / "compose"


@pytest.mark.parametrize("name", ["alternator", "extenddb"])
def test_its_scenario_loads(name: str) -> None:
    recipe = yaml.safe_load((RECIPES / f"{name}.yml").read_text())
    scenario = load_scenario(recipe["configs"]["front"]["content"])
    assert scenario.upstream is not None
    assert scenario.auth is not None
    # Its clients have a key, and whoever changes rules a token
    assert scenario.auth.keys
    assert "DYNAFAULT_ADMIN_TOKEN" in recipe["services"]["dynafault"]["environment"]
