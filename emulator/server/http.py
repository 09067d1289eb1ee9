"""The built-in HTTP/1.1 server: it accepts connections, sweeps them, and drains them when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from math import inf

from emulator.clock import Timer
from emulator.server.admin.access import Access
from emulator.server.connection import Connection
from emulator.server.context import Limits, OpenConnection, ServerContext
from emulator.server.listener import Listener
from emulator.server.routing import Admin, Router
from emulator.server.sandboxes import Sandboxes

# Seconds between looks at what has been too slow, and at what is held back: rules may be off by then
SWEEP = 1.0
# Seconds by which patience must have been exceeded
_EXCESS = 0.001


class HttpServer:
    """Owns the connections. Lives in one event loop and is touched from there only. `admin` takes the requests that are not for
    the emulated service; `access` says who may send any."""

    def __init__(self, sandboxes: Sandboxes, listener: Listener, admin: Admin, access: Access, limits: Limits) -> None:
        self._sandboxes = sandboxes
        self._clock = sandboxes.root.clock
        self.context = ServerContext(Router(sandboxes, admin, access), listener, self._clock, limits)
        self.context.on_free = self._on_free
        self._sweeping: Timer | None = None
        self._sweep_at = inf
        self._drained: asyncio.Future[None] | None = None
        # What stands between asyncio and a new connection, if anything does; it calls `look_after` whenever something has happened there
        self.wrap: Callable[[Connection], asyncio.Protocol] | None = None

    def connection(self) -> asyncio.Protocol:
        context = self.context
        context.accepted += 1
        context.lateness.watch()
        made = Connection(context, context.accepted)
        return made if self.wrap is None else self.wrap(made)

    async def open(self) -> None:
        await self.context.listener.open(self.connection)
        self.plan_sweep()

    def plan_sweep(self) -> None:
        """Plan the next sweep: a while from now on the machine's clock or, on a clock that tells every change, when there will be something
        to do."""
        now = self._clock.monotonic()
        if self.wrap is None:
            self._sweep_in(now, now + SWEEP)
        else:
            due = [self._due(connection, now) for connection in self.context.connections]
            self._sweep_in(now, min([self._due_anyway(now), *due]))

    def look_after(self, connection: Connection) -> None:
        """A connection has changed: the next sweep may have to be earlier."""
        now = self._clock.monotonic()
        due = min(self._due(connection, now), self._due_anyway(now))
        if due < self._sweep_at and not self.context.stopping:
            self._sweep_in(now, due)

    def _due(self, connection: OpenConnection, now: float) -> float:
        return now + SWEEP if connection.is_held else connection.runs_out + _EXCESS

    def _due_anyway(self, now: float) -> float:
        return now + SWEEP if self.context.listener.is_refusing else self._sandboxes.runs_out + _EXCESS

    def _sweep_in(self, now: float, at: float) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._sweep_at = at
        self._sweeping = None if at == inf else self._clock.call_later(max(0.0, at - now), self._sweep)

    def _on_free(self) -> None:
        if self._drained is not None and not self._drained.done() and not self._is_answering():
            self._drained.set_result(None)

    async def drain(self) -> None:
        """Let requests under way finish for the grace period, then end every connection."""
        context = self.context
        context.stopping = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        context.listener.close()
        for connection in list(context.connections):
            connection.close_if_idle()
        if self._is_answering():
            self._drained = drained = asyncio.get_running_loop().create_future()
            grace = self._clock.call_later(context.limits.grace, drained.cancel)
            with suppress(asyncio.CancelledError):
                await drained
            grace.cancel()
        for connection in list(context.connections):
            connection.abort()
        for task in context.tasks:
            task.cancel()
        await asyncio.gather(*context.tasks, return_exceptions=True)

    def _is_answering(self) -> bool:
        return any(connection.is_answering for connection in self.context.connections)

    def _sweep(self) -> None:
        """Close what has been too slow."""
        now = self._clock.monotonic()
        try:
            if self._sandboxes.root.rule_set.is_off:
                self.context.listener.admit()
            for connection in list(self.context.connections):
                connection.close_if_late(now)
                connection.hurry_if_off()
            self._sandboxes.drop_idle(now)
        finally:
            self.plan_sweep()
