"""The language as a whole: the top-level keys, and the list of all sections. A key is added in its section's table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from emulator.scenario import access, delays, expectations, fault, limits, phases, rules, tables, when
from emulator.scenario.model import Audit, Auth, Backup, Consistency, Expectation, Limit, Phase, Rule, Table
from emulator.scenario.nodes import Node
from emulator.scenario.reading import Fields, Key, ListOf, Reading, Schema, Section
from emulator.scenario.values import Number, Text, Whole


@dataclass(frozen=True, slots=True)
class File:
    """What one file says, before files are merged."""

    name: str = ""
    description: str = ""
    seed: int | None = None
    tables: tuple[Table, ...] = ()
    backups: tuple[Backup, ...] = ()
    throughput: tuple[Limit, ...] = ()
    consistency: Consistency | None = None
    auth: Auth | None = None
    phases: tuple[Phase, ...] = ()
    rules: tuple[Rule, ...] = ()
    expect: tuple[Expectation, ...] = ()
    audit: Audit | None = None


class _Parameters:
    """Read before everything else, see `parameters`; here they only have their row."""

    shape = "names with their defaults, such as {table: orders}"

    def read(self, node: Node, reading: Reading) -> None:
        return None

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}


INCLUDE = ListOf(Text("the path of a file, relative to this one", r"[^\x00]{1,500}", 500), 100, 1)
TIME_SCALE = Number(1e-6, 1000.0, "a number from 0.000001 to 1000")

TOP_KEYS = (
    Key("version", Whole(1, 1), "the version of the language: 1", required=True),
    Key("name", Text("a name of at most 200 characters", longest=200), "the scenario's name, for reports"),
    Key("description", Text(), "which question the scenario answers, for people"),
    Key("seed", Whole(0, 10**18 - 1), "what chance is drawn from; left out: a random one, which is shown"),
    Key("include", INCLUDE, "other files whose tables, rules and expectations come first"),
    Key("parameters", _Parameters(), "names with defaults; ${name} in any value"),
    Key("tables", ListOf(tables.TABLE, 1000), "tables that are there when the scenario starts"),
    Key("backups", ListOf(tables.BACKUP, 1000), "backups that are there when the scenario starts"),
    Key("throughput", ListOf(limits.LIMIT, 1000), "real limits on capacity, per table, index, partition key or account"),
    Key("consistency", limits.CONSISTENCY, "eventually consistent reads see the past"),
    Key("auth", access.AUTH, "real signature checks, and denied actions"),
    Key("phases", phases.PhasesValue(), "the parts of the scenario's time, in order"),
    Key("time_scale", TIME_SCALE, "what all durations that pass in the emulator are multiplied by"),
    Key("rules", ListOf(rules.RULE, 1000), "what goes wrong, in order: the first rule that is due fires"),
    Key("expect", ListOf(expectations.EXPECTATION, 1000), "what must have been true at the end"),
    Key("audit", expectations.AuditValue(), "which general verdicts on the client's retries fail the run"),
)

# Keys that are dealt with before the rest of a file is read
_EARLY = ("version", "parameters", "include", "time_scale")


def _file(fields: Fields, reading: Reading) -> File:
    values: dict[str, Any] = fields.model()
    return File(**{name: value for name, value in values.items() if name not in _EARLY})


FILE = Section("the scenario", TOP_KEYS, _file)

SECTIONS: tuple[Section[Any], ...] = (
    FILE,
    *tables.SECTIONS,
    *limits.SECTIONS,
    *access.SECTIONS,
    *phases.SECTIONS,
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
