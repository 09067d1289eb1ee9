"""The built-in HTTP/1.1 server: what its connections share, and what happens to all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from emulator.core import EmulatorCore
from emulator.messages import HttpRequest
from emulator.server.connection import Connection
from emulator.server.header_texts import HeaderTexts
from emulator.server.listener import Listener
from emulator.server.sandboxes import Sandboxes


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

    def connection(self) -> Connection:
        self.accepted += 1
        return Connection(self, self.accepted)

    async def open(self) -> None:
        await self.listener.open(self.connection)

    async def sweep(self) -> None:
        """Close what has been too slow, once a second, until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            now = self._clock.monotonic()
            for connection in list(self.connections):
                connection.close_if_late(now)
            self.sandboxes.drop_idle(now)

    async def drain(self) -> None:
        """Let requests under way finish for the grace period, then end every connection."""
        self.stopping = True
        self.listener.close()
        for connection in list(self.connections):
            connection.close_if_idle()
        deadline = self._clock.monotonic() + self.limits.grace
        while any(connection.is_answering for connection in self.connections) and self._clock.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for connection in list(self.connections):
            connection.abort()
