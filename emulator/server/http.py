"""The built-in HTTP/1.1 server: what its connections share, and what happens to all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from emulator.clock import Timer
from emulator.core import EmulatorCore
from emulator.messages import HttpRequest
from emulator.server.connection import Connection
from emulator.server.header_texts import HeaderTexts
from emulator.server.lateness import Lateness
from emulator.server.listener import Listener
from emulator.server.sandboxes import Sandboxes

# Seconds between looks at what has been too slow
SWEEP = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs in seconds. `idle`: an open connection without a request; `head` and `body`: for a request to come in;
    `drain`: for a client to read its answer; `grace`: for requests under way when the server stops."""

    idle: float = 120.0
    head: float = 20.0
    body: float = 60.0
    drain: float = 60.0
    grace: float = 0.6


class HttpServer:
    """Owns the connections. Lives in one event loop and is touched from there only. `admin` takes the requests that are not for
    the emulated service."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        listener: Listener,
        admin: Callable[[Connection, EmulatorCore, HttpRequest], None],
        limits: Limits,
    ) -> None:
        self.sandboxes = sandboxes
        self.listener = listener
        self.admin = admin
        self.limits = limits
        self.texts = HeaderTexts()
        self.connections: set[Connection] = set()
        self.accepted = 0
        self.stopping = False
        self._clock = sandboxes.root.clock
        self.lateness = Lateness(self._clock, lambda: bool(self.connections))
        self._sweeping: Timer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._drained: asyncio.Future[None] | None = None

    def connection(self) -> Connection:
        self.accepted += 1
        self.lateness.watch()
        return Connection(self, self.accepted)

    async def open(self) -> None:
        await self.listener.open(self.connection)
        self._sweeping = self._clock.call_later(SWEEP, self._sweep)

    def later(self, answering: Coroutine[Any, Any, None]) -> None:
        """Go on with a connection when its backend has answered."""
        task = asyncio.get_running_loop().create_task(answering)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def done(self, connection: Connection) -> None:
        """A connection has nothing to answer any more."""
        if self._drained is not None and not self._drained.done() and not self._is_answering():
            self._drained.set_result(None)

    async def drain(self) -> None:
        """Let requests under way finish for the grace period, then end every connection."""
        self.stopping = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        self.listener.close()
        for connection in list(self.connections):
            connection.close_if_idle()
        if self._is_answering():
            self._drained = drained = asyncio.get_running_loop().create_future()
            grace = self._clock.call_later(self.limits.grace, drained.cancel)
            with suppress(asyncio.CancelledError):
                await drained
            grace.cancel()
        for connection in list(self.connections):
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_answering(self) -> bool:
        return any(connection.is_answering for connection in self.connections)

    def _sweep(self) -> None:
        """Close what has been too slow, once a second."""
        self._sweeping = self._clock.call_later(SWEEP, self._sweep)
        now = self._clock.monotonic()
        for connection in list(self.connections):
            connection.close_if_late(now)
        self.sandboxes.drop_idle(now)
