"""`rules`: when something happens, and what. A rule has either one `fault`, or a `sequence` and a `then`."""

from __future__ import annotations

from dataclasses import field

from dynafault_dataclass import dataclass
from emulator.scenario.constraints import exactly_one, needs
from emulator.scenario.fault import ADDABLE, FAULT, check_carried
from emulator.scenario.model import Demand, Fault
from emulator.scenario.operations import groups
from emulator.scenario.phases import PHASE_NAME
from emulator.scenario.problems import Position
from emulator.scenario.ranges import Span, Spans
from emulator.scenario.reading import ListOf, OneOrMany, Reading, Refused
from emulator.scenario.sections import Fields, key, section
from emulator.scenario.values import CHANCE, Flag, Text, Whole, one_of
from emulator.scenario.when import WHEN, When

_THEN = one_of(
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
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `in_` names the phases that it applies in; None: all. `text` is the rule as it was written, where it came alone and as
    text."""

    where: Position
    name: str = key(
        Text("a name of 1 to 100 characters without '/', such as throttle-twice", r"[^\s/](?:[^\n/]{0,98}[^\s/])?", 100),
        "the rule's name, unique",
        example="throttle-first-two-attempts",
    )
    enabled: bool = key(Flag(), "false: the rule is inactive until the admin API enables it", example="false", default=True)
    when: When = key(
        WHEN,
        "which requests the rule is about",
        example="{operation: writes, table: orders, attempt: 1..2}",
        default_factory=When,
        left_out="every request to DynamoDB",
    )
    during: Span | None = key(
        Spans(), "when the rule applies, counted from when the scenario began", example="10s..40s", default=None, left_out="the whole time"
    )
    in_: tuple[str, ...] | None = key(
        OneOrMany(PHASE_NAME),
        "the phases that the rule applies in: a name, or a list",
        example="[outage, recovered]",
        default=None,
        left_out="all phases",
    )
    chance: float | None = key(
        CHANCE,
        "how likely it is that a due request is hit, drawn from the seed, the rule's name and the request's content",
        example="0.3",
        default=None,
        left_out="1: every due request",
    )
    limit: int | None = key(
        Whole(1),
        "how often the rule fires at most, in the scope that 'per' says",
        example="3",
        default=None,
        left_out="without end",
    )
    continue_: bool = key(Flag(), "true: add this delay, skew or headers, and go on looking for a rule", example="true", default=False)
    fault: Fault | None = key(FAULT, "what happens to a request that is hit", example="{connection: reset, applied: true}", default=None)
    sequence: tuple[Fault, ...] = key(
        ListOf(FAULT, 10_000, 1),
        "the first due request gets the first fault, the second the second, ...; instead of 'fault'",
        example="[InternalServerError, ThrottlingException, {delay: 1s}, ok]",
        default=(),
    )
    then: str = key(
        _THEN,
        "what follows the last fault of a sequence, and must be said: pass (no fault), stay (the last one again), loop (from the first on)",
        example="pass",
        default="pass",
        left_out="",
    )
    unfired: str | None = key(
        one_of("allow"),
        "allow: the run does not fail if the rule never fires",
        example="allow",
        default=None,
        left_out="a rule that never fires fails the run, unless an expectation speaks of it",
    )
    text: str = field(default="", compare=False)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.sequence if self.fault is None else (self.fault,)

    @property
    def read_horizon(self) -> float:
        """How far its reads see into the past, in seconds."""
        return max((fault.stale or 0.0 for fault in self.faults), default=0.0)

    @property
    def demands(self) -> tuple[Demand, ...]:
        found = [Demand(feature, f"rule '{self.name}'", fault.where) for fault in self.faults for feature in fault.features]
        if self.when.idle is not None or self.when.opened is not None:
            found.append(Demand("connections", f"rule '{self.name}'", self.where))
        return tuple(found)

    @property
    def is_early(self) -> bool:
        """Whether it decides before a request's body has come."""
        return any(fault.is_early for fault in self.faults)


def _check_faults(rule: Rule, reading: Reading) -> None:
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


def _rule(fields: Fields, reading: Reading) -> Rule:
    rule = fields.build(Rule)
    _check_faults(rule, reading)
    return rule


# What a request's head does not tell
_OF_BODIES = ("table", "index", "key", "where", "try_")


def _check_early(fault: Fault, rule: Rule) -> None:
    """A rule on requests whose body has not come: all that it asks must be in the head."""
    if not rule.is_early:
        return
    asked = next((name for name in _OF_BODIES if getattr(rule.when, name) is not None), None)
    if asked is not None or rule.when.per in ("table", "key"):
        name = f"'per: {rule.when.per}'" if asked is None else f"'{asked.rstrip('_')}'"
        raise Refused(rule.where, f"'upload' and 'received' are decided before the body has come, and {name} depends on it", "leave it out")
    if not fault.is_early and fault.keys:
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


RULE = section(
    "a rule",
    Rule,
    exactly_one(
        "fault",
        "sequence",
        says="a rule needs 'fault', or 'sequence' and 'then'",
        hint="what should happen?",
        both="a rule has one of them",
    ),
    needs("sequence", "then", says="'sequence' needs 'then'", hint="pass, stay or loop: what follows the last fault?"),
    needs("then", "sequence", says="'then' goes with 'sequence' only", hint="to stop after so many firings: limit"),
    build=_rule,
)
