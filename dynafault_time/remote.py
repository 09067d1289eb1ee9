"""A time that another process moves: this one says when nobody in it runs, and is told when somebody may."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dynafault_time import real
from dynafault_time.connections import Wire
from dynafault_time.errors import FastTimeError
from dynafault_time.messages import Address, Idle, ancestors, line
from dynafault_time.turns import Turns

_Told = tuple[bool, "int | None", tuple[int, ...], tuple[Any, ...]]


class RemoteTime:
    """As `SharedTime`, for one process whose turns are `turns`. Raises FastTimeError where nobody is at the address any more."""

    is_remote = True

    def __init__(self, address: Address) -> None:
        self.guard = real.Guard()
        self.members: list[Turns] = []
        self.on_move: list[Callable[[int], None]] = []
        self.progress = 0
        self._number = 0
        self._told: _Told | None = None
        self._socket = socket.socket()
        try:
            self._socket.connect((address.host, address.port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._lines = self._socket.makefile("rb")
            self._say({"token": address.token, "process": os.getpid(), "ancestors": ancestors()})
            said = self._heard()
        except OSError as error:
            raise FastTimeError(f"nobody moves the time any more: {error.strerror}") from None
        if said is None:
            raise FastTimeError("nobody moves the time any more")
        self.now: int = said["now"]
        self.wall: int = said["wall"]
        self.monotonic: int = said["monotonic"]
        self.ports: set[int] = set(said["ports"])

    def listen(self) -> None:
        """Do what is said, in a thread of its own, which begins before anything is replaced."""
        threading.Thread(target=self._run, name="dynafault-told", daemon=True).start()

    def add(self, turns: Turns) -> None:
        self.members.append(turns)

    def remove(self, turns: Turns) -> None:
        self.members.remove(turns)
        self.leave()

    def leave(self) -> None:
        # Also wakes who listens
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.close()

    def close(self) -> None:
        """This process's end of the connection alone."""
        self._socket.close()

    def changed(self) -> None:
        with self.guard:
            self.progress += 1
            self.go_on()

    def go_on(self) -> None:
        """Let go on who can without anybody else's leave, or say that nobody runs."""
        with self.guard:
            for turns in self.members:
                self._tell(turns)

    def is_known(self, process: int) -> bool:
        """Asked of the process that moves the time; here, what comes through a pipe is assumed to come from a process that takes part."""
        return process == -1

    def expect(self, process: int) -> None:
        """Time waits a while for a process that was started from here to take part."""
        with self.guard:
            self._say({"expects": process})

    def _tell(self, turns: Turns) -> None:
        if turns.is_running:
            return
        is_ready = turns.look()
        if is_ready and not turns.wires.has_moved:
            self._resume(turns)
            return
        wires = turns.open_wires
        state = (is_ready, turns.due, turns.outside_processes, tuple(_state_of(wire) for wire in wires))
        if state != self._told:
            self._number += 1
            self._told = state
            self._say(Idle(self._number, *state[:3], tuple(wires)).to_json())

    def _resume(self, turns: Turns) -> None:
        if self._told is not None:
            self._told = None
            self._number += 1
            self._say({"busy": self._number})
        turns.resume()

    def _run(self) -> None:
        real.keep_machine_time()
        while (said := self._heard()) is not None:
            with self.guard:
                self._do(said)
        with self.guard:
            for turns in self.members:
                turns.finish()

    def _do(self, said: dict[str, Any]) -> None:
        self.move_to(said["now"])
        for turns in self.members:
            if "check" in said:
                self._confirm(turns, said["check"])
            elif said.get("go") == self._number and not turns.is_running:
                self._told = None
                turns.settled({})
                if turns.look():
                    turns.resume()
                else:
                    self._tell(turns)

    def move_to(self, moment: int) -> None:
        if moment > self.now:
            for move in self.on_move:
                move(moment - self.now)
            self.now = moment

    def _confirm(self, turns: Turns, check: int) -> None:
        """Whether it is still as was said: what other programs have done since may have come."""
        if not turns.is_running:
            self._tell(turns)
        self._say({"confirmed": check, "number": self._number})

    def _say(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # the end of it is heard
            real.send_all(self._socket, line(message))

    def _heard(self) -> dict[str, Any] | None:
        try:
            text = self._lines.readline()
            return json.loads(text) if text else None
        except (OSError, ValueError):
            return None


def _state_of(wire: Wire) -> tuple[Any, ...]:
    return (*wire.route, wire.sent, wire.received, wire.is_closed, wire.has_ended, wire.is_awaited)
