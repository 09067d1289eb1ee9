"""What is under way between clients and emulators: bytes that one side has sent and the other has not read yet."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


class Route(NamedTuple):
    """A TCP connection to an emulator of this machine, by the ports of both sides."""

    server: int
    client: int


class Served(Protocol):
    """A connection as the emulator's side sees it. Bytes count from when it is watched. `is_working`: the emulator has a request and is
    neither done with it nor holding it back."""

    received: int
    written: int
    is_lost: bool
    is_closing: bool

    @property
    def is_working(self) -> bool: ...


@dataclass(slots=True, eq=False)
class Wire:
    """A connection as its client sees it. `has_ended`: the client has seen the end of it. `is_awaited`: somebody waits for bytes of it,
    and none are there."""

    route: Route
    descriptor: int
    is_blocking: bool = True
    sent: int = 0
    received: int = 0
    is_closed: bool = False
    has_ended: bool = False
    is_awaited: bool = False


def is_settled(wire: Wire, served: Served | None) -> bool:
    """Whether nothing is under way on a connection, in either direction, and the emulator has nothing to do for it."""
    if wire.has_ended:
        return served is None or served.is_lost or not wire.is_closed
    if served is None:
        return wire.is_closed
    if wire.is_closed:
        return served.is_lost
    if served.is_lost or served.is_closing:
        return not wire.is_awaited
    if wire.sent > served.received or served.is_working:
        return False
    return not (wire.is_awaited and served.written > wire.received)


class Wires:
    """The connections of this process to the emulators at `ports`. Whoever uses it has the lock of the time."""

    def __init__(self) -> None:
        self.ports: set[int] = set()
        self.open: dict[Route, Wire] = {}
        self._of_socket: weakref.WeakKeyDictionary[Any, Wire | None] = weakref.WeakKeyDictionary()
        # Whether anything has been sent, opened or closed since everything was settled
        self.has_moved = False

    def of(self, socket: Any) -> Wire | None:
        """The connection of a socket; None where it leads elsewhere."""
        try:
            return self._of_socket[socket]
        except KeyError:
            return self._found(socket)

    def _found(self, socket: Any) -> Wire | None:
        try:
            host, server = socket.getpeername()[:2]
            client = socket.getsockname()[1]
        except (OSError, ValueError, TypeError):
            return None  # not connected yet, or no connection of TCP
        if server not in self.ports or not isinstance(host, str) or not _is_local(host):
            self._of_socket[socket] = None
            return None
        wire = Wire(Route(server, client), socket.fileno())
        self.open[wire.route] = wire
        self._of_socket[socket] = wire
        weakref.finalize(socket, self.closed, wire).atexit = False
        self.has_moved = True
        return wire

    def forget(self, socket: Any) -> None:
        """It is about to be connected."""
        self._of_socket.pop(socket, None)

    def closed(self, wire: Wire) -> None:
        wire.is_closed = True
        self.has_moved = True

    def drop_finished(self, served: dict[Route, Served]) -> None:
        """Forget those that both sides are done with."""
        for route, wire in list(self.open.items()):
            there = served.get(route)
            if wire.is_closed and (there is None or there.is_lost):
                del self.open[route]
                served.pop(route, None)


def _is_local(host: str) -> bool:
    return host.startswith("127.") or host in ("::1", "::ffff:127.0.0.1")
