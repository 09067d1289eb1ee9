"""The example of each key is one that the reader accepts, and that the JSON Schema accepts too."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from emulator.scenario import json_schema
from emulator.scenario.language import SECTIONS, sections_by_key
from emulator.scenario.nodes import MappingNode, Source, read_nodes
from emulator.scenario.reading import Reading
from emulator.scenario.sections import Key

KEYS = [pytest.param(section.slug, key, id=f"{section.slug}.{key.name}") for section in SECTIONS for key in section.keys]
# What lies in other files is not there
ELSEWHERE = "only a scenario in a file can have its items in another"


@pytest.mark.parametrize(("slug", "key"), KEYS)
def test_an_example_is_read(slug: str, key: Key) -> None:
    source = Source("example", f"{key.name}: {key.example}")
    root = read_nodes(source)
    assert isinstance(root, MappingNode)
    Reading(source, sections_by_key()).attempt(key.value, root.entries[0][1])
    assert [problem.text for problem in source.problems if problem.message != ELSEWHERE] == []


@pytest.mark.parametrize(("slug", "key"), KEYS)
def test_an_example_fits_the_schema(slug: str, key: Key) -> None:
    whole = json_schema()
    schema = {"$defs": whole["$defs"], **whole["$defs"][slug]["properties"][key.name]}
    # JSON has no numbers as keys, nor has the schema
    value = yaml.load(key.example, yaml.BaseLoader) if key.name == "cancel" else yaml.safe_load(key.example)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(value)) == []
