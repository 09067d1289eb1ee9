"""Whatever a scenario file holds, it is loaded, or refused with problems that have places: nothing else ever happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.clock import ManualClock
from emulator.faults import RuleSet
from emulator.scenario import Rule, ScenarioError, load_rule, load_scenario
from emulator.scenario.language import SECTIONS

WHOLE = Path(__file__).with_name("everything.yaml").read_text("utf-8")
WORDS = sorted({key.name for section in SECTIONS for key in section.keys})
HALF = chr(0xD800)
PIECES = ["&a ", "*a", "!!x ", "<<: ", "---\n", "\t", "\x85", "\u2028", "${", "${a}", "{", "}", "[", "]", "'", '"', "|", ">", "%", "@"]
PIECES += ["`", "\n", ": ", "- ", "? ", "#", ",", "0", "9" * 400, "1e999", "-1", ".inf", HALF, "\x00", "é", "null", "[" * 80, "every 0"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.sampled_from(WORDS),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(), children, max_size=4),
    max_leaves=20,
)


def outcome(read: Callable[[Any], Any], source: Any) -> Any:
    """What was read, or the error for a source that was refused as it should be."""
    try:
        return read(source)
    except ScenarioError as error:
        return error


def check(source: Any) -> None:
    found = outcome(load_scenario, source)
    if isinstance(found, ScenarioError):
        assert found.problems
        assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in found.problems)
        assert "nothing was loaded" in str(found)
        orjson.dumps(found.as_dicts())
    else:
        RuleSet.of(found, ManualClock(), 1)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text(text: str) -> None:
    check("version: 1\n" + text)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_scenario_with_pieces_cut_out_and_put_in(data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 5))
        text = text[:start] + data.draw(st.sampled_from(PIECES) | st.sampled_from(WORDS)) + text[end:]
    check(text + "\n")


@settings(max_examples=150, deadline=None)
@given(mapping=st.dictionaries(st.sampled_from(WORDS), JSON, max_size=4))
def test_any_mapping(mapping: dict[str, Any]) -> None:
    check({"version": 1, **mapping})
    check({"version": 1, "rules": [{"name": "r", "fault": "ok", **mapping}]})
    check({"version": 1, "rules": [{"name": "r", "fault": mapping}]})
    check({"version": 1, "rules": [{"name": "r", "fault": "ok", "when": mapping}]})


@settings(max_examples=100, deadline=None)
@given(source=st.dictionaries(st.sampled_from(WORDS), JSON, max_size=4))
def test_any_rule(source: dict[str, Any]) -> None:
    assert isinstance(outcome(load_rule, source), Rule | ScenarioError)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("hostile") / "scenario.yaml"
    path.write_bytes(content)
    check(path)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nrules: &a [*a]\n",
        "version: 1\ndescription: '" + "x" * 900_000 + "'\n",
        "version: 1\nrules: [" + "{}," * 100_000 + "]\n",
        "version: 1\n" + "".join(f"? {{a: {number}}}\n: b\n" for number in range(10_000)),
        "version: 1\nparameters: {" + ", ".join(f"p{number}: '${{p{number}}}'" for number in range(10_000)) + "}\nname: ${p1}\n",
        'version: 1\nrules: [{name: r, when: {where: "' + "(" * 900 + '"}, fault: ok}]\n',
        'version: 1\nrules: [{name: r, when: {table: "' + "*a" * 120 + '"}, fault: ok}]\n',
        "version: 1\nrules: [{name: r, when: {request: [" + ", ".join(map(str, range(1, 900))) + "]}, fault: ok}]\n",
    ],
)
def test_what_is_large_or_deep(text: str) -> None:
    check(text)
