"""`expect`: what must have been true at the end. An entry selects calls, a rule or a table, and states at least one thing of them."""

from __future__ import annotations

from emulator.scenario.constraints import Said
from emulator.scenario.error_names import ERROR_NAMES, ErrorName
from emulator.scenario.items import StoredItem
from emulator.scenario.model import Applied, Audit, Backoff, Expectation
from emulator.scenario.nodes import Mapping, Node, Scalar, describe
from emulator.scenario.ranges import Amounts
from emulator.scenario.reading import ListOf, Reading, Refused, Schema, or_parameter, read_pairs, refuse, suggestion
from emulator.scenario.sections import Fields, Key, Section
from emulator.scenario.values import DURATION, Flag, Text, one_of, scalar_text
from emulator.scenario.verdict_files import verdict_modules
from emulator.scenario.when import CALLS
from emulator.sdks.retry_profiles import PROFILES

VERDICT_STATUSES = ("pass", "fail", "warn", "info", "n/a")


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


class _VerdictsValue:
    shape = "verdicts by id, such as {V22: pass}"

    def read(self, node: Node, reading: Reading) -> dict[str, str]:
        if not isinstance(node, Mapping) or not node.entries:
            refuse(node, self.shape)
        return dict(read_pairs(node, _NamedVerdict(), one_of(*VERDICT_STATUSES), reading))

    def schema(self) -> Schema:
        status = one_of(*VERDICT_STATUSES).schema()
        return {"type": "object", "propertyNames": _VerdictName().schema(), "additionalProperties": status, "minProperties": 1}


class _NamedVerdict:
    """A verdict's id where it is a key."""

    shape = "the id of a verdict, such as V22"

    def read(self, node: Node, reading: Reading) -> str:
        name = getattr(node, "text", "")
        if not is_verdict(name):
            hint = f"did you mean '{name.upper()}'?" if is_verdict(name.upper()) else f"they are {_range()}"
            raise Refused(node.where, f"unknown verdict {describe(node)}", hint)
        return name

    def schema(self) -> Schema:
        return _VerdictName().schema()


def is_verdict(name: str) -> bool:
    return name in verdict_modules()


def _range() -> str:
    ids = tuple(verdict_modules())
    return f"{ids[0]} to {ids[-1]}"


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


def _backoff(fields: Fields, reading: Reading) -> Backoff:
    least, most = fields.get("min"), fields.get("max")
    if least is not None and most is not None and most < least:
        raise Refused(fields.at("max"), "'max' is less than 'min'", "no gap can lie between them")
    return Backoff(**fields.model())


_BACKOFF = Section(
    "'backoff'",
    (
        Key("min", DURATION, "no gap between attempts is shorter", "10ms"),
        Key("max", DURATION, "no gap between attempts is longer", "20s"),
        Key("grows", Flag(), "true: nothing shows that the gaps do not grow from attempt to attempt, as V10 judges them", "true"),
        Key("jitter", Flag(), "true: nothing shows that they are the same from call to call, as V11 judges them", "true"),
        Key("profile", _ProfileValue(), "the gaps lie within the documented ones of this SDK and mode", "standard-2026"),
    ),
    _backoff,
    (Said(lambda node, reading: _need_one(node, reading, "'backoff'"), {"minProperties": 1}),),
)

_APPLIED = Section(
    "'applied'",
    (Key("per_key", Amounts(), "how often writes were carried out on each key that they touched", "1", required=True),),
    lambda fields, reading: Applied(**fields.model()),
)

STATEMENTS = (
    Key("count", Amounts(), "how many logical calls there were", "2..", default="at least 1, where anything else is stated of calls"),
    Key("fired", Amounts(), "how often the rule fired, or how often rules fired on these calls", "1"),
    Key("attempts", Amounts(), "how many attempts each call took", "1..3"),
    Key("outcome", _OutcomeValue(), "how each call ended: success, or an error's name", "success"),
    Key("backoff", _BACKOFF, "how the gaps between the attempts look", "{min: 10ms, grows: true}"),
    Key("within", DURATION, "each call was over after so long", "60s"),
    Key("retried", Flag(), "whether calls were retried", "false"),
    Key(
        "tries",
        Amounts(),
        "how many requests each piece of work took, whoever repeated them, the SDK or a loop around it; 'outcome' then is that of the "
        "work's last call",
        "3",
    ),
    Key("applied", _APPLIED, "how often writes were really carried out", "{per_key: 1}"),
    Key("resubmitted", one_of("all", "only"), "unprocessed entries: all were sent again, or all and nothing else", "only"),
    Key("verdicts", _VerdictsValue(), "what the audit must say", "{V22: pass}"),
)

# Of what a table holds in the end
CONTENTS = (
    Key("items", Amounts(), "how many items the table holds at the end", "2"),
    Key(
        "has",
        ListOf(StoredItem(), 1000, 1),
        "items that the table holds at the end, by as many of their attributes as are given: a different one for each entry",
        "[{id: a, status: paid}]",
    ),
    Key("lacks", ListOf(StoredItem(), 1000, 1), "items that it does not hold, by as many of their attributes as are given", "[{id: b}]"),
)
ENDS = Key("ends", DURATION, "the program has ended after so long; 'dynafault run' ends it then", "30s")

EXPECT_KEYS = (
    Key("calls", CALLS, "the calls that this is about: the keys of 'when' that select calls", "{operation: writes, table: orders}"),
    Key("rule", Text("the name of one of the scenario's rules", longest=100), "the rule that this is about", "lost-acknowledgement"),
    Key("table", Text("a table's name", longest=255), "the table whose contents at the end this is about", "orders"),
    *STATEMENTS,
    *CONTENTS,
    ENDS,
)
# An expectation is about one of these
_SUBJECTS = ("calls", "rule", "table")


def _need_one(node: Mapping, reading: Reading, what: str) -> None:
    if not node.entries:
        reading.report(Refused(node.where, f"{what} states nothing", "give at least one key"))


def _check(node: Mapping, reading: Reading) -> None:
    there = {key.text: key.where for key, _ in node.entries}
    subjects = [name for name in _SUBJECTS if name in there]
    if len(subjects) > 1:
        hint = "an expectation is about one of them"
        reading.report(Refused(there[subjects[1]], f"'{subjects[1]}' beside '{subjects[0]}'", hint))
    statements = CONTENTS if subjects == ["table"] else STATEMENTS
    stated = [key.name for key in (*STATEMENTS, *CONTENTS, ENDS) if key.name in there]
    if there and not stated:
        hint = f"add {', '.join(key.name for key in statements[:4])}{'' if statements is CONTENTS else ', ...'}"
        reading.report(Refused(node.where, "an expectation that states nothing", hint))
    if not subjects and set(there) not in ({"verdicts"}, {"ends"}):
        reading.report(Refused(node.where, "an expectation needs 'calls', 'rule' or 'table'", "only 'verdicts' or 'ends' stands alone"))
    elif subjects:
        known = {key.name for key in statements}
        for name in stated:
            if name not in known:
                hint = f"of {_SPOKEN_OF[subjects[0]]} it takes {', '.join(key.name for key in statements)}"
                reading.report(Refused(there[name], f"'{name}' beside '{subjects[0]}'", hint))


_SPOKEN_OF = {"calls": "calls", "rule": "a rule", "table": "a table"}


def _build(fields: Fields, reading: Reading) -> Expectation:
    return Expectation(where=fields.where, text=reading.source.excerpt(fields.node), **fields.model())


_TOGETHER: Schema = {
    "anyOf": [{"required": [key.name]} for key in (*STATEMENTS, *CONTENTS, ENDS)],
    "oneOf": [
        {"required": ["calls"]},
        {"required": ["rule"]},
        {"required": ["table"]},
        {"required": ["verdicts"], "maxProperties": 1},
        {"required": ["ends"], "maxProperties": 1},
    ],
}
EXPECTATION = Section("an expectation", EXPECT_KEYS, _build, (Said(_check, _TOGETHER),))


class _Verdicts:
    shape = "verdicts such as [V1, V4]"

    def read(self, node: Node, reading: Reading) -> tuple[str, ...]:
        return self._list().read(node, reading)

    def schema(self) -> Schema:
        return self._list().schema()

    def _list(self) -> ListOf[str]:
        return ListOf(_VerdictName(), len(verdict_modules()), 1)


class _VerdictName:
    @property
    def shape(self) -> str:
        return f"a verdict from {_range()}"

    def read(self, node: Node, reading: Reading) -> str:
        # V9 may be written as 9
        name = f"V{node.text}" if isinstance(node, Scalar) and node.text.isdecimal() else scalar_text(node, self.shape)
        if not is_verdict(name):
            refuse(node, self.shape, f"did you mean '{name.upper()}'?" if is_verdict(name.upper()) else "")
        return name

    def schema(self) -> Schema:
        names = list(verdict_modules())
        return or_parameter({"enum": [*names, *(int(name[1:]) for name in names)]})


def _audit(fields: Fields, reading: Reading) -> Audit:
    both = set(fields.get("enforce", ())) & set(fields.get("ignore", ()))
    for verdict in sorted(both, key=lambda name: int(name[1:])):
        reading.report(Refused(fields.at("ignore"), f"{verdict} is enforced and ignored", "leave it out of one of them"))
    return Audit(**fields.model())


_AUDIT = Section(
    "'audit'",
    (
        Key("enforce", _Verdicts(), "verdicts that fail the run", "[V1, V4]"),
        Key("ignore", _Verdicts(), "verdicts that are not asked", "[V18]"),
    ),
    _audit,
)


class AuditValue:
    shape = "{enforce: [V1, V4], ignore: [V11]}, or off"

    def read(self, node: Node, reading: Reading) -> Audit:
        if isinstance(node, Mapping):
            return _AUDIT.read(node, reading)
        if scalar_text(node, self.shape, "write off") != "off":
            refuse(node, self.shape, "no verdict at all: off")
        return Audit(off=True)

    def schema(self) -> Schema:
        return {"anyOf": [or_parameter({"const": "off"}), _AUDIT.schema()]}


SECTIONS = (EXPECTATION, _AUDIT, CALLS, _BACKOFF, _APPLIED)
