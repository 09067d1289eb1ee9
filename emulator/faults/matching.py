"""Whether a request is one that `when` speaks of, and if not, why not. Pure functions of rule and request.

Each key of `when` becomes a condition; matching asks them all, explaining lists those that do not hold, so the two cannot
disagree. What counts requests (`call`, `request`, `per`) is not here but in `counting`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import translate
from operator import attrgetter
from typing import Protocol

from dynafault_dataclass import dataclass
from emulator.backends.statement_references import references
from emulator.faults.canonical import canonical
from emulator.faults.keys import OF_STATEMENTS, KeyPattern, items_of
from emulator.faults.queries import REFUSALS, compile_query, is_false, wanted_text
from emulator.messages import Attempt, Call
from emulator.scenario.ranges import Ordinals
from emulator.scenario.when import ClientPattern, Operations, When


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


# Something that a request says in one text
Aspect = Callable[[Call], str]


class WhenCondition(Protocol):
    """One key of `when`. `static`: it depends on service, operation and tables of the request, and on these of its aspects
    (by name), alone."""

    key: str
    static: bool

    @property
    def aspects(self) -> Mapping[str, Aspect]: ...

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
    aspects: Mapping[str, Aspect] = {}

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
    aspects: Mapping[str, Aspect] = {}

    def __init__(self, globs: Globs) -> None:
        self._globs = globs
        self.wanted = globs.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return any(self._globs.fits(table) for table in call.tables)

    def seen(self, call: Call, attempt: Attempt) -> str:
        return ", ".join(call.tables) or "no table"


def _index(call: Call) -> str:
    named = call.params.get("IndexName")
    if named is None and call.operation in OF_STATEMENTS:
        named = next((one.index for one in references(call) if one is not None and one.index is not None), None)
    return named or ""


class IndexCondition:
    key = "index"
    static = True
    aspects: Mapping[str, Aspect] = {"index": _index}

    def __init__(self, globs: Globs) -> None:
        self._globs = globs
        self.wanted = globs.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        index = _index(call)
        return index != "" and self._globs.fits(index)

    def seen(self, call: Call, attempt: Attempt) -> str:
        return _index(call) or "no index"


class KeyMatch:
    key = "key"
    static = False
    aspects: Mapping[str, Aspect] = {}

    def __init__(self, pattern: KeyPattern) -> None:
        self.pattern = pattern
        self.wanted = pattern.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return any(self.pattern.fits(item) for _, item in items_of(call))

    def seen(self, call: Call, attempt: Attempt) -> str:
        named = [item for _, item in items_of(call)]
        if not named:
            return "a request that names no item"
        return shown(canonical(named[0]).decode()) if len(named) == 1 else f"{len(named)} other items"


class WhereCondition:
    key = "where"
    static = False
    aspects: Mapping[str, Aspect] = {}

    def __init__(self, expression: str) -> None:
        self.wanted = expression
        self.wanted_text = wanted_text(expression)
        self._search = compile_query(expression)

    def holds(self, call: Call, attempt: Attempt) -> bool:
        try:
            found = self._search(call.params)
        except REFUSALS:
            # An expression that does not fit this request's types does not fit this request.
            return False
        return not is_false(found)

    def seen(self, call: Call, attempt: Attempt) -> str:
        try:
            found = self._search(call.params)
        except REFUSALS as error:
            return str(error).splitlines()[0]
        return shown(canonical(found).decode())


def _header(name: str) -> Aspect:
    return lambda call: call.request.headers.get(name, "")


class ClientCondition:
    key = "client"
    static = True

    def __init__(self, client: ClientPattern) -> None:
        asked: list[tuple[str, str | None, Aspect]] = [
            ("access_key", client.access_key, attrgetter("access_key")),
            ("user_agent", client.user_agent, _header("user-agent")),
            *((name, glob, _header(name)) for name, glob in client.header),
        ]
        self._asked = [(name, Globs((glob,)), aspect) for name, glob, aspect in asked if glob is not None]
        self.aspects: Mapping[str, Aspect] = {name: aspect for name, _, aspect in self._asked}
        self.wanted = ", ".join(f"{name}: {globs.written}" for name, globs, _ in self._asked)

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return all(globs.fits(aspect(call)) for _, globs, aspect in self._asked)

    def seen(self, call: Call, attempt: Attempt) -> str:
        return ", ".join(f"{name}: {shown(aspect(call))}" for name, _, aspect in self._asked)


class RegionCondition:
    key = "region"
    static = True
    aspects: Mapping[str, Aspect] = {"region": attrgetter("region")}

    def __init__(self, globs: Globs) -> None:
        self._globs = globs
        self.wanted = globs.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return self._globs.fits(call.region)

    def seen(self, call: Call, attempt: Attempt) -> str:
        return call.region


# An ordinal of a request that may be one of several workers'
AMBIGUOUS = "ambiguous"


class OrdinalCondition:
    """`attempt` or `try`: which request of its kind it is. One whose place nobody can tell is none of them."""

    static = False
    aspects: Mapping[str, Aspect] = {}

    def __init__(self, key: str, ordinals: Ordinals, ordinal_of: Callable[[Attempt], int]) -> None:
        self.key = key
        self._ordinals = ordinals
        self._ordinal_of = ordinal_of
        self.wanted = ordinals.written

    def holds(self, call: Call, attempt: Attempt) -> bool:
        return self._ordinal_of(attempt) in self._ordinals

    def seen(self, call: Call, attempt: Attempt) -> str:
        return str(self._ordinal_of(attempt) or AMBIGUOUS)


def conditions(when: When) -> tuple[WhenCondition, ...]:
    """The conditions that say what a rule is about; `attempt` and `try` are none of them, since requests are counted without."""
    found: list[WhenCondition] = [OperationCondition(when.operation, when.service)]
    if when.table is not None:
        found.append(TableCondition(Globs(when.table)))
    if when.index is not None:
        found.append(IndexCondition(Globs(when.index)))
    if when.region is not None:
        found.append(RegionCondition(Globs(when.region)))
    if when.client is not None:
        found.append(ClientCondition(when.client))
    if when.key is not None:
        found.append(KeyMatch(KeyPattern(when.key)))
    if when.where is not None:
        found.append(WhereCondition(when.where))
    return tuple(found)


class Matcher:
    """`when`, to be asked about many requests."""

    def __init__(self, when: When) -> None:
        self._asked = list(conditions(when))
        if when.attempt is not None:
            self._asked.append(OrdinalCondition("attempt", when.attempt, lambda attempt: attempt.ordinal))
        if when.try_ is not None:
            self._asked.append(OrdinalCondition("try", when.try_, lambda attempt: attempt.tries))

    def differences(self, call: Call, attempt: Attempt) -> tuple[Difference, ...]:
        """What keeps a request from being one that `when` speaks of; empty if it is one."""
        return tuple(Difference(one.key, one.wanted, one.seen(call, attempt)) for one in self._asked if not one.holds(call, attempt))
