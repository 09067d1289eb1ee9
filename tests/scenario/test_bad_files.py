"""Every file in `bad/` says in its last comments which problems it has: `#! line:column message`. It has these and no others.
What every new verdict or key would change in them stands there as `{NAME}`."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.audit import VERDICTS
from emulator.scenario import ScenarioError, load_scenario
from emulator.scenario.language import FILE
from emulator.scenario.rules import RULE

FILES = sorted(Path(__file__).with_name("bad").glob("*.yaml"))
GROWING = {
    "{LAST_VERDICT}": list(VERDICTS)[-1],
    "{KEYS_OF_A_RULE}": ", ".join(RULE.names),
    "{KEYS_OF_A_FILE}": ", ".join(FILE.names),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_has_exactly_its_problems(path: Path) -> None:
    expected = [line[3:] for line in path.read_text("utf-8").splitlines() if line.startswith("#! ")]
    for name, text in GROWING.items():
        expected = [line.replace(name, text) for line in expected]
    assert expected
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    found = [f"{one.line}:{one.column} {one.message}{'; ' + one.hint if one.hint else ''}" for one in refused.value.problems]
    assert found == expected
    assert all(one.file == str(path) for one in refused.value.problems)
