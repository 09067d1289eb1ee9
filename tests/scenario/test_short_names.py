"""The Python API takes the short names of shipped scenarios, as the commands and the marker do."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.scenario import ScenarioError, load_scenario


@pytest.mark.parametrize("name", ["throttling/first-two-attempts", "throttling/first-two-attempts.yaml"])
def test_a_short_name_is_found(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_scenario(name).name == "Writes survive throttling"


def test_a_file_of_ones_own_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "throttling" / "first-two-attempts.yaml"
    own.parent.mkdir()
    own.write_text("version: 1\nname: Mine\n")
    monkeypatch.chdir(tmp_path)
    assert load_scenario("throttling/first-two-attempts.yaml").name == "Mine"


def test_a_name_that_is_nowhere_gets_a_suggestion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="did you mean 'throttling/hot-key'"):
        load_scenario("throttling/hot-kye")


def test_a_path_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        load_scenario(Path("throttling/hot-key"))
