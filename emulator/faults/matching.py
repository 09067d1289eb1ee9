"""Whether a request is one that `when` speaks of, and if not, why not. Pure functions of rule and request.

Each key of `when` becomes a condition; matching asks them all, explaining lists those that do not hold, so the two cannot
disagree. What counts requests (`call`, `request`, `per`) is not here but in `counting`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import Protocol

from emulator.faults.decision import Attempt
from emulator.messages import Call
from emulator.scenario.model import Operations, Ordinals, When


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of `when` that does not hold: what the rule wants, and what the request is."""

    key: str
    wanted: str
    seen: str

    def __str__(self) -> str:
        return f"{self.key}: wanted {self.wanted}, was {self.seen}"


class Condition(Protocol):
    """One key of `when`. `static`: it depends on service, operation and tables of the request alone."""

    key: str
    static: bool

    @property
    def wanted(self) -> str: ...

    def holds(self, call: Call, attempt: Attempt) -> bool: ...

    def seen(self, call: Call, attempt: Attempt) -> str: ...


class Globs:
    """Names or globs, of which one must fit."""

    def __init__(self, written: tuple[str, ...]) -> None:
        self.written = " or ".join(written)
        self._pattern = re.compile("|".join(f"(?:{translate(glob)})" for glob in written))

    def fits(self, name: str) -> bool:
        return self._pattern.match(name) is not None


class OperationCondition:
    key = "operation"
    static = True

    def __init__(self, operations: Operations, service: str | None) -> None:
        self._operations = operations
        self._service = service

    @property
    def wanted(self) -> str:
        return " or ".join(self._operations.written) or f"any operation of {self._service or 'dynamodb'}"

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return (call.service, call.operation) in self._operations.names

    def seen(self, call: Call, attempt: Attempt) -> str:
        return call.operation if call.service == "dynamodb" else f"{call.operation} of {call.service}"


class TableCondition:
    key = "table"
    static = True

    def __init__(self, globs: Globs) -> None:
        self._globs = globs
        self.wanted = globs.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return any(self._globs.fits(table) for table in call.tables)

    def seen(self, call: Call, attempt: Attempt) -> str:
        return ", ".join(call.tables) or "no table"


class IndexCondition:
    key = "index"
    static = False

    def __init__(self, globs: Globs) -> None:
        self._globs = globs
        self.wanted = globs.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        index = call.params.get("IndexName")
        return index is not None and self._globs.fits(index)

    def seen(self, call: Call, attempt: Attempt) -> str:
        return call.params.get("IndexName") or "no index"


class AttemptCondition:
    key = "attempt"
    static = False

    def __init__(self, ordinals: Ordinals) -> None:
        self._ordinals = ordinals
        self.wanted = ordinals.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return attempt.ordinal in self._ordinals

    def seen(self, call: Call, attempt: Attempt) -> str:
        return str(attempt.ordinal)


def conditions(when: When) -> tuple[Condition, ...]:
    """The conditions that say what a rule is about; `attempt` is not one of them, since requests are counted without it."""
    found: list[Condition] = [OperationCondition(when.operation, when.service)]
    if when.table is not None:
        found.append(TableCondition(Globs(when.table)))
    if when.index is not None:
        found.append(IndexCondition(Globs(when.index)))
    return tuple(found)


def differences(when: When, call: Call, attempt: Attempt) -> tuple[Difference, ...]:
    """What keeps a request from being one that `when` speaks of; empty if it is one."""
    asked = conditions(when)
    if when.attempt is not None:
        asked = (*asked, AttemptCondition(when.attempt))
    return tuple(Difference(one.key, one.wanted, one.seen(call, attempt)) for one in asked if not one.holds(call, attempt))
