"""What a row of the table of faults says beside what every key says: what it goes with, and what it asks of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.nodes import Node
from emulator.scenario.operations import Names
from emulator.scenario.reading import Reading, Schema, or_parameter, refuse
from emulator.scenario.sections import Fields, Key
from emulator.scenario.values import Flag

# What a value asks of whoever runs the scenario, from FEATURES; "" for nothing
Feature = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class FaultKey(Key):
    """One key of a fault. `is_effect`: it is what happens, of which a fault has at most one; otherwise it modifies that.

    `goes_with`: the effects of which one must stand beside a modifier, () for any or none. `carried_by`: the operations that can carry
    an effect of this value (None: of any value); without it all can. `feature`: what the value asks of whoever runs the scenario.
    `check` raises Refused for what does not fit the rest of the fault. `is_addable`: a rule with `continue: true` may add it.
    `is_word`: its bare name may stand for the whole fault, with the value true."""

    is_effect: bool = False
    goes_with: tuple[str, ...] = ()
    carried_by: Callable[[Any], Names] | None = None
    feature: Feature | None = None
    check: Callable[[Fields], None] | None = None
    is_addable: bool = False
    is_word: bool = False


def always(feature: str) -> Feature:
    return lambda value: feature


def dynamodb(*names: str) -> Names:
    return frozenset(("dynamodb", name) for name in names)


class Always:
    """A key that says all by being there."""

    shape = "true"

    def read(self, node: Node, reading: Reading) -> bool:
        if Flag().read(node, reading) is not True:
            refuse(node, self.shape, "leave the key out")
        return True

    def schema(self) -> Schema:
        return or_parameter({"const": True})
