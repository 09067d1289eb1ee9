"""The listening socket, which a fault may close for a while: then connections are refused.

The port stays ours meanwhile. Without that, an unlucky client that retries while nobody listens could be given the very port as its own
source port and find itself connected to itself. On Linux the one socket stops listening and keeps its port; elsewhere, where a socket
that has listened once cannot stop, a second one holds the port and never listens."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakSet

from emulator.aws.errors import EmulatorError
from emulator.clock import Clock, Timer

BACKLOG = 1024
# Seconds until the next try, where the port cannot be opened again
RETRY = 0.25
_CAN_STOP = sys.platform == "linux"


class Listener:
    """Raises EmulatorError where the address cannot be had. `port` 0 takes a free one; the attribute says which.

    A process that is forked from this one has no part in it."""

    def __init__(self, host: str, port: int, clock: Clock) -> None:
        self._bound = _bound(host, port, shared=not _CAN_STOP)
        if port == 0 and _CAN_STOP:
            # Only a port that was asked for by number is kept by a socket that stops listening
            self._bound, drawn = _bound(host, self._bound.getsockname()[1], shared=False), self._bound
            drawn.close()
        self.host = host
        self.port: int = self._bound.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._factory: Callable[[], asyncio.Protocol] | None = None
        self._clock = clock
        self._closed_until = 0.0  # of `Clock.monotonic()`
        self._reopening: Timer | None = None
        _OPEN.add(self)

    async def open(self, factory: Callable[[], asyncio.Protocol]) -> None:
        self._factory = factory
        await self._listen()

    async def _listen(self) -> None:
        assert self._factory is not None
        # asyncio closes what it is given when it stops listening
        listening = self._bound.dup() if _CAN_STOP else _bound(self.host, self.port, shared=True)
        self._server = await asyncio.get_running_loop().create_server(self._factory, sock=listening, backlog=BACKLOG)

    def refuse(self, seconds: float) -> None:
        """Refuse new connections for that long. Called again, the later end counts."""
        now = self._clock.monotonic()
        self._closed_until = max(self._closed_until, now + seconds)
        if self._reopening is not None:
            self._reopening.cancel()
        self._stop_listening()
        self._reopen_in(self._closed_until - now)

    @property
    def is_refusing(self) -> bool:
        return self._reopening is not None

    def admit(self) -> None:
        """Accept connections again, if they are refused."""
        if self._reopening is not None:
            self._reopening.cancel()
            self._closed_until = self._clock.monotonic()
            self._reopen_in(0)

    def _reopen_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._reopening = self._clock.call_later(seconds, lambda: loop.create_task(self._reopen()))

    async def _reopen(self) -> None:
        self._reopening = None
        try:
            await self._listen()
        except (OSError, EmulatorError) as error:
            print(f"dynafault: cannot listen on port {self.port} again: {error}; trying on", file=sys.stderr)
            self._reopen_in(RETRY)

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            if _CAN_STOP:
                with suppress(OSError):
                    self._bound.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            self._reopening = None
        self._stop_listening()
        self._bound.close()
        _OPEN.discard(self)

    def descriptors(self) -> list[int]:
        """The descriptors of its sockets."""
        listening = [] if self._server is None else list(self._server.sockets)
        return [number for number in (self._bound.fileno(), *(one.fileno() for one in listening)) if number >= 0]


# In this process
_OPEN: WeakSet[Listener] = WeakSet()


def _let_go_in_child() -> None:
    """A forked child would hold the port for as long as it lives, and answer nobody there."""
    for listener in list(_OPEN):
        for number in listener.descriptors():
            with suppress(OSError):
                os.close(number)
    _OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_in_child)


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise EmulatorError(f"cannot listen on {host}: {error.strerror}; give --host an address of this machine") from None
    if os.name != "nt":
        # There it would let others take the port
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared and hasattr(socket, "SO_REUSEPORT"):
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise EmulatorError(_why(host, port, error)) from None
    return bound


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port, or --port 0 for a free one"
    return f"cannot listen on {host}:{port}: {error.strerror}; choose another address with --host and --port"
