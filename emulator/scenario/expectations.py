"""`expect`: what must have been true at the end. An entry selects calls, a rule or a table, and states at least one thing of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.constraints import each_required, not_empty, places
from emulator.scenario.error_names import ERROR_NAMES, ErrorName
from emulator.scenario.items import StoredItem
from emulator.scenario.nodes import MappingNode, Node
from emulator.scenario.problems import Position
from emulator.scenario.ranges import Amount, Amounts
from emulator.scenario.reading import ListOf, Reading, Refused, Schema, or_parameter, suggestion
from emulator.scenario.sections import Fields, KeysConstraint, key, keys_of, section
from emulator.scenario.values import DURATION, Flag, Text, one_of, scalar_text
from emulator.scenario.verdicts import VerdictsValue
from emulator.scenario.when import CALLS, When
from emulator.sdks.retry_profiles import PROFILES

# Of calls, besides the names of errors
_OUTCOMES = ("success", "error")


class _OutcomeValue:
    shape = "success, error for whatever is none, or the name of an error"

    def read(self, node: Node, reading: Reading) -> str:
        text = scalar_text(node, self.shape)
        if text not in _OUTCOMES and text not in ERROR_NAMES:
            raise Refused(node.where, f"unknown outcome '{text[:64]}'", suggestion(text, (*_OUTCOMES, *ERROR_NAMES)))
        return text

    def schema(self) -> Schema:
        return {"anyOf": [{"enum": list(_OUTCOMES)}, ErrorName().schema()]}


class _ProfileValue:
    shape = "the name of an SDK's retry behaviour, such as standard-2026"

    def read(self, node: Node, reading: Reading) -> str:
        name = scalar_text(node, self.shape)
        if name not in PROFILES:
            hint = suggestion(name, tuple(PROFILES)) or f"one of {', '.join(PROFILES)}"
            raise Refused(node.where, f"unknown retry profile '{name[:64]}'", hint)
        return name

    def schema(self) -> Schema:
        return or_parameter({"enum": list(PROFILES)})


@dataclass(frozen=True, slots=True)
class Backoff:
    """How the gaps between the attempts of a call must look. `profile` is the name of an SDK's documented retry behaviour."""

    min: float | None = key(DURATION, "no gap between attempts is shorter", example="10ms", default=None)
    max: float | None = key(DURATION, "no gap between attempts is longer", example="20s", default=None)
    grows: bool | None = key(
        Flag(), "true: nothing shows that the gaps do not grow from attempt to attempt, as V10 judges them", example="true", default=None
    )
    jitter: bool | None = key(
        Flag(), "true: nothing shows that they are the same from call to call, as V11 judges them", example="true", default=None
    )
    profile: str | None = key(
        _ProfileValue(), "the gaps lie within the documented ones of this SDK and mode", example="standard-2026", default=None
    )


def _check_backoff(fields: Fields, reading: Reading) -> None:
    least, most = fields.get("min"), fields.get("max")
    if least is not None and most is not None and most < least:
        reading.report(Refused(fields.at("max"), "'max' is less than 'min'", "no gap can lie between them"))


_BACKOFF = section("'backoff'", Backoff, not_empty("'backoff' states nothing", "give at least one key"), check=_check_backoff)


@dataclass(frozen=True, slots=True)
class Applied:
    """How often writes must have been carried out for each key that they touched."""

    per_key: Amount = key(Amounts(), "how often writes were carried out on each key that they touched", example="1")


_APPLIED = section("'applied'", Applied)

# The kinds of its keys: what an expectation is about, what it states of what a table holds in the end, and of the program as a whole.
# What has none of these is stated of calls, and of rules
_SUBJECT = "a subject"
_OF_CONTENTS = "of contents"
_OF_PROGRAM = "of the program"
_OF_CALLS = ""
# How a subject is spoken of
_SPOKEN_OF = {"calls": "calls", "rule": "a rule", "table": "a table"}
# What may be stated without a subject
_ALONE = ("verdicts", "ends")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must have been true at the end, of the calls that `calls` selects, of the rule named `rule` or of the table named `table`.
    `verdicts` maps an id to the status that it must have. `text` is the entry as it stands in the file, on one line."""

    where: Position
    text: str
    calls: When | None = key(
        CALLS,
        "the calls that this is about: the keys of 'when' that select calls",
        example="{operation: writes, table: orders}",
        default=None,
        kind=_SUBJECT,
    )
    rule: str | None = key(
        Text("the name of one of the scenario's rules", longest=100),
        "the rule that this is about",
        example="lost-acknowledgement",
        default=None,
        kind=_SUBJECT,
    )
    table: str | None = key(
        Text("a table's name", longest=255),
        "the table whose contents at the end this is about",
        example="orders",
        default=None,
        kind=_SUBJECT,
    )
    count: Amount | None = key(
        Amounts(),
        "how many logical calls there were",
        example="2..",
        default=None,
        left_out="at least 1, where anything else is stated of calls",
    )
    fired: Amount | None = key(Amounts(), "how often the rule fired, or how often rules fired on these calls", example="1", default=None)
    attempts: Amount | None = key(Amounts(), "how many attempts each call took", example="1..3", default=None)
    outcome: str | None = key(_OutcomeValue(), "how each call ended: success, or an error's name", example="success", default=None)
    backoff: Backoff | None = key(_BACKOFF, "how the gaps between the attempts look", example="{min: 10ms, grows: true}", default=None)
    within: float | None = key(DURATION, "each call was over after so long", example="60s", default=None)
    retried: bool | None = key(Flag(), "whether calls were retried", example="false", default=None)
    tries: Amount | None = key(
        Amounts(),
        "how many requests each piece of work took, whoever repeated them, the SDK or a loop around it; 'outcome' then is that of the "
        "work's last call",
        example="3",
        default=None,
    )
    applied: Applied | None = key(_APPLIED, "how often writes were really carried out", example="{per_key: 1}", default=None)
    resubmitted: str | None = key(
        one_of("all", "only"),
        "unprocessed entries: all were sent again, or all and nothing else",
        example="only",
        default=None,
    )
    verdicts: Mapping[str, str] | None = key(VerdictsValue(), "what the audit must say", example="{V22: pass}", default=None)
    items: Amount | None = key(Amounts(), "how many items the table holds at the end", example="2", default=None, kind=_OF_CONTENTS)
    has: tuple[Mapping[str, Any], ...] = key(
        ListOf(StoredItem(), 1000, 1),
        "items that the table holds at the end, by as many of their attributes as are given: a different one for each entry",
        example="[{id: a, status: paid}]",
        default=(),
        kind=_OF_CONTENTS,
    )
    lacks: tuple[Mapping[str, Any], ...] = key(
        ListOf(StoredItem(), 1000, 1),
        "items that it does not hold, by as many of their attributes as are given",
        example="[{id: b}]",
        default=(),
        kind=_OF_CONTENTS,
    )
    ends: float | None = key(
        DURATION,
        "the program has ended after so long; 'dynafault run' ends it then",
        example="30s",
        default=None,
        kind=_OF_PROGRAM,
    )


def _names_of(*kinds: str) -> tuple[str, ...]:
    return tuple(row.name for row in keys_of(Expectation) if row.kind in kinds)


_SUBJECTS = _names_of(_SUBJECT)
_STATED = _names_of(_OF_CALLS, _OF_CONTENTS, _OF_PROGRAM)
_KNOWN = {subject: _names_of(_OF_CONTENTS if subject == "table" else _OF_CALLS) for subject in _SUBJECTS}


def _check_subject(node: MappingNode, reading: Reading) -> None:
    """An expectation is about one thing, and states something that can be said of it; few things can be said of nothing."""
    there = places(node)
    subjects = [name for name in _SUBJECTS if name in there]
    if len(subjects) > 1:
        hint = "an expectation is about one of them"
        reading.report(Refused(there[subjects[1]], f"'{subjects[1]}' beside '{subjects[0]}'", hint))
    known = _KNOWN[subjects[0] if len(subjects) == 1 else "calls"]
    stated = [name for name in _STATED if name in there]
    if there and not stated:
        hint = f"add {', '.join(known[:4])}{', ...' if len(known) > 4 else ''}"
        reading.report(Refused(node.where, "an expectation that states nothing", hint))
    if not subjects and (len(there) != 1 or not there.keys() <= set(_ALONE)):
        alone = " or ".join(f"'{name}'" for name in _ALONE)
        reading.report(Refused(node.where, "an expectation needs 'calls', 'rule' or 'table'", f"only {alone} stands alone"))
    for name in stated if subjects else ():
        if name not in known:
            hint = f"of {_SPOKEN_OF[subjects[0]]} it takes {', '.join(known)}"
            reading.report(Refused(there[name], f"'{name}' beside '{subjects[0]}'", hint))


_SUBJECT_AND_STATEMENTS = KeysConstraint(
    _check_subject,
    {
        "anyOf": each_required(*_STATED),
        "oneOf": [
            *each_required(*_SUBJECTS),
            *({**alone, "maxProperties": 1} for alone in each_required(*_ALONE)),
        ],
    },
)


def _expectation(fields: Fields, reading: Reading) -> Expectation:
    return fields.build(Expectation, text=reading.source.excerpt(fields.node))


EXPECTATION = section("an expectation", Expectation, _SUBJECT_AND_STATEMENTS, build=_expectation)

SECTIONS = (CALLS, _BACKOFF, _APPLIED)
