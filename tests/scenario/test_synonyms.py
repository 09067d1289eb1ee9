"""Words of other tools are told in ours, all of them at once."""

from __future__ import annotations

import pytest

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
