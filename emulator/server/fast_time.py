"""An emulator that shares its time with its clients: what it waits for are timers of that time, and its connections say what they have
received and sent, so that time stands still while something is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from dynafault_time.connections import Route
from dynafault_time.real import NANOSECONDS
from dynafault_time.shared import SharedTime
from dynafault_time.shared import Timer as SharedTimer
from dynafault_time.turns import standing_still
from emulator.clock import SystemClock, Timer
from emulator.server.connection import Connection
from emulator.server.http import HttpServer
from emulator.server.programs import Programs, environment_of

_Result = TypeVar("_Result")


class _Source:
    """The shared time, as the emulator's clock reads it."""

    def __init__(self, shared: SharedTime) -> None:
        self._shared = shared

    def machine(self) -> float:
        return (self._shared.wall + self._shared.now) / NANOSECONDS

    def elapsed(self) -> float:
        return self._shared.now / NANOSECONDS

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        return self._shared.call_later(seconds, callback, _Posts(self._shared, asyncio.get_running_loop()))


class _Posts:
    """Runs timers that were made in a loop in that loop. Two objects for one loop are equal."""

    def __init__(self, shared: SharedTime, loop: asyncio.AbstractEventLoop) -> None:
        self._shared = shared
        self.loop = loop

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Posts) and self.loop is other.loop

    def __hash__(self) -> int:
        return id(self.loop)

    def __call__(self, timer: SharedTimer) -> None:
        try:
            self.loop.call_soon_threadsafe(self._do, timer)
        except RuntimeError:  # its loop is closed
            self._shared.done()

    def _do(self, timer: SharedTimer) -> None:
        """What it begins belongs to it."""
        result: object = None
        try:
            if not timer.is_cancelled:
                result = timer.callback()
        finally:
            if isinstance(result, asyncio.Future):
                result.add_done_callback(lambda _: self._shared.done())
            else:
                self._shared.done()


class _Counted(asyncio.Transport):
    """A transport that counts what is written, and says when something has been written."""

    def __init__(self, transport: asyncio.Transport, served: _Served) -> None:
        super().__init__()
        self._transport = transport
        self._served = served

    def write(self, data: Any) -> None:
        self._served.written += len(data)
        self._transport.write(data)
        self._served.soon()

    def close(self) -> None:
        self._served.is_closing = True
        self._transport.close()
        self._served.soon()

    def abort(self) -> None:
        self._served.is_closing = True
        self._transport.abort()
        self._served.soon()

    def write_eof(self) -> None:
        self._served.is_closing = True
        self._transport.write_eof()
        self._served.soon()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def uncounted(self) -> asyncio.Transport:
        return self._transport


class _Served(asyncio.Protocol):
    """A connection, standing between asyncio and whoever answers on it."""

    def __init__(self, connection: Connection, shared: SharedTime, look_after: Callable[[Connection], None]) -> None:
        self._connection = connection
        self._look_after = look_after
        self._shared = shared
        self._loop = asyncio.get_running_loop()
        self._will_tell = False
        self.received = 0
        self.written = self._written_before = 0
        self.is_lost = False
        self.is_closing = False

    @property
    def is_working(self) -> bool:
        """Not one whose answer has begun to go out: events go on for as long as their reader likes."""
        return self._connection.is_working and self.written == self._written_before

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._connection.connection_made(_Counted(transport, self))
        self.count(transport)

    def count(self, transport: asyncio.Transport) -> None:
        route = Route(transport.get_extra_info("sockname")[1], transport.get_extra_info("peername")[1])
        with self._shared.guard:
            self._shared.served[route] = self
        self._changed()

    def data_received(self, data: bytes) -> None:
        self._written_before = self.written
        self._connection.data_received(data)
        self.received += len(data)
        self._changed()

    def connection_lost(self, error: Exception | None) -> None:
        self._connection.connection_lost(error)
        self.is_lost = True
        self._changed()

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()
        self._look_after(self._connection)

    def eof_received(self) -> bool:
        return self._connection.eof_received()

    def soon(self) -> None:
        """When what is being done is done, look what is possible."""
        if not self._will_tell:
            self._will_tell = True
            self._loop.call_soon(self._tell)

    def _tell(self) -> None:
        self._will_tell = False
        self._changed()

    def _changed(self) -> None:
        """What its server will have to do in time, it must know before time moves."""
        self._look_after(self._connection)
        self._shared.changed()

    def watch(self) -> None:
        """From now on, on a connection that is open already."""
        transport = self._connection.transport
        self._connection.transport = _Counted(transport, self)
        transport.set_protocol(self)
        self.count(transport)

    def let_be(self) -> None:
        """The end of counting."""
        counted = self._connection.transport
        if isinstance(counted, _Counted):
            self._connection.transport = counted.uncounted()
            self._connection.transport.set_protocol(self._connection)
        self.is_lost = True


class Sharing:
    """A server that takes part in a shared time, from when this is made to its `end`. Touched from its loop only."""

    def __init__(self, server: HttpServer, clock: SystemClock, shared: SharedTime) -> None:
        self.time = shared
        self._server = server
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._served: list[_Served] = []
        clock.follow(_Source(shared))
        server.wrap = self._new
        server.plan_sweep()
        for connection in list(server.context.connections):
            if isinstance(connection, Connection):
                self._new(connection).watch()

    def _new(self, connection: Connection) -> _Served:
        self._served = [one for one in self._served if not one.is_lost]
        served = _Served(connection, self.time, self._server.look_after)
        self._served.append(served)
        return served

    def end(self) -> None:
        self._server.wrap = None
        for served in self._served:
            if not served.is_lost:
                served.let_be()
        self._clock.follow(None)
        self._server.plan_sweep()
        for seconds, timer in self.time.pending(_Posts(self.time, self._loop)):
            _again(self._loop, seconds, timer)


def _again(loop: asyncio.AbstractEventLoop, seconds: float, timer: SharedTimer) -> None:
    """What was to happen later happens as much later in the machine's time; who has the timer may still cancel it."""
    loop.call_later(seconds, lambda: None if timer.is_cancelled else timer.callback())


class FastTime:
    """What a running emulator has to do with fast time. May be used from any thread but its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, server: HttpServer, clock: SystemClock, port: int) -> None:
        self._loop = loop
        self._server = server
        self._clock = clock
        self._port = port
        self._sharing: Sharing | None = None
        # Where the last virtual time ended that programs had: for the next one, it goes on
        self._wall = 0
        self._is_for_programs = False
        self.programs_joined = 0

    @contextmanager
    def here(self) -> Iterator[None]:
        """In this process. Raises FastTimeError where it cannot be had."""
        from dynafault_time.session import fast_time, time_to_share

        own = self._sharing
        shared = time_to_share(None if own is None else own.time)
        if own is None:
            _in_loop(self._loop, lambda: self._begin(shared))
        try:
            with fast_time(shared, {self._port}):
                yield
        finally:
            if own is None:
                self._end_in_loop()

    @contextmanager
    def environment(self, present: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """For programs in processes of their own."""
        programs = _in_loop(self._loop, lambda: Programs(self._share, self._let_be, {self._port}))
        with standing_still("an emulator"):
            address = asyncio.run_coroutine_threadsafe(programs.open(), self._loop).result()
        try:
            yield environment_of(address, present)
        finally:
            if self._loop.is_running():
                _in_loop(self._loop, programs.close)

    def _begin(self, shared: SharedTime) -> None:
        self._sharing = Sharing(self._server, self._clock, shared)

    def _end(self) -> None:
        sharing, self._sharing = self._sharing, None
        if sharing is not None:
            sharing.end()

    def _end_in_loop(self) -> None:
        if self._loop.is_running():
            _in_loop(self._loop, self._end)
        else:
            self._clock.follow(None)

    def _share(self) -> SharedTime:
        """For a program."""
        self.programs_joined += 1
        if self._sharing is None:
            self._begin(SharedTime(max(self._wall, int(self._clock.machine() * NANOSECONDS))))
            self._is_for_programs = True
        assert self._sharing is not None
        return self._sharing.time

    def _let_be(self) -> None:
        """The last program has gone."""
        if self._is_for_programs and self._sharing is not None:
            self._wall = self._sharing.time.wall + self._sharing.time.now
            self._is_for_programs = False
            self._end()


def _in_loop(loop: asyncio.AbstractEventLoop, step: Callable[[], _Result]) -> _Result:
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            future.set_result(step())
        except BaseException as error:
            future.set_exception(error)

    with standing_still("an emulator"):
        loop.call_soon_threadsafe(run)
        return future.result()
