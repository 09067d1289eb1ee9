"""A scenario as values: what a file says once it has been read, checked and merged. No behaviour.

Field names are the keys of the language; where Python has the word, an underscore follows (`continue_`, `for_`). `where` is
the place in the file. Durations are seconds, sizes bytes. None: the key was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.messages import Portion
from emulator.scenario.problems import Position


@dataclass(frozen=True, slots=True)
class FixedDelay:
    """Always the same wait."""

    fixed: float


@dataclass(frozen=True, slots=True)
class UniformDelay:
    """Any wait from the first to the second, all equally likely."""

    uniform: tuple[float, float]


@dataclass(frozen=True, slots=True)
class NormalDelay:
    """The bell curve; never below nothing."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class LognormalDelay:
    """Half of the waits are below `median`; `sigma` is the spread of their logarithms; `max` cuts the tail."""

    median: float
    sigma: float
    max: float | None = None


@dataclass(frozen=True, slots=True)
class PercentilesDelay:
    """(share of the waits, what they do not exceed), rising; between two points the waits lie evenly."""

    percentiles: tuple[tuple[float, float], ...]


Delay = FixedDelay | UniformDelay | NormalDelay | LognormalDelay | PercentilesDelay


@dataclass(frozen=True, slots=True)
class RawResponse:
    """An answer put together by the author. `headers` change those of a real answer; a None value removes one."""

    status: int = 200
    headers: tuple[tuple[str, str | None], ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Unprocessed:
    """Which entries of a batch come back unprocessed; one of these. `indexes` count from 0; `fraction` is a share of the
    entries, drawn from the seed; `all_but` that many are processed; `keys` are in wire form."""

    every: int | None = None
    indexes: tuple[int, ...] | None = None
    fraction: float | None = None
    all_but: int | None = None
    keys: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class StatementErrors:
    """The errors of single statements of a batch: codes by position, from 0, or one `error` for those that `which` selects."""

    positions: tuple[tuple[int, str], ...] = ()
    which: Unprocessed | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of at most so many items; 0: an empty one with a LastEvaluatedKey."""

    items: int


@dataclass(frozen=True, slots=True)
class TableStatus:
    """The state that a table keeps for so long."""

    status: str
    for_: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a request: at most one effect, and its modifiers. Without any it is `ok`: let the request through.

    `keys` are what was written, by the keys of the language: what may stand there, and as which values, the table of faults says.
    `features`: what the fault needs of whoever runs the scenario, from FEATURES. The properties are the keys that others than the
    fault itself ask about; None where a key was left out."""

    where: Position
    keys: Mapping[str, Any] = field(default_factory=dict)
    features: tuple[str, ...] = ()

    @property
    def is_early(self) -> bool:
        """Whether it is about how a request's body is read, and so decided before that has come."""
        return "upload" in self.keys or "received" in self.keys

    @property
    def error(self) -> str | None:
        return self.keys.get("error")

    @property
    def status(self) -> int | None:
        return self.keys.get("status")

    @property
    def applied(self) -> bool | None:
        """Carry the operation out, and then answer like this."""
        return self.keys.get("applied")

    @property
    def connection(self) -> str | None:
        return self.keys.get("connection")

    @property
    def after(self) -> Portion | None:
        return self.keys.get("after")

    @property
    def refuse(self) -> float | None:
        return self.keys.get("refuse")

    @property
    def response(self) -> str | RawResponse | None:
        """The name of a ready one, or a raw one."""
        return self.keys.get("response")

    @property
    def cancel(self) -> tuple[tuple[int, str], ...] | None:
        """Reasons by position."""
        return self.keys.get("cancel")

    @property
    def stale(self) -> float | None:
        return self.keys.get("stale")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is there when the scenario starts. `create` are the parameters of CreateTable, `items` are in wire form;
    `ttl` names the attribute of UpdateTimeToLive. `is_billed`: the author has said how it is billed."""

    name: str
    where: Position
    create: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...] = ()
    ttl: str | None = None
    is_billed: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """The names of its key attributes, partition key first."""
        return tuple(part["AttributeName"] for part in self.create["KeySchema"])


@dataclass(frozen=True, slots=True)
class Backup:
    """An on-demand backup that is there when the scenario starts."""

    table: str
    name: str
    where: Position


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """Something that a scenario needs of whoever runs it. `feature` is one of FEATURES; `who` says who asks for it, for people."""

    feature: str
    who: str
    where: Position


# socket: connections are cut, held or refused; connections: it is known when they were opened, and how long they were idle;
# history: reads of the past; table-states: tables that take their time; signatures: Signature Version 4 is checked; backups: there
# are backups from the start
FEATURES = ("socket", "connections", "history", "table-states", "signatures", "backups")
