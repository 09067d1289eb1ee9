"""A section is the dataclass that it becomes; what its keys say of each other is the same for the reader and in the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import combinations
from typing import Any, ClassVar

import jsonschema
import pytest

from emulator.scenario.constraints import at_least_one, needs
from emulator.scenario.language import ASKED, EARLY, FILE, JOINED, ONCE, SECTIONS, Sections
from emulator.scenario.nodes import MappingNode, Source, read_nodes
from emulator.scenario.problems import Position
from emulator.scenario.reading import ListOf, Reading, Reported
from emulator.scenario.sections import Key, Section, key, keys_of, section
from emulator.scenario.values import DURATION, Flag, Text, Whole


@dataclass(frozen=True, slots=True)
class Base:
    where: Position
    name: str = key(Text(), "its name", example="a")
    in_: int = key(Whole(), "a word of Python", example="1", default=3)


@dataclass(frozen=True, slots=True)
class Derived(Base):
    """Keys of its base come first; a class variable that is a key is one, too."""

    _EARLY: ClassVar = Key("early", Whole(), "read elsewhere", "1")
    on: bool = key(Flag(), "a switch", example="true", default=False)
    word: str = key(Text(), "a word", example="a", default="low")
    within: float | None = key(DURATION, "how long", example="1s", default=None)
    lasts: float = key(DURATION, "how long at most", example="1s", default=60.0, left_out="1m")
    silent: str = key(Text(), "a word, its default untold", example="a", default="low", left_out="")
    many: tuple[str, ...] = key(ListOf(Text()), "many words", example="[a]", default_factory=tuple)
    note: str = field(default="none of the language's")


DERIVED = section("a derived one", Derived)


def read(reader: Section[Any], text: str) -> tuple[Any, list[str]]:
    """What a section makes of a text, None if nothing; and what it reports."""
    source = Source("f", text)
    read_one = Reading(source, {}).attempt(reader, read_nodes(source))
    return (read_one[0] if read_one else None), [problem.message for problem in source.problems]


def test_the_rows_of_a_section_are_the_fields_of_its_class() -> None:
    assert [(row.name, row.field, row.default, row.required) for row in DERIVED.keys] == [
        ("name", "name", "", True),
        ("in", "in_", "3", False),
        ("early", "early", "", False),
        ("on", "on", "false", False),
        ("word", "word", "low", False),
        ("within", "within", "", False),
        ("lasts", "lasts", "1m", False),
        ("silent", "silent", "", False),
        ("many", "many", "", False),
    ]


def test_a_section_becomes_its_class() -> None:
    where = Position("f", 1, 1)
    assert read(DERIVED, "{name: a}") == (Derived(where, "a"), [])
    written = "{name: a, in: 1, early: 7, on: true, within: 2s, many: [b]}"
    assert read(DERIVED, written) == (Derived(where, "a", 1, True, within=2.0, many=("b",)), [])
    assert read(DERIVED, "{in: 1}") == (None, ["a derived one needs the key 'name'"])
    assert read(DERIVED, "{name: a, note: b}") == (None, ["unknown key 'note' in a derived one"])


def test_every_constraint_of_a_section_is_in_its_schema() -> None:
    together = (
        at_least_one("a", "b", says="neither a nor b", hint=""),
        at_least_one("c", "d", says="neither c nor d", hint=""),
        needs("a", "b", says="a without b", hint=""),
        needs("a", "c", says="a without c", hint=""),
        needs("d", "c", says="d without c", hint=""),
    )
    rows = tuple(Key(name, Whole(), "", "1") for name in "abcd")
    several: Section[dict[str, Any]] = Section("several", rows, lambda found, reading: found.values, together)
    disagreed = [keys for keys in subsets(several.names, 4) if refuses(several, keys) != schema_refuses(several, keys)]
    assert disagreed == []
    assert several.definition()["dependentRequired"] == {"a": ["b"], "d": ["c"]}
    assert len(several.definition()["allOf"]) == 2


def subsets(names: tuple[str, ...], most: int) -> Iterator[tuple[str, ...]]:
    for size in range(most + 1):
        yield from combinations(names, size)


def refuses(one: Section[Any], keys: tuple[str, ...]) -> bool:
    """Whether the reader refuses a mapping with such keys, whatever their values are."""
    source = Source("f", "{" + ", ".join(f"{name}: 1" for name in keys) + "}")
    node, reading = read_nodes(source), Reading(source, {})
    assert isinstance(node, MappingNode)
    for constraint in one.together:
        constraint.check(node, reading)
    return reading.refused > 0 or any(row.required and row.name not in keys for row in one.keys)


def schema_refuses(one: Section[Any], keys: tuple[str, ...]) -> bool:
    schema = {**one.definition(), "properties": dict.fromkeys(one.names, True)}
    return not jsonschema.Draft202012Validator(schema).is_valid(dict.fromkeys(keys, 1))


@pytest.mark.parametrize("one", [one for one in SECTIONS if one.together], ids=lambda one: one.slug)
def test_what_keys_say_of_each_other_is_said_by_the_reader_and_in_the_schema(one: Section[Any]) -> None:
    tried = list(subsets(one.names, 3 if len(one.names) < 20 else 2))
    by_schema = {keys for keys in tried if schema_refuses(one, keys)}
    by_reader = {keys for keys in tried if refuses(one, keys)}
    assert by_schema - by_reader == set()
    # Which statement goes with which subject only the reader knows
    assert by_reader == by_schema or one.slug == "an-expectation"


def test_what_cannot_be_read_is_no_excuse_for_what_does_not_go_together() -> None:
    checked = section("a checked one", Derived, at_least_one("on", "word", says="neither on nor word", hint=""))
    assert read(checked, "{name: [], in: 1}")[1] == ["expected text, got a list", "neither on nor word"]


def test_values_are_checked_together_only_where_all_could_be_read() -> None:
    asked: list[str] = []

    def check(found: Any, reading: Reading) -> None:
        asked.append(found.get("name"))

    checked = section("a checked one", Derived, check=check)
    assert read(checked, "{name: []}")[0] is None
    assert asked == []
    read(checked, "{name: a}")
    assert asked == ["a"]


def test_a_build_that_reports_makes_nothing() -> None:
    def build(found: Any, reading: Reading) -> Derived:
        raise Reported

    assert read(section("a built one", Derived, build=build), "{name: a}") == (None, [])


def test_every_top_level_key_is_of_a_kind() -> None:
    held = {one.name for one in fields(Sections)}
    kinds = {kind: set(FILE.names_of(kind)) for kind in (ONCE, JOINED, ASKED, EARLY)}
    assert set().union(*kinds.values()) == set(FILE.names)
    assert held == set(FILE.names) - kinds[EARLY]
    assert {row.name for row in keys_of(Sections)} == set(FILE.names)
