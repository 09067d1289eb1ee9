"""The language as a whole: the top-level keys, and the list of all sections. A key is added in its section's table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from emulator.scenario import delays, expectations, fault, rules, tables, when
from emulator.scenario.model import Expectation, Rule, Table
from emulator.scenario.nodes import Node
from emulator.scenario.reading import Fields, Key, ListOf, Reading, Section
from emulator.scenario.values import Text, Whole


@dataclass(frozen=True, slots=True)
class File:
    """What one file says, before files are merged."""

    name: str = ""
    description: str = ""
    seed: int | None = None
    tables: tuple[Table, ...] = ()
    rules: tuple[Rule, ...] = ()
    expect: tuple[Expectation, ...] = ()


class _Parameters:
    """Read before everything else, see `parameters`; here they only have their row."""

    shape = "names with their defaults, such as {table: orders}"

    def read(self, node: Node, reading: Reading) -> None:
        return None


TOP_KEYS = (
    Key("version", Whole(1, 1), "the version of the language: 1", required=True),
    Key("name", Text("a name of at most 200 characters", longest=200), "the scenario's name, for reports"),
    Key("description", Text(), "which question the scenario answers, for people"),
    Key("seed", Whole(0, 10**18 - 1), "what chance is drawn from; left out: a random one, which is shown"),
    Key("parameters", _Parameters(), "names with defaults; ${name} in any value"),
    Key("tables", ListOf(tables.TABLE, 1000), "tables that are there when the scenario starts"),
    Key("rules", ListOf(rules.RULE, 1000), "what goes wrong, in order: the first rule that is due fires"),
    Key("expect", ListOf(expectations.EXPECTATION, 1000), "what must have been true at the end"),
)


def _file(fields: Fields, reading: Reading) -> File:
    values: dict[str, Any] = fields.model()
    return File(**{name: value for name, value in values.items() if name not in ("version", "parameters")})


FILE = Section("the scenario", TOP_KEYS, _file)

SECTIONS: tuple[Section[Any], ...] = (
    FILE,
    *tables.SECTIONS,
    rules.RULE,
    when.WHEN,
    *when.SECTIONS,
    *fault.SECTIONS,
    *delays.SECTIONS,
    *expectations.SECTIONS,
)


@cache
def homes() -> dict[str, tuple[str, ...]]:
    """For each key of the language, the titles of the sections in which it may stand."""
    found: dict[str, tuple[str, ...]] = {}
    for section in SECTIONS:
        for key in section.keys:
            found[key.name] = (*found.get(key.name, ()), section.title)
    return found
