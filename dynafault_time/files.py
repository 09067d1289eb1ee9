"""Waits for files: selectors (and with them asyncio), select, poll, epoll, and sockets with and without a time-out."""

from __future__ import annotations

import select
import selectors
import socket
import weakref
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from dynafault_time import real
from dynafault_time.connections import Wire
from dynafault_time.patching import Patch
from dynafault_time.turns import Turns, Wake, current
from dynafault_time.waiting import Files, events_of


def patches() -> list[Patch]:
    found = [Patch(kind, "select", _selecting(kind)) for kind in real.SELECTORS]
    found.append(Patch(select, "select", _select))
    found.append(Patch(select, "poll", _Poll))
    if hasattr(select, "epoll"):
        found.append(Patch(select.epoll, "poll", _polling_epoll()))
    found += [Patch(real.Socket, name, _receiving(name)) for name in ("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg")]
    found += [Patch(real.Socket, name, _sending(name)) for name in ("send", "sendall", "sendmsg")]
    found += [Patch(real.Socket, name, _connecting(name)) for name in ("connect", "connect_ex")]
    found += [Patch(real.Socket, "accept", _accept), Patch(real.Socket, "_real_close", _close), Patch(real.Socket, "detach", _detach)]
    return found


# --- several files at once


def _wait(turns: Turns, files: Files, seconds: float | None, what: str) -> tuple[bool, float | None]:
    """Whether that is it: what is ready now is all that there will be; else the seconds that are left in the machine's time."""
    if seconds is not None and seconds <= 0:
        with turns.guard:
            is_quiet = not turns.wires.has_moved
        if is_quiet:
            return True, None
        seconds = 0.0
    elif not turns.wires.has_moved and events_of([files]):
        return True, None
    began = turns.time.now
    if turns.wait_for_files(files, seconds, what, is_selecting=True) is not Wake.OVER:
        return True, None
    return False, None if seconds is None else turns.left(began + real.nanoseconds(seconds))


def _selecting(kind: Any) -> Any:
    select_now = kind.select

    def select_(self: Any, timeout: float | None = None) -> Any:
        turns = current()
        if turns is None:
            return select_now(self, timeout)
        is_it, left = _wait(turns, _files_of_selector(self), timeout, "files")
        found = select_now(self, 0 if is_it else left)
        if not found and timeout == 0 and kind is not selectors.DefaultSelector:
            turns.look_took_time()
        return found

    return select_


def _files_of_selector(selector: Any) -> Files:
    if hasattr(selector, "fileno"):
        return ((selector.fileno(), 0),)
    files: list[tuple[int, int]] = []
    for key in selector.get_map().values():
        files += [(key.fd, writes) for writes in (0, 1) if key.events >> writes & 1]
    return tuple(files)


def _select(readers: Any, writers: Any, broken: Any, timeout: float | None = None) -> Any:
    turns = current()
    if turns is None or timeout == 0:
        return real.select_files(readers, writers, broken, timeout)
    readers, writers, broken = list(readers), list(writers), list(broken)
    files = tuple([(_descriptor(one), 0) for one in (*readers, *broken)] + [(_descriptor(one), 1) for one in writers])
    is_it, left = _wait(turns, files, timeout, "files")
    return real.select_files(readers, writers, broken, 0 if is_it else left)


def _descriptor(file: Any) -> int:
    return file if isinstance(file, int) else int(file.fileno())


class _Poll:
    """`select.poll`, with a list of its files. Numbers and masks are poll's, time-outs its milliseconds."""

    def __init__(self) -> None:
        self._poll = real.new_poll()
        self._files: dict[int, int] = {}

    def register(self, fd: Any, eventmask: int = select.POLLIN | select.POLLPRI | select.POLLOUT) -> None:
        self._poll.register(fd, eventmask)
        self._files[_descriptor(fd)] = eventmask

    def modify(self, fd: Any, eventmask: int) -> None:
        self._poll.modify(fd, eventmask)
        self._files[_descriptor(fd)] = eventmask

    def unregister(self, fd: Any) -> None:
        self._poll.unregister(fd)
        self._files.pop(_descriptor(fd), None)

    def poll(self, timeout: float | None = None) -> Any:
        turns = current()
        if turns is None:
            return self._poll.poll(timeout)
        files = [(one, 0) for one, mask in self._files.items() if mask & (select.POLLIN | select.POLLPRI)]
        files += [(one, 1) for one, mask in self._files.items() if mask & select.POLLOUT]
        if timeout == 0:
            return self._poll.poll(0)
        is_it, left = _wait(turns, tuple(files), None if timeout is None or timeout < 0 else timeout / 1000, "files")
        return self._poll.poll(0 if is_it else (None if left is None else left * 1000))


def _polling_epoll() -> Any:
    poll_now: Any = select.epoll.poll

    def poll(self: Any, timeout: float | None = None, maxevents: int = -1) -> Any:
        turns = current()
        if turns is None:
            return poll_now(self, timeout, maxevents)
        seconds = None if timeout is None or timeout < 0 else timeout
        is_it, left = _wait(turns, ((self.fileno(), 0),), seconds, "files")
        return poll_now(self, 0 if is_it else left, maxevents)

    return poll


# --- one socket


def _receiving(name: str) -> Any:
    receive: Any = getattr(real.Socket, name)

    def receive_(self: Any, *args: Any, **kwargs: Any) -> Any:
        turns = current()
        if turns is None:
            return receive(self, *args, **kwargs)
        wire = turns.wires.of(self)
        timeout = self.gettimeout()
        if wire is not None:
            wire.is_blocking = timeout != 0
        if timeout == 0:
            return _counted(turns, wire, receive(self, *args, **kwargs))
        with _readable(turns, self, wire, timeout):
            return _counted(turns, wire, receive(self, *args, **kwargs))

    return receive_


def _counted(turns: Turns, wire: Wire | None, received: Any) -> Any:
    if wire is not None:
        first = received[0] if isinstance(received, tuple) else received
        count = first if isinstance(first, int) else len(first)
        with turns.guard:
            wire.received += count
            wire.has_ended = wire.has_ended or not count
    return received


def _readable(turns: Turns, one: Any, wire: Wire | None, timeout: float | None) -> AbstractContextManager[None]:
    """In which the socket may be read. Raises TimeoutError where it took too long."""
    if wire is None and not _has_its_peer_here(one):
        return turns.outside_time("a socket", passes=False)
    if wire is None and events_of([((one.fileno(), 0),)]):
        return nullcontext()
    began = turns.time.now
    wake = turns.wait_for_files(((one.fileno(), 0),), timeout, "a socket")
    if wake is Wake.DUE:
        raise TimeoutError("timed out")
    if wake is Wake.OVER and timeout is not None and not _is_readable_within(one, turns.left(began + real.nanoseconds(timeout))):
        raise TimeoutError("timed out")
    return nullcontext()


def _is_readable_within(one: Any, seconds: float | None) -> bool:
    poller = real.new_poll()
    poller.register(one.fileno(), select.POLLIN)
    return bool(real.poll(poller, None if seconds is None else seconds * 1000))


# The sockets of this process that were connected or accepted meanwhile, by their own address and that of the other side
_here: weakref.WeakValueDictionary[tuple[Any, Any], Any] = weakref.WeakValueDictionary()


def _has_its_peer_here(one: Any) -> bool:
    """Whether what this socket waits for comes from this process, so that its wait is one for a thread of it."""
    try:
        own, other = one.getsockname(), one.getpeername()
    except OSError:
        return bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    return not other or (other, own) in _here  # unnamed: one half of a pair


def _note(one: Any) -> None:
    with suppress(OSError):
        _here[one.getsockname(), one.getpeername()] = one


def _sending(name: str) -> Any:
    send: Any = getattr(real.Socket, name)

    def send_(self: Any, *args: Any, **kwargs: Any) -> Any:
        turns = current()
        wire = None if turns is None else turns.wires.of(self)
        sent = send(self, *args, **kwargs)
        if turns is not None and wire is not None:
            with turns.guard:
                turns.wires.has_moved = True
                wire.is_blocking = self.gettimeout() != 0
                wire.sent += memoryview(args[0]).nbytes if sent is None else sent
        return sent

    return send_


def _connecting(name: str) -> Any:
    connect: Any = getattr(real.Socket, name)

    def connect_(self: Any, address: Any) -> Any:
        turns = current()
        if turns is None:
            return connect(self, address)
        turns.wires.forget(self)
        try:
            return connect(self, address)
        finally:
            turns.wires.of(self)
            _note(self)

    return connect_


def _accept(self: Any) -> Any:
    turns = current()
    if turns is None or self.gettimeout() == 0:
        accepted = _accept_now(self)
    else:
        with _readable(turns, self, None, self.gettimeout()):
            accepted = _accept_now(self)
    if turns is not None:
        _note(accepted[0])
    return accepted


def _close(self: Any, *args: Any) -> None:
    _closing(self)
    _close_now(self, *args)


def _detach(self: Any) -> int:
    _closing(self)
    return int(_detach_now(self))


def _closing(one: Any) -> None:
    turns = current()
    wire = None if turns is None else turns.wires.of(one)
    if turns is not None and wire is not None:
        with turns.guard:
            turns.wires.closed(wire)


_accept_now: Any = real.Socket.accept
_close_now: Any = real.Socket._real_close
_detach_now: Any = real.Socket.detach
