"""The JSON Schema and the reader say the same: on a scenario that uses every key, and on anything near it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.scenario import ScenarioError, load_scenario
from emulator.scenario.language import SECTIONS
from emulator.scenario.schema import json_schema

EVERYTHING: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("everything.yaml").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(json_schema())

# What the reader knows and a schema cannot say: what names stand for, what fits together, which ranges are empty
BEYOND_A_SCHEMA = (
    "unknown operation",
    "has no operation of",
    "there is no ",
    "is here twice",
    "nothing lies between",
    "is empty",
    "has no error",
    "carries no",
    ", but this rule also matches ",
    "can only add",
    "an answer that has begun",
    "'limit: ",
    "the key attribute",
    "no table can hold",
    "never ends",
    "a higher percentile has a shorter wait",
    "the longest wait comes before the shortest",
    "is enforced and ignored",
    "is less than 'min'",
    "goes with 'connection: hang'",
    "only a file can include",
    "unknown parameter",
    "without any burst",
    "nothing can be answered in no time",
    "decided before the body has come",
    "is decided later than those of its rule",
    "'received' goes with 'connection: reset' or 'close'",
    "' beside 'received'",
    "all of the body is all of the request",
    "not a JMESPath expression",
)
# Where values stand whose types the schema leaves open, so that the reader may refuse them
OPEN = {"items", "item", "keys", "key", "parameters", "body"}


def reader_says(document: Any) -> list[str]:
    try:
        load_scenario(document)
    except ScenarioError as error:
        return [problem.message for problem in error.problems]
    return []


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document."""
    yield path
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


PLACES = [path for path in places(EVERYTHING) if path]
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    7,
    0.5,
    2.5,
    "",
    "x",
    "ok",
    "1s",
    "250ms",
    "1..3",
    "3..1",
    "every 2",
    "50%",
    "120B",
    "GetItem",
    "reads",
]
VALUES += [
    "orders",
    "InternalServerError",
    "pass",
    "off",
    "empty",
    "nothing",
    "reset",
    [],
    ["x"],
    [1],
    {},
    {"x": 1},
    {"min": 1},
    {"S": "x"},
]


def parent_of(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


@st.composite
def mutations(draw: st.DrawFn) -> tuple[Any, bool]:
    """EVERYTHING with one value replaced, removed, renamed, or put elsewhere; and whether that was where types are open."""
    document = copy.deepcopy(EVERYTHING)
    path = draw(st.sampled_from(PLACES))
    parent, last = parent_of(document, path), path[-1]
    kind = draw(st.sampled_from(["replace", "replace", "remove", "rename", "copy"]))
    if kind == "replace":
        parent[last] = draw(st.sampled_from(VALUES))
    elif kind == "remove":
        del parent[last]
    elif kind == "copy":
        parent[last] = copy.deepcopy(parent_of(EVERYTHING, (other := draw(st.sampled_from(PLACES))))[other[-1]])
    elif isinstance(parent, dict):
        parent[draw(st.sampled_from(["name", "when", "fault", "limit", "delay", "x", "table", "calls", "S"]))] = parent.pop(last)
    is_open = bool(OPEN & set(path)) or "${" in json.dumps(parent.get(last, "") if isinstance(parent, dict) else parent)
    return document, is_open


@settings(max_examples=120, deadline=None)
@given(mutation=mutations())
def test_reader_and_schema_agree(mutation: tuple[Any, bool]) -> None:
    document, is_open = mutation
    problems = reader_says(document)
    errors = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]
    if errors:
        assert problems, errors
    elif problems and not is_open:
        assert any(known in problem for problem in problems for known in BEYOND_A_SCHEMA), problems


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json.loads(json.dumps(json_schema())) == json_schema()


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(json_schema())
    found = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    assert found == {section.slug for section in SECTIONS}
    assert len(found) == len(SECTIONS)


def test_both_accept_a_scenario_with_everything() -> None:
    assert reader_says(EVERYTHING) == []
    assert [error.message for error in VALIDATOR.iter_errors(EVERYTHING)] == []


def test_everything_has_every_key_of_the_language() -> None:
    used = {step for path in PLACES for step in path if isinstance(step, str)}
    keys = {key.name for section in SECTIONS for key in section.keys}
    # What is no file on disk cannot speak of other files
    assert keys - used == {"include", "file"}, "keys that tests/scenario/everything.yaml has no example of"


def test_every_key_is_documented() -> None:
    for section in SECTIONS:
        for key in section.keys:
            assert key.doc, f"{key.name} in {section.title}"
            assert key.value.shape, f"{key.name} in {section.title}"


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "scenarios").rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_accepts_the_shipped_scenarios(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"version": 2},
        {"version": 1, "nme": "x"},
        {"version": 1, "rules": [{"name": "r"}]},
        {"version": 1, "rules": [{"name": "r", "fault": "ok", "sequence": ["ok"], "then": "pass"}]},
        {"version": 1, "rules": [{"name": "r", "fault": {"error": "InternalServerError", "connection": "reset"}}]},
        {"version": 1, "rules": [{"name": "r", "fault": {"message": "x"}}]},
        {"version": 1, "rules": [{"name": "r", "fault": {"delay": 5}}]},
        {"version": 1, "rules": [{"name": "r", "fault": "NoSuchError"}]},
        {"version": 1, "rules": [{"name": "r", "when": {"attempt": "0x1"}, "fault": "ok"}]},
        {"version": 1, "expect": [{"calls": {}}]},
    ],
)
def test_both_refuse(document: dict[str, Any]) -> None:
    assert reader_says(document)
    assert list(VALIDATOR.iter_errors(document))
