"""The language as a whole: the top-level keys, what they make together, and the list of all sections. A key is added in its own section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cache
from typing import Any, ClassVar

from dynafault_dataclass import dataclass
from emulator.scenario import access, delays, expectations, fault, limits, phases, rules, tables, upstream, verdicts, when
from emulator.scenario.access import AUTH, Auth
from emulator.scenario.expectations import EXPECTATION, Expectation
from emulator.scenario.limits import CONSISTENCY, LIMIT, Consistency, Limit
from emulator.scenario.model import Demand
from emulator.scenario.nodes import Node
from emulator.scenario.phases import Phase, PhasesValue
from emulator.scenario.problems import Position, Problem
from emulator.scenario.reading import ListOf, Reading, Schema
from emulator.scenario.rules import RULE, Rule
from emulator.scenario.saved_files import SavedText
from emulator.scenario.sections import Key, Section, key, section
from emulator.scenario.tables import BACKUP, TABLE, BackupFixture, TableFixture
from emulator.scenario.upstream import UpstreamSettings, UpstreamValue
from emulator.scenario.values import Number, Text, Whole
from emulator.scenario.verdicts import Audit, AuditValue


class _Parameters:
    """Has a row in the table of keys only: parameters are read before everything else (see `parameters`)."""

    shape = "names with their defaults, such as {table: orders}"

    def read(self, node: Node, reading: Reading) -> None:
        return None

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}


_INCLUDE = ListOf(Text("the path of a file, relative to this one", r"[^\x00]{1,500}", 500), 100, 1)
_IGNORED = Text("an attribute, or a table's name, a dot and an attribute, such as orders.updated_at", r"[\s\S]{1,600}", 600)
TIME_SCALE = Number(1e-6, 1000.0, "a number from 0.000001 to 1000")

# The kinds of top-level keys, where several files make one scenario: what a run has once, so that the word of the outermost file counts;
# lists of which the parts of all files are joined; what those files say that were asked for; and what is dealt with before the rest is read
ONCE = ""
JOINED = "joined"
ASKED = "asked"
EARLY = "early"


@dataclass(frozen=True, slots=True)
class Sections:
    """What a scenario is made of; also what one of several files says before they are merged. The class variables are keys that the model
    has no field for."""

    _VERSION: ClassVar = Key("version", Whole(1, 1), "the version of the language: 1", "1", required=True, kind=EARLY)
    name: str = key(
        Text("a name of at most 200 characters", longest=200),
        "the scenario's name, for reports",
        example="Checkout survives throttling",
        default="",
        kind=ASKED,
    )
    description: str = key(
        Text(), "which question the scenario answers, for people", example="Does every order arrive exactly once?", default="", kind=ASKED
    )
    seed: int | None = key(
        Whole(0, 10**18 - 1),
        "what chance is drawn from",
        example="42",
        default=None,
        left_out="a random one, printed at the start and kept in the journal",
    )
    _INCLUDE: ClassVar = Key(
        "include",
        _INCLUDE,
        "other files, beside or below this one; their tables, rules and expectations come first",
        "[throttling.yaml, outages/short.yaml]",
        kind=EARLY,
    )
    _PARAMETERS: ClassVar = Key(
        "parameters",
        _Parameters(),
        "names with defaults; ${name} stands for the value in any text, number or name",
        "{table: orders, share: 0.3}",
        kind=EARLY,
    )
    upstream: UpstreamSettings | None = key(
        UpstreamValue(),
        "the DynamoDB that requests go on to, in place of the embedded one",
        example="http://localhost:8000",
        default=None,
        left_out="the embedded DynamoDB",
    )
    tables: tuple[TableFixture, ...] = key(
        ListOf(TABLE, 1000),
        "tables that are there when the scenario starts",
        example="[{name: orders, key: {customer: S, order: N}}]",
        default=(),
        left_out="no tables",
        kind=JOINED,
    )
    backups: tuple[BackupFixture, ...] = key(
        ListOf(BACKUP, 1000),
        "backups that are there when the scenario starts",
        example="[{table: orders, name: nightly}]",
        default=(),
        left_out="no backups",
        kind=JOINED,
    )
    throughput: tuple[Limit, ...] = key(
        ListOf(LIMIT, 1000),
        "real limits on capacity, per table, index, partition key or account",
        example="[{table: orders, read: 5, write: 5, burst: 2s}]",
        default=(),
        left_out="nothing is limited",
        kind=JOINED,
    )
    consistency: Consistency | None = key(
        CONSISTENCY,
        "eventually consistent reads see the past",
        example="{lag: 2s}",
        default=None,
        left_out="every read sees the latest write",
    )
    auth: Auth | None = key(
        AUTH,
        "real signature checks, and denied actions",
        example="{keys: {AKIDEXAMPLE: example-secret}}",
        default=None,
        left_out="any credentials are good",
    )
    phases: tuple[Phase, ...] = key(
        PhasesValue(),
        "the parts of the scenario's time, in order",
        example="[{name: healthy, for: 10s}, {name: outage, for: {calls: 50}}, {name: recovered}]",
        default=(),
    )
    _SCALE: ClassVar = Key(
        "time_scale",
        TIME_SCALE,
        "what all durations that pass in the emulator are multiplied by",
        "0.1",
        default="1; in an included file, that of the file that includes it",
        kind=EARLY,
    )
    rules: tuple[Rule, ...] = key(
        ListOf(RULE, 1000),
        "what goes wrong, in order: the first rule that is due fires",
        example="[{name: once, when: {attempt: 1}, fault: InternalServerError}]",
        default=(),
        kind=JOINED,
    )
    expect: tuple[Expectation, ...] = key(
        ListOf(EXPECTATION, 1000),
        "what must have been true at the end",
        example="[{calls: {operation: writes}, outcome: success}]",
        default=(),
        kind=JOINED,
    )
    audit: Audit | None = key(
        AuditValue(),
        "which general verdicts on the client's retries fail the run",
        example="{enforce: [V1, V4], ignore: [V18]}",
        default=None,
        left_out="any verdict that says fail fails the run",
    )
    ignore: tuple[str, ...] = key(
        ListOf(_IGNORED, 1000, 1),
        "attributes that `dynafault explore` does not compare, of any table or of one; globs, too",
        example='[updated_at, "orders-*.trace_id"]',
        default=(),
        left_out="those alone that differ between two runs without faults",
        kind=JOINED,
    )


@dataclass(frozen=True, slots=True)
class Scenario(Sections):
    """One scenario, of one or several files. `seed` None: whoever runs it draws one and says which. `beside` are the files of items that
    it takes in; in one that was saved, those whose items are not in it."""

    files: tuple[str, ...] = ()
    beside: tuple[str, ...] = field(default=(), compare=False)
    texts: tuple[SavedText, ...] = field(default=(), compare=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, compare=False)
    wheres: Mapping[str, Position] = field(default_factory=dict, compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def question(self) -> str:
        """What the scenario is there to answer: its description up to the first question mark, or else its name."""
        question, mark, _ = self.description.partition("?")
        return f"{question}?" if mark else self.name

    @property
    def ends(self) -> float | None:
        """After how many seconds its program must have ended, by the strictest of its expectations; None where none speaks of that."""
        return min((one.ends for one in self.expect if one.ends is not None), default=None)

    @property
    def read_horizon(self) -> float:
        """How far reads see into the past, in seconds."""
        lag = self.consistency.lag if self.consistency is not None else 0.0
        return max([lag, *(rule.read_horizon for rule in self.rules)])

    @property
    def demands(self) -> tuple[Demand, ...]:
        """What the scenario needs and not every server can do: one that cannot refuses the scenario."""
        found = [demand for rule in self.rules for demand in rule.demands]
        found += [Demand("backups", f"backup '{backup.name}'", backup.where) for backup in self.backups]
        if self.consistency is not None:
            found.append(Demand("history", "'consistency'", self.wheres["consistency"]))
        return tuple(found)


FILE = section("the scenario", Sections)

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
    EXPECTATION,
    *verdicts.SECTIONS,
    *expectations.SECTIONS,
)


@cache
def sections_by_key() -> dict[str, tuple[str, ...]]:
    """For each key of the language, the titles of the sections in which it may stand."""
    found: dict[str, tuple[str, ...]] = {}
    for one in SECTIONS:
        for row in one.keys:
            found[row.name] = (*found.get(row.name, ()), one.title)
    return found
