"""Programs in processes of their own that share an emulator's time: they say when nobody in them runs, and are told when somebody may.

As long as none is there, the emulator's time is the machine's."""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

import dynafault_time
from dynafault_time.connections import Route, Served, Wire
from dynafault_time.kernel import has_ended, is_python
from dynafault_time.messages import MAX_LINE, VARIABLE, Address, Idle, line
from dynafault_time.shared import SharedTime

# Put in front of a program's own, if it has any
_STARTUP = os.path.join(os.path.dirname(dynafault_time.__file__), "startup")

# Seconds of real time in which a process takes part, if it does: one of Python's, and a shell that starts one
_PYTHON_STARTS, _OTHERS_START = 5.0, 0.5


class Program(asyncio.Protocol):
    """One program. Everything here belongs to whoever holds the guard of the time."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._processes: list[int] = []
        # Until it has joined: one of its own
        self.time = SharedTime(0)
        self._has_joined = False
        # The processes that it has started, and that have not come in yet
        self._expected: set[int] = set()
        self._idle: Idle | None = None
        self._is_sure = False
        # How often it was asked whether all is as it said, and the question to which there is no answer yet
        self._checks = self._asked = 0

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        try:
            if len(self._buffer) > MAX_LINE:
                raise ValueError("a line without an end")
            for one in lines:
                self._hear(orjson.loads(one))
        except (ValueError, KeyError, TypeError):
            self.close()  # no program of ours

    def connection_lost(self, error: Exception | None) -> None:
        if self._has_joined:
            with self.time.guard:
                self.time.remove(self)
                self.time.on_move.remove(self._tell)
                self.time.processes.subtract(self._processes)
                self.time.processes += Counter()
        self._programs.left(self)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # --- what it says

    def _hear(self, said: dict[str, Any]) -> None:
        if not self._has_joined:
            self._join(said)
            return
        with self.time.guard:
            if "expects" in said:
                self._expect(int(said["expects"]))
            elif "confirmed" in said:
                is_as_said = self._idle is not None and said["number"] == self._idle.number
                self._is_sure = self._is_sure or (is_as_said and said["confirmed"] == self._asked)
            else:
                self._idle = Idle.of(said) if "idle" in said else None
                self._programs.doubt()
            self.time.changed()

    def _join(self, said: dict[str, Any]) -> None:
        if not hmac.compare_digest(str(said["token"]), self._programs.token):
            raise ValueError("a stranger")
        self._processes = [int(one) for one in (said["process"], *said["ancestors"])]
        self.time = moved = self._programs.joined(self)
        with moved.guard:
            moved.add(self)
            moved.on_move.append(self._tell)
            moved.processes.update(self._processes)
            self._has_joined = True
            ports = sorted(self._programs.ports)
            self._say({"now": moved.now, "wall": moved.wall, "monotonic": moved.monotonic, "ports": ports})

    def _tell(self, nanoseconds: int) -> None:
        self._say({"now": self.time.now + nanoseconds})

    def _expect(self, process: int) -> None:
        """A program that was just started takes a moment to join, if it will."""
        self._expected.add(process)
        patience = _PYTHON_STARTS if is_python(process) else _OTHERS_START
        self._programs.loop.call_later(patience, self._expect_no_more, process)

    def _expect_no_more(self, process: int) -> None:
        with self.time.guard:
            self._expected.discard(process)
            self.time.changed()

    def _say(self, message: dict[str, Any]) -> None:
        assert self._transport is not None
        if threading.get_ident() == self._programs.thread:
            self._transport.write(line(message))
        else:
            self._programs.loop.call_soon_threadsafe(self._transport.write, line(message))

    # --- as a member of the time

    @property
    def is_running(self) -> bool:
        return self._idle is None

    def look(self) -> bool:
        return self._idle is not None and (self._idle.is_ready or (self._idle.due is not None and self._idle.due <= self.time.now))

    @property
    def is_outside(self) -> bool:
        self._expected = {one for one in self._expected if not self.time.is_known(one) and not has_ended(one)}
        return bool(self._expected) or (self._idle is not None and any(not self._is_known(process) for process in self._idle.outside))

    def _is_known(self, process: int) -> bool:
        """What comes through a pipe is taken to come from another program, where there is one."""
        return self._programs.are_several if process == -1 else self.time.is_known(process)

    @property
    def due(self) -> int | None:
        return None if self._idle is None else self._idle.due

    @property
    def open_wires(self) -> Iterable[Wire]:
        return () if self._idle is None else self._idle.wires

    def is_sure(self) -> bool:
        if self._is_sure or len(self.time.members) == 1:
            return True
        if not self._asked:
            self._checks += 1
            self._asked = self._checks
            self._say({"now": self.time.now, "check": self._asked})
        return False

    def doubt(self) -> None:
        """Ask the program again whether it still is as it said."""
        self._is_sure, self._asked = False, 0

    def settled(self, served: dict[Route, Served]) -> None:
        for wire in self.open_wires:
            if wire.is_closed:
                served.pop(wire.route, None)

    def resume(self) -> None:
        assert self._idle is not None
        number, self._idle = self._idle.number, None
        self._programs.doubt()
        self._say({"now": self.time.now, "go": number})


class Programs:
    """Where they come in. `share` gives each the time, `let_be` is told when the last one has gone. Lives in the event
    loop of the emulator at `ports`."""

    def __init__(self, share: Callable[[], SharedTime], let_be: Callable[[], None], ports: set[int]) -> None:
        self._share = share
        self._let_be = let_be
        self.ports = ports
        self.token = secrets.token_hex(16)
        self.loop = asyncio.get_running_loop()
        self.thread = threading.get_ident()
        self._server: asyncio.Server | None = None
        self._open: set[Program] = set()

    async def open(self) -> Address:
        self._server = await self.loop.create_server(lambda: Program(self), "127.0.0.1", 0)
        return Address("127.0.0.1", self._server.sockets[0].getsockname()[1], self.token)

    def joined(self, program: Program) -> SharedTime:
        self._open.add(program)
        self.doubt()
        return self._share()

    def left(self, program: Program) -> None:
        if program in self._open:
            self._open.discard(program)
            self.doubt()
            program.time.changed()
            if not self._open:
                self._let_be()

    def doubt(self) -> None:
        """One of the programs has done something that may have woken another, which has not said so yet."""
        for program in self._open:
            program.doubt()

    @property
    def are_several(self) -> bool:
        return len(self._open) > 1

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for program in list(self._open):
            program.close()


def environment_of(address: Address, present: Mapping[str, str]) -> dict[str, str]:
    """A whole environment in which Python programs follow the time at an address."""
    path = os.pathsep.join(one for one in (_STARTUP, present.get("PYTHONPATH", "")) if one)
    return {**present, "PYTHONPATH": path, VARIABLE: address.text()}
