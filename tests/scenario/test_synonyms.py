"""Words of other tools are told in ours, all of them at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from emulator.scenario import ScenarioError, load_scenario
from emulator.scenario.synonyms import OTHER_WORDS


def problems_of(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(text)
    return [f"{problem.message}; {problem.hint}" for problem in refused.value.problems]


@pytest.mark.parametrize("word", ["if", "match", "count", "times", "probability", "latency", "hang", "timeout"])
def test_each_is_told_wherever_it_stands(word: str) -> None:
    rule = f"{{name: x, {word}: 1, when: {{operation: GetItem, {word}: 1}}, fault: {{error: ThrottlingException, {word}: 1}}}}"
    found = problems_of(f"version: 1\nrules: [{rule}]\n")
    assert len(found) == 3
    assert all(OTHER_WORDS[word] in problem for problem in found)


def test_all_of_a_mapping_are_told_at_once() -> None:
    found = problems_of("version: 1\nrules: [{if: 1, times: 2, probability: 3, latency: 4, name: x, chance: many, fault: Nothing}]\n")
    assert len(found) == 6


def test_verdicts_may_be_named_by_number_and_outcomes_by_kind() -> None:
    scenario = load_scenario("version: 1\naudit: {enforce: [1, V4]}\nexpect: [{calls: {operation: GetItem}, outcome: error}]\n")
    assert scenario.audit is not None
    assert scenario.audit.enforce == ("V1", "V4")
    assert scenario.expect[0].outcome == "error"


RULE = {"name": "one", "when": {"operation": "GetItem"}, "fault": "ThrottlingException"}
# Pieces of the language in quotes; three points stand for anything
PIECES = sorted({piece for text in OTHER_WORDS.values() for piece in re.findall(r"'([a-z_]+: [^']+)'", text) if "..." not in piece})


@pytest.mark.parametrize("piece", PIECES)
def test_what_another_tools_word_is_here_loads(piece: str) -> None:
    written: dict[str, Any] = yaml.safe_load(piece)
    if "expect" in written:
        load_scenario({"version": 1, **written})
    elif "for" in written:
        load_scenario({"version": 1, "rules": [{**RULE, "fault": {"connection": "hang", **written}}]})
    else:
        load_scenario({"version": 1, "rules": [{**RULE, **written}]})


def test_there_are_pieces_for_most_words() -> None:
    assert len(PIECES) >= 10
