"""What the connections of one server share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.clock import Clock
from emulator.server.header_texts import HeaderTexts
from emulator.server.hints import Hints
from emulator.server.lateness import Lateness
from emulator.server.listener import Listener
from emulator.server.releases import Releases
from emulator.server.routing import Router


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs in seconds. `idle`: an open connection without a request; `head` and `body`: for a request to come in;
    `drain`: for a client to read its answer; `linger`: for one that was refused to stop sending; `grace`: for requests under way when the
    server stops."""

    idle: float = 120.0
    head: float = 20.0
    body: float = 60.0
    drain: float = 60.0
    linger: float = 5.0
    grace: float = 0.6


class OpenConnection(Protocol):
    """A connection as its server sees it. `runs_out` is in monotonic seconds."""

    @property
    def is_answering(self) -> bool: ...

    @property
    def is_held(self) -> bool: ...

    @property
    def runs_out(self) -> float: ...

    def close_if_idle(self) -> None: ...

    def hurry_if_off(self) -> None: ...

    def close_if_late(self, now: float) -> None: ...

    def abort(self) -> None: ...


@dataclass(slots=True, eq=False)
class ServerContext:
    """Lives in one event loop and is touched from there only. `connections` are the open ones, `accepted` counts all."""

    router: Router
    listener: Listener
    clock: Clock
    limits: Limits
    texts: HeaderTexts = field(default_factory=HeaderTexts)
    hints: Hints = field(default_factory=Hints)
    connections: set[OpenConnection] = field(default_factory=set)
    accepted: int = 0
    stopping: bool = False
    lateness: Lateness = field(init=False)
    releases: Releases = field(default_factory=Releases)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    on_free: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.lateness = Lateness(self.clock, lambda: bool(self.connections))

    def later(self, answering: Coroutine[Any, Any, None]) -> None:
        """Go on with a connection when its backend has answered."""
        task = asyncio.get_running_loop().create_task(answering)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
