"""The listening socket, which a fault may close for a while: then connections are refused.

A second socket holds the port and never listens. Without it, an unlucky client that retries while nobody listens could be given
the very port as its own source port and find itself connected to itself."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

from emulator.aws.errors import EmulatorError
from emulator.clock import Clock, Timer

BACKLOG = 1024


class Listener:
    """Raises EmulatorError where the address cannot be had. `port` 0 takes a free one; the attribute says which."""

    def __init__(self, host: str, port: int, clock: Clock) -> None:
        if port:
            # Sockets that share a port by SO_REUSEPORT would hide that another emulator has it
            _bound(host, port, shared=False).close()
        self._holder = _bound(host, port, shared=True)
        self.host = host
        self.port: int = self._holder.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._factory: Callable[[], asyncio.Protocol] | None = None
        self._clock = clock
        self._closed_until = 0.0  # of `Clock.monotonic()`
        self._reopening: Timer | None = None

    async def open(self, factory: Callable[[], asyncio.Protocol]) -> None:
        self._factory = factory
        await self._listen()

    async def _listen(self) -> None:
        assert self._factory is not None
        loop = asyncio.get_running_loop()
        listening = _bound(self.host, self.port, shared=True)
        self._server = await loop.create_server(self._factory, sock=listening, backlog=BACKLOG)

    def refuse(self, seconds: float) -> None:
        """Refuse new connections for that long. Called again, the later end counts."""
        loop = asyncio.get_running_loop()
        now = self._clock.monotonic()
        self._closed_until = max(self._closed_until, now + seconds)
        if self._reopening is not None:
            self._reopening.cancel()
        if self._server is not None:
            self._server.close()
            self._server = None
        self._reopening = self._clock.call_later(self._closed_until - now, lambda: loop.create_task(self._reopen()))

    async def _reopen(self) -> None:
        self._reopening = None
        await self._listen()

    def close(self) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            self._reopening = None
        if self._server is not None:
            self._server.close()
            self._server = None
        self._holder.close()


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise EmulatorError(f"cannot listen on {host}: {error.strerror}; give --host an address of this machine") from None
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
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
