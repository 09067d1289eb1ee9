"""The built-in HTTP/1.1 server: what its connections share, and what happens to all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from emulator.clock import Clock
from emulator.journal import Entry
from emulator.messages import HttpReply, HttpRequest
from emulator.server.connection import Connection
from emulator.server.header_texts import HeaderTexts
from emulator.server.listener import Listener


class Door(Protocol):
    """What the server asks of the emulator behind it."""

    clock: Clock

    def exchange(self, request: HttpRequest) -> Entry: ...

    def delivered(self, entry: Entry) -> None: ...

    def too_large(self, request: HttpRequest) -> HttpReply: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs in seconds. `idle`: an open connection without a request; `head` and `body`: for a request to come in;
    `drain`: for a client to read its answer; `grace`: for requests under way when the server stops."""

    idle: float = 120.0
    head: float = 20.0
    body: float = 60.0
    drain: float = 60.0
    grace: float = 0.8


class HttpServer:
    """Owns the connections. Lives in one event loop and is touched from there only. `admin` takes the requests that are not for
    the emulated service."""

    def __init__(self, door: Door, listener: Listener, admin: Callable[[Connection, HttpRequest], None], limits: Limits) -> None:
        self.door = door
        self.listener = listener
        self.admin = admin
        self.limits = limits
        self.texts = HeaderTexts()
        self.connections: set[Connection] = set()
        self.accepted = 0
        self.stopping = False

    def connection(self) -> Connection:
        self.accepted += 1
        return Connection(self, self.accepted)

    async def open(self) -> None:
        await self.listener.open(self.connection)

    async def sweep(self) -> None:
        """Close what has been too slow, once a second, until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            now = self.door.clock.monotonic()
            for connection in list(self.connections):
                connection.close_if_late(now)

    async def drain(self) -> None:
        """Let requests under way finish for the grace period, then end every connection."""
        self.stopping = True
        self.listener.close()
        for connection in list(self.connections):
            connection.close_if_idle()
        deadline = self.door.clock.monotonic() + self.limits.grace
        while any(connection.is_answering for connection in self.connections) and self.door.clock.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for connection in list(self.connections):
            connection.abort()
