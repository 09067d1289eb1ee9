"""`rules`: when something happens, and what. A rule has either one `fault`, or a `sequence` and a `then`."""

from __future__ import annotations

from emulator.scenario.constraints import Said
from emulator.scenario.early import is_early, is_early_fault
from emulator.scenario.fault import ADDABLE, FAULT, check_carried
from emulator.scenario.model import Fault, Rule
from emulator.scenario.nodes import Mapping
from emulator.scenario.operations import groups
from emulator.scenario.phases import PHASE_NAME
from emulator.scenario.ranges import Spans
from emulator.scenario.reading import ListOf, OneOrMany, Reading, Refused
from emulator.scenario.sections import Fields, Key, Section
from emulator.scenario.values import CHANCE, Flag, Text, Whole, one_of
from emulator.scenario.when import WHEN, When

RULE_KEYS = (
    Key(
        "name",
        Text("a name of 1 to 100 characters without '/', such as throttle-twice", r"[^\s/](?:[^\n/]{0,98}[^\s/])?", 100),
        "the rule's name, unique",
        "throttle-first-two-attempts",
        required=True,
    ),
    Key("enabled", Flag(), "false: the rule sleeps until the admin API wakes it", "false", default="true"),
    Key(
        "when",
        WHEN,
        "which requests the rule is about",
        "{operation: writes, table: orders, attempt: 1..2}",
        default="every request to DynamoDB",
    ),
    Key("during", Spans(), "since the scenario began", "10s..40s", default="the whole time"),
    Key("in", OneOrMany(PHASE_NAME), "the phases that the rule lives in: a name, or a list", "[outage, recovered]", default="all phases"),
    Key(
        "chance",
        CHANCE,
        "how likely it is that a due request is hit, drawn from the seed, the rule's name and the request's content",
        "0.3",
        default="1: every due request",
    ),
    Key("limit", Whole(1), "how often the rule fires at most, in the scope that 'per' says", "3", default="without end"),
    Key("continue", Flag(), "true: add this delay, skew or headers, and go on looking for a rule", "true", default="false"),
    Key("fault", FAULT, "what happens to a request that is hit", "{connection: reset, applied: true}"),
    Key(
        "sequence",
        ListOf(FAULT, 10_000, 1),
        "the first due request gets the first fault, the second the second, ...; instead of 'fault'",
        "[InternalServerError, ThrottlingException, {delay: 1s}, ok]",
    ),
    Key(
        "then",
        one_of(
            "pass",
            "stay",
            "loop",
            ok="pass",
            none="pass",
            stop="pass",
            end="pass",
            repeat="stay",
            last="stay",
            cycle="loop",
            restart="loop",
        ),
        "what follows the last fault of a sequence, and must be said: pass (no fault), stay (the last one again), loop (from the first on)",
        "pass",
    ),
    Key(
        "unfired",
        one_of("allow"),
        "allow: that the rule never fires is no fault of the run",
        "allow",
        default="a rule that never fires fails the run, unless an expectation speaks of it",
    ),
)


def _check(node: Mapping, reading: Reading) -> None:
    there = {key.text: key.where for key, _ in node.entries}
    if "fault" in there and "sequence" in there:
        reading.report(Refused(there["sequence"], "'sequence' beside 'fault'", "a rule has one of them"))
    if "fault" not in there and "sequence" not in there:
        reading.report(Refused(node.where, "a rule needs 'fault', or 'sequence' and 'then'", "what should happen?"))
    if "sequence" in there and "then" not in there:
        reading.report(Refused(there["sequence"], "'sequence' needs 'then'", "pass, stay or loop: what follows the last fault?"))
    if "then" in there and "sequence" not in there:
        reading.report(Refused(there["then"], "'then' goes with 'sequence' only", "to stop after so many firings: limit"))


def _build(fields: Fields, reading: Reading) -> Rule:
    rule = Rule(where=fields.where, **{"when": When(), **fields.model()})
    for fault in rule.faults:
        with reading.collecting():
            check_carried(fault, rule.when.operation.names)
        with reading.collecting():
            _check_begun(fault, rule.when)
        with reading.collecting():
            _check_early(fault, rule)
        if rule.continue_:
            with reading.collecting():
                _check_continuing(fault)
    return rule


# What a request's head does not tell
_OF_BODIES = ("table", "index", "key", "where", "try_")


def _check_early(fault: Fault, rule: Rule) -> None:
    """A rule on requests whose body has not come: all that it asks must be in the head."""
    if not is_early(rule):
        return
    asked = next((name for name in _OF_BODIES if getattr(rule.when, name) is not None), None)
    if asked is not None or rule.when.per in ("table", "key"):
        name = f"'per: {rule.when.per}'" if asked is None else f"'{asked.rstrip('_')}'"
        raise Refused(rule.where, f"'upload' and 'received' are decided before the body has come, and {name} depends on it", "leave it out")
    if not is_early_fault(fault) and fault.keys:
        raise Refused(fault.where, "this fault is decided later than those of its rule with 'upload' or 'received'", "make two rules")


def _check_continuing(fault: Fault) -> None:
    if not fault.keys or any(name not in ADDABLE for name in fault.keys):
        raise Refused(
            fault.where, f"a rule with 'continue: true' can only add {', '.join(ADDABLE)}", "a fault that answers ends the search"
        )


def _check_begun(fault: Fault, when: When) -> None:
    begun = fault.after is not None and not fault.after.nothing
    if begun and not fault.applied and not when.operation.names <= groups()["reads"]:
        hint = "say so with 'applied: true', or let the rule match reads only"
        raise Refused(fault.where, "an answer that has begun stands for an operation that was carried out", hint)


RULE = Section(
    "a rule",
    RULE_KEYS,
    _build,
    (
        Said(
            _check,
            {
                "oneOf": [{"required": ["fault"]}, {"required": ["sequence"]}],
                "dependentRequired": {"sequence": ["then"], "then": ["sequence"]},
            },
        ),
    ),
)
