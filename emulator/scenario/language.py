"""The language as a whole: the top-level keys, and the list of all sections. A key is added in its section's table."""

from __future__ import annotations

from functools import cache
from typing import Any

from emulator.scenario import access, delays, expectations, fault, limits, phases, rules, tables, upstream, when
from emulator.scenario.model import Sections
from emulator.scenario.nodes import Node
from emulator.scenario.reading import ListOf, Reading, Schema
from emulator.scenario.sections import Fields, Key, Section
from emulator.scenario.values import Number, Text, Whole


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
    Key("version", Whole(1, 1), "the version of the language: 1", "1", required=True),
    Key("name", Text("a name of at most 200 characters", longest=200), "the scenario's name, for reports", "Checkout survives throttling"),
    Key("description", Text(), "which question the scenario answers, for people", "Does every order arrive exactly once?"),
    Key(
        "seed",
        Whole(0, 10**18 - 1),
        "what chance is drawn from",
        "42",
        default="a random one, printed at the start and kept in the journal",
    ),
    Key(
        "include",
        INCLUDE,
        "other files, beside or below this one; their tables, rules and expectations come first",
        "[throttling.yaml, outages/short.yaml]",
    ),
    Key(
        "parameters",
        _Parameters(),
        "names with defaults; ${name} stands for the value in any text, number or name",
        "{table: orders, share: 0.3}",
    ),
    Key(
        "upstream",
        upstream.UpstreamValue(),
        "the DynamoDB that requests go on to, in place of the embedded one",
        "http://localhost:8000",
        default="the embedded DynamoDB",
    ),
    Key(
        "tables",
        ListOf(tables.TABLE, 1000),
        "tables that are there when the scenario starts",
        "[{name: orders, key: {customer: S, order: N}}]",
        default="no tables",
    ),
    Key(
        "backups",
        ListOf(tables.BACKUP, 1000),
        "backups that are there when the scenario starts",
        "[{table: orders, name: nightly}]",
        default="no backups",
    ),
    Key(
        "throughput",
        ListOf(limits.LIMIT, 1000),
        "real limits on capacity, per table, index, partition key or account",
        "[{table: orders, read: 5, write: 5, burst: 2s}]",
        default="nothing is limited",
    ),
    Key(
        "consistency",
        limits.CONSISTENCY,
        "eventually consistent reads see the past",
        "{lag: 2s}",
        default="every read sees the latest write",
    ),
    Key(
        "auth",
        access.AUTH,
        "real signature checks, and denied actions",
        "{keys: {AKIDEXAMPLE: example-secret}}",
        default="any credentials are good",
    ),
    Key(
        "phases",
        phases.PhasesValue(),
        "the parts of the scenario's time, in order",
        "[{name: healthy, for: 10s}, {name: outage, for: {calls: 50}}, {name: recovered}]",
    ),
    Key(
        "time_scale",
        TIME_SCALE,
        "what all durations that pass in the emulator are multiplied by",
        "0.1",
        default="1; in an included file, that of the file that includes it",
    ),
    Key(
        "rules",
        ListOf(rules.RULE, 1000),
        "what goes wrong, in order: the first rule that is due fires",
        "[{name: once, when: {attempt: 1}, fault: InternalServerError}]",
    ),
    Key(
        "expect",
        ListOf(expectations.EXPECTATION, 1000),
        "what must have been true at the end",
        "[{calls: {operation: writes}, outcome: success}]",
    ),
    Key(
        "audit",
        expectations.AuditValue(),
        "which general verdicts on the client's retries fail the run",
        "{enforce: [V1, V4], ignore: [V18]}",
        default="any verdict that says fail fails the run",
    ),
    Key(
        "ignore",
        ListOf(Text("an attribute, or a table's name, a dot and an attribute, such as orders.updated_at", r"[\s\S]{1,600}", 600), 1000, 1),
        "attributes that `dynafault explore` does not compare, of any table or of one; globs, too",
        '[updated_at, "orders-*.trace_id"]',
        default="those alone that differ between two runs without faults",
    ),
)

# Keys that are dealt with before the rest of a file is read
_EARLY = ("version", "parameters", "include", "time_scale")


def _file(fields: Fields, reading: Reading) -> Sections:
    values: dict[str, Any] = fields.model()
    return Sections(**{name: value for name, value in values.items() if name not in _EARLY})


FILE = Section("the scenario", TOP_KEYS, _file)

SECTIONS: tuple[Section[Any], ...] = (
    FILE,
    *tables.SECTIONS,
    *upstream.SECTIONS,
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
def sections_by_key() -> dict[str, tuple[str, ...]]:
    """For each key of the language, the titles of the sections in which it may stand."""
    found: dict[str, tuple[str, ...]] = {}
    for section in SECTIONS:
        for key in section.keys:
            found[key.name] = (*found.get(key.name, ()), section.title)
    return found
