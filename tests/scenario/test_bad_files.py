"""Every file in `bad/` says in its last comments which problems it has: `#! line:column message`. It has these and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.scenario import ScenarioError, load_scenario

FILES = sorted(Path(__file__).with_name("bad").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_has_exactly_its_problems(path: Path) -> None:
    expected = [line[3:] for line in path.read_text("utf-8").splitlines() if line.startswith("#! ")]
    assert expected
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    found = [f"{one.line}:{one.column} {one.message}{'; ' + one.hint if one.hint else ''}" for one in refused.value.problems]
    assert found == expected
    assert all(one.file == str(path) for one in refused.value.problems)
