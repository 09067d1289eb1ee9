"""Where scenarios come from, and what several of them make together."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.scenario import Scenario, ScenarioError, load_rule, load_scenario, load_scenarios
from emulator.scenario.delays import FixedDelay
from emulator.scenario.nodes import MAX_CHARACTERS, MAX_PROBLEMS

RULE = {"name": "boom", "fault": "InternalServerError"}


def refused(*sources: object, **parameters: object) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load_scenarios(sources, parameters=parameters)  # type: ignore[arg-type]
    return caught.value


def test_no_scenario_is_a_healthy_service() -> None:
    assert load_scenario(None) == Scenario()


def test_path_text_and_mapping_say_the_same(tmp_path: Path) -> None:
    text = "version: 1\nname: Boo\nrules:\n  - {name: boom, fault: InternalServerError}\n"
    path = tmp_path / "boo.yaml"
    path.write_text(text)
    by_name = [load_scenario(source) for source in (path, str(path), text, {"version": 1, "name": "Boo", "rules": [RULE]})]
    assert [(one.name, [rule.fault.error for rule in one.rules if rule.fault]) for one in by_name] == [("Boo", ["InternalServerError"])] * 4
    assert by_name[0].files == (str(path),)


def test_json_is_text_too() -> None:
    assert load_scenario('{"version": 1, "name": "Boo"}').name == "Boo"


def test_text_of_a_mapping_stays_text() -> None:
    assert load_scenario({"version": 1, "name": "010"}).name == "010"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("/no/such/file.yaml", "cannot be read: No such file or directory"),
        (Path("/"), "cannot be read: Is a directory"),
        ({"version": 1, "seed": float("nan")}, "the mapping cannot be written as JSON"),
        ({"version": 1, "seed": {1, 2}}, "the mapping cannot be written as JSON"),
        ({"version": 1, "name": "\ud800"}, "the scenario has half a character (U+D800)"),
        ("{" + " " * MAX_CHARACTERS, "the scenario has 1,000,001 characters"),
    ],
)
def test_sources_that_cannot_be_read(source: object, said: str) -> None:
    assert said in str(refused(source))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("version: 1\nname: Café\n".encode("latin-1"))
    assert f"{path}:1:1: cannot be read: not UTF-8 text" in str(refused(path))


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfversion: 1\n")
    assert load_scenario(path).files == (str(path),)


def test_several_files_make_one_scenario() -> None:
    first = {"version": 1, "name": "A", "rules": [{**RULE, "name": "a"}], "tables": [{"name": "one", "key": {"id": "S"}}]}
    second = {"version": 1, "name": "B", "seed": 7, "rules": [{**RULE, "name": "b"}], "expect": [{"rule": "a", "fired": 1}]}
    merged = load_scenarios([first, second])
    assert (merged.name, merged.seed) == ("A + B", 7)
    assert [rule.name for rule in merged.rules] == ["a", "b"]
    assert [table.name for table in merged.tables] == ["one"]


def test_files_must_not_contradict_each_other(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("version: 1\nrules:\n- {name: a, fault: ok}\n")
    two.write_text("version: 1\nrules:\n- {name: a, fault: ok}\nexpect:\n- {rule: b, fired: 1}\n")
    problems = refused(one, two).problems
    assert [(problem.file, problem.line) for problem in problems] == [(str(two), 3), (str(two), 5)]
    assert problems[0].hint == f"first at {one}:3:10"


def test_a_rule_that_an_alias_repeats_is_here_twice() -> None:
    assert "the rule 'a' is here twice" in str(refused("version: 1\nrules: [&a {name: a, fault: ok}, *a]\n"))


def test_two_seeds_are_a_contradiction() -> None:
    error = refused({"version": 1, "seed": 1}, {"version": 1, "seed": 2})
    assert "'seed' is said twice" in str(error)


def test_problems_of_all_files_come_at_once() -> None:
    assert len(refused({"version": 2}, {"version": 1, "nme": "x"}).problems) == 2


def test_a_file_of_nothing_but_problems_is_given_up() -> None:
    text = "version: 1\n" + "".join(f"key{number}: 1\n" for number in range(50_000))
    assert len(refused(text).problems) == MAX_PROBLEMS


def test_a_rule_alone() -> None:
    assert load_rule(RULE).name == "boom"
    assert load_rule("{name: boom, fault: ok}").name == "boom"
    with pytest.raises(ScenarioError, match="did you mean 'fault'"):
        load_rule({"name": "boom", "falt": "ok"})


PARAMETERS = 'parameters: {table: orders, twice: 2, on: true}\nrules:\n- name: "r-${table}"\n  enabled: ${on}\n  limit: ${twice}\n'


def test_parameters_fill_in_their_defaults() -> None:
    (rule,) = load_scenario(f"version: 1\n{PARAMETERS}  fault: ok\n").rules
    assert (rule.name, rule.enabled, rule.limit) == ("r-orders", True, 2)


@pytest.mark.parametrize("given", [{"table": "users", "twice": 3, "on": False}, {"table": "users", "twice": "3", "on": "false"}])
def test_parameters_can_be_given(given: dict[str, str | int]) -> None:
    (rule,) = load_scenario(f"version: 1\n{PARAMETERS}  fault: ok\n", parameters=given).rules
    assert (rule.name, rule.enabled, rule.limit) == ("r-users", False, 3)


def test_a_text_parameter_takes_text_that_looks_like_a_number() -> None:
    assert load_scenario("version: 1\nparameters: {title: x}\nname: ${title}\n", parameters={"title": "010"}).name == "010"


def test_parameters_inside_text_and_literal_dollars() -> None:
    text = 'version: 1\nparameters: {a: x, n: 5}\nname: "${a}-${n}-$${a}"\nrules:\n- {name: r, fault: {delay: "${n}s"}}\n'
    scenario = load_scenario(text)
    assert scenario.name == "x-5-${a}"
    assert scenario.rules[0].fault is not None
    assert scenario.rules[0].fault.keys["delay"] == FixedDelay(5.0)


def test_a_parameter_nobody_declared() -> None:
    assert "unknown parameter 'tabel'; did you mean 'table'?" in str(refused("version: 1\nparameters: {table: x}\n", tabel="y"))


def test_parameters_cannot_blow_a_file_up() -> None:
    text = f"version: 1\nparameters: {{a: {'x' * 50_000}}}\ndescription: {'${a}' * 1000}\n"
    assert "too large" in str(refused(text))
