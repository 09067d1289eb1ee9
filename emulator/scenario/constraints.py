"""What the keys of a section say of each other. Each constraint is told once: it checks a mapping, and stands in the JSON Schema.

The texts of a complaint (`says`, `hint`) are each section's own, since the same mistake has another name there.
"""

from __future__ import annotations

from emulator.scenario.nodes import MappingNode
from emulator.scenario.problems import Position
from emulator.scenario.reading import Reading, Refused, Schema
from emulator.scenario.sections import KeysConstraint


def places(node: MappingNode) -> dict[str, Position]:
    """Where the keys of a mapping stand, by name, in the order of the file."""
    return {key.text: key.where for key, _ in node.entries}


def each_required(*names: str) -> list[Schema]:
    return [{"required": [name]} for name in names]


def not_empty(says: str, hint: str) -> KeysConstraint:
    """There is at least one key, whichever."""

    def check(node: MappingNode, reading: Reading) -> None:
        if not node.entries:
            reading.report(Refused(node.where, says, hint))

    return KeysConstraint(check, {"minProperties": 1})


def at_least_one(*names: str, says: str, hint: str) -> KeysConstraint:
    """At least one of the names is there."""

    def check(node: MappingNode, reading: Reading) -> None:
        if not places(node).keys() & set(names):
            reading.report(Refused(node.where, says, hint))

    return KeysConstraint(check, {"anyOf": each_required(*names)})


def at_most_one(*names: str, what: str, hint: str) -> KeysConstraint:
    """At most one of the names is there; any but the first is reported. `what` they are, as in "a second effect"."""

    def check(node: MappingNode, reading: Reading) -> None:
        found = [(name, where) for name, where in places(node).items() if name in names]
        for name, where in found[1:]:
            reading.report(Refused(where, f"a second {what} '{name}' beside '{found[0][0]}'", hint))

    return KeysConstraint(check, {"oneOf": [*each_required(*names), {"not": {"anyOf": each_required(*names)}}]})


def exactly_one(first: str, second: str, *, says: str, hint: str, both: str) -> KeysConstraint:
    """One of two names is there. `says` and `hint` are for neither; `both` is the hint for both, of which the second is reported."""

    def check(node: MappingNode, reading: Reading) -> None:
        there = places(node)
        if first in there and second in there:
            reading.report(Refused(there[second], f"'{second}' beside '{first}'", both))
        if first not in there and second not in there:
            reading.report(Refused(node.where, says, hint))

    return KeysConstraint(check, {"oneOf": each_required(first, second)})


def one_way(*names: str, says: str, hint: str, others: int = 0) -> KeysConstraint:
    """Exactly one of the names is there, and beside it nothing but so many `others`, which are required. "{count}" in `says` stands for how
    many of the names are there."""

    def check(node: MappingNode, reading: Reading) -> None:
        count = len(places(node).keys() & set(names))
        if count != 1:
            reading.report(Refused(node.where, says.format(count=count), hint))

    return KeysConstraint(check, {"minProperties": others + 1, "maxProperties": others + 1})


def needs(name: str, other: str, *, says: str, hint: str, at_value: bool = False) -> KeysConstraint:
    """Where one name is there, another must be. `at_value`: it is reported where its value stands, not where its name does."""

    def check(node: MappingNode, reading: Reading) -> None:
        there, value = places(node), node.get(name)
        if value is not None and other not in there:
            reading.report(Refused(value.where if at_value else there[name], says, hint))

    return KeysConstraint(check, {"dependentRequired": {name: [other]}})


def goes_with(name: str, *partners: str, hint: str) -> KeysConstraint:
    """Where a name is there, at least one of its partners must be."""

    def check(node: MappingNode, reading: Reading) -> None:
        there = places(node)
        if name in there and not there.keys() & set(partners):
            goes = " or ".join(f"'{partner}'" for partner in partners)
            reading.report(Refused(there[name], f"'{name}' goes with {goes} only", hint))

    return KeysConstraint(check, {"dependentSchemas": {name: {"anyOf": each_required(*partners)}}})
