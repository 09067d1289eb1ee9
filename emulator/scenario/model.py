"""What many sections share: a fault once it has been read, and what scenarios need of whoever runs them.

The classes of the sections stand where their keys are declared. In all of them `where` is the place in the file, durations are seconds,
sizes bytes, and None: the key was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from dynafault_dataclass import dataclass
from emulator.messages import Portion
from emulator.scenario.problems import Position
from emulator.scenario.responses import RawResponse


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


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """Something that a scenario needs of whoever runs it. `feature` is one of FEATURES; `who` says who asks for it, for people."""

    feature: str
    who: str
    where: Position


# What can be missing. Under another WSGI server: socket (connections are cut, held or refused) and connections (it is known when they
# were opened, and how long they were idle). At an upstream: history (reads of the past) and backups (there are some from the start)
FEATURES = ("socket", "connections", "history", "backups")
