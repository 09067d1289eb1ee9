"""What the connections of one server share."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import field
from typing import Any, Protocol

from dynafault_dataclass import dataclass
from emulator.clock import Clock
from emulator.server.head_shapes import HeadShapes
from emulator.server.header_texts import HeaderTexts
from emulator.server.lateness import Lateness
from emulator.server.listener import Listener
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


class Hints:
    """Says each thing once on standard error, however often somebody does it wrong."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            print(f"dynafault: {text}", file=sys.stderr)


class Releases:
    """Calls from other threads into a loop, several at once, since waking a loop costs as much as answering a request. Belongs to the loop
    that it was made in; `add` may be called from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due: deque[Callable[[], object]] = deque()
        self._is_woken = False

    def add(self, callback: Callable[[], object]) -> None:
        """Call back in the loop soon. Raises RuntimeError where the loop is closed."""
        self._due.append(callback)
        if not self._is_woken:
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        # Before it looks: what comes after that wakes the loop again
        self._is_woken = False
        while self._due:
            self._due.popleft()()


@dataclass(slots=True, eq=False)
class ServerContext:
    """Lives in one event loop and is touched from there only. `connections` are the open ones, `accepted` counts all."""

    router: Router
    listener: Listener
    clock: Clock
    limits: Limits
    texts: HeaderTexts = field(default_factory=HeaderTexts)
    shapes: HeadShapes = field(default_factory=HeadShapes)
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
