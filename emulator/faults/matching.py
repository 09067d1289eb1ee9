"""Whether a request is one that `when` speaks of, and if not, why not. Pure functions of rule and request.

Each key of `when` becomes a condition; matching asks them all, explaining lists those that do not hold, so the two cannot
disagree. What counts requests (`call`, `request`, `per`) is not here but in `counting`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import Protocol

import jmespath

from emulator.faults.canonical import canonical
from emulator.faults.decision import Attempt
from emulator.faults.keys import KeyPattern, items_of
from emulator.messages import Call
from emulator.scenario.model import Client, Operations, Ordinals, When


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of `when` that does not hold: what the rule wants, and what the request is."""

    key: str
    wanted: str
    seen: str

    def __str__(self) -> str:
        return f"{self.key}: wanted {self.wanted}, was {self.seen}"


def shown(text: str) -> str:
    """Text of a request, short enough for a report."""
    return text if len(text) <= 100 else f"{text[:97]}..."


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


class KeyCondition:
    key = "key"
    static = False

    def __init__(self, pattern: KeyPattern) -> None:
        self._pattern = pattern
        self.wanted = pattern.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return any(self._pattern.fits(item) for _, item in items_of(call))

    def seen(self, call: Call, attempt: Attempt) -> str:
        named = [item for _, item in items_of(call)]
        if not named:
            return "a request that names no item"
        return shown(canonical(named[0]).decode()) if len(named) == 1 else f"{len(named)} other items"


class WhereCondition:
    key = "where"
    static = False

    def __init__(self, expression: str) -> None:
        self.wanted = expression
        self._compiled = jmespath.compile(expression)

    def holds(self, call: Call, attempt: Attempt) -> bool:
        try:
            found = self._compiled.search(call.params)
        except jmespath.exceptions.JMESPathError:
            # A function that does not fit this request's types does not fit this request.
            return False
        # JMESPath's truth: 0 is true, what is empty is not
        return not (found is None or found is False or found == "" or found == [] or found == {})

    def seen(self, call: Call, attempt: Attempt) -> str:
        try:
            found = self._compiled.search(call.params)
        except jmespath.exceptions.JMESPathError as error:
            return str(error).splitlines()[0]
        return shown(canonical(found).decode())


class ClientCondition:
    key = "client"
    static = False

    def __init__(self, client: Client) -> None:
        wanted = {"access_key": client.access_key, "user_agent": client.user_agent, **dict(client.header)}
        self._globs = {name: Globs((glob,)) for name, glob in wanted.items() if glob is not None}
        self.wanted = ", ".join(f"{name}: {globs.written}" for name, globs in self._globs.items())

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return all(globs.fits(self._value(name, call)) for name, globs in self._globs.items())

    def seen(self, call: Call, attempt: Attempt) -> str:
        return ", ".join(f"{name}: {shown(self._value(name, call))}" for name in self._globs)

    def _value(self, name: str, call: Call) -> str:
        if name == "access_key":
            return call.access_key
        return call.request.headers.get("user-agent" if name == "user_agent" else name, "")


class RegionCondition:
    key = "region"
    static = False

    def __init__(self, globs: Globs) -> None:
        self._globs = globs
        self.wanted = globs.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return self._globs.fits(call.region)

    def seen(self, call: Call, attempt: Attempt) -> str:
        return call.region


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
    if when.region is not None:
        found.append(RegionCondition(Globs(when.region)))
    if when.client is not None:
        found.append(ClientCondition(when.client))
    if when.key is not None:
        found.append(KeyCondition(KeyPattern(when.key)))
    if when.where is not None:
        found.append(WhereCondition(when.where))
    return tuple(found)


def differences(when: When, call: Call, attempt: Attempt) -> tuple[Difference, ...]:
    """What keeps a request from being one that `when` speaks of; empty if it is one."""
    asked = conditions(when)
    if when.attempt is not None:
        asked = (*asked, AttemptCondition(when.attempt))
    return tuple(Difference(one.key, one.wanted, one.seen(call, attempt)) for one in asked if not one.holds(call, attempt))
