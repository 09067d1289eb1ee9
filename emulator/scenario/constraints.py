"""What the keys of a section say of each other: small values, each of which reports what breaks it and is the same in JSON Schema.

Each takes its own words, `says` and `hint`, since what is wrong has another name in each section.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator.scenario.nodes import Mapping
from emulator.scenario.problems import Position
from emulator.scenario.reading import Reading, Refused, Schema


def places(node: Mapping) -> dict[str, Position]:
    """Where the keys of a mapping stand, by name, in the order of the file."""
    return {key.text: key.where for key, _ in node.entries}


def _each(names: tuple[str, ...]) -> list[Schema]:
    return [{"required": [name]} for name in names]


@dataclass(frozen=True, slots=True)
class NotEmpty:
    """There is at least one key, whichever."""

    says: str
    hint: str

    def check(self, node: Mapping, reading: Reading) -> None:
        if not node.entries:
            reading.report(Refused(node.where, self.says, self.hint))

    def schema(self) -> Schema:
        return {"minProperties": 1}


@dataclass(frozen=True, slots=True)
class AtLeastOne:
    """At least one of the names is there."""

    names: tuple[str, ...]
    says: str
    hint: str

    def check(self, node: Mapping, reading: Reading) -> None:
        if not places(node).keys() & set(self.names):
            reading.report(Refused(node.where, self.says, self.hint))

    def schema(self) -> Schema:
        return {"anyOf": _each(self.names)}


@dataclass(frozen=True, slots=True)
class AtMostOne:
    """At most one of the names is there. `what` they are, as in "a second effect"; `hint` for any but the first."""

    names: tuple[str, ...]
    what: str
    hint: str

    def check(self, node: Mapping, reading: Reading) -> None:
        found = [(name, where) for name, where in places(node).items() if name in self.names]
        for name, where in found[1:]:
            reading.report(Refused(where, f"a second {self.what} '{name}' beside '{found[0][0]}'", self.hint))

    def schema(self) -> Schema:
        return {"oneOf": [*_each(self.names), {"not": {"anyOf": _each(self.names)}}]}


@dataclass(frozen=True, slots=True)
class ExactlyOne:
    """One of two names is there. `says` and `hint` are for neither, `both` is the hint for both, which is told of the second."""

    first: str
    second: str
    says: str
    hint: str
    both: str

    def check(self, node: Mapping, reading: Reading) -> None:
        there = places(node)
        if self.first in there and self.second in there:
            reading.report(Refused(there[self.second], f"'{self.second}' beside '{self.first}'", self.both))
        if self.first not in there and self.second not in there:
            reading.report(Refused(node.where, self.says, self.hint))

    def schema(self) -> Schema:
        return {"oneOf": _each((self.first, self.second))}


@dataclass(frozen=True, slots=True)
class OneWay:
    """Exactly one of the names is there, and beside them only the `others`, which are required. `says` takes the number of those that
    are there in place of "{count}"."""

    names: tuple[str, ...]
    says: str
    hint: str
    others: int = 0

    def check(self, node: Mapping, reading: Reading) -> None:
        count = len(places(node).keys() & set(self.names))
        if count != 1:
            reading.report(Refused(node.where, self.says.format(count=count), self.hint))

    def schema(self) -> Schema:
        return {"minProperties": self.others + 1, "maxProperties": self.others + 1}


@dataclass(frozen=True, slots=True)
class Needs:
    """Where one name is there, another must be. `at_value`: it is told of where its value stands, not of where its name does."""

    name: str
    other: str
    says: str
    hint: str
    at_value: bool = False

    def check(self, node: Mapping, reading: Reading) -> None:
        there, value = places(node), node.get(self.name)
        if value is not None and self.other not in there:
            reading.report(Refused(value.where if self.at_value else there[self.name], self.says, self.hint))

    def schema(self) -> Schema:
        return {"dependentRequired": {self.name: [self.other]}}


@dataclass(frozen=True, slots=True)
class GoesWith:
    """Where one name is there, at least one of its partners must be."""

    name: str
    partners: tuple[str, ...]
    hint: str

    def check(self, node: Mapping, reading: Reading) -> None:
        there = places(node)
        if self.name in there and not there.keys() & set(self.partners):
            goes = " or ".join(f"'{partner}'" for partner in self.partners)
            reading.report(Refused(there[self.name], f"'{self.name}' goes with {goes} only", self.hint))

    def schema(self) -> Schema:
        return {"dependentSchemas": {self.name: {"anyOf": _each(self.partners)}}}
