"""What programs in fast time and the process that moves the time tell each other: one JSON object a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dynafault_time.connections import Route, Wire

# HOST:PORT:TOKEN of who moves the time, for programs that are to follow it
VARIABLE = "DYNAFAULT_FAST_TIME"
# Of a line; somebody who sends more is no program of ours
MAX_LINE = 1_000_000


class Address(NamedTuple):
    host: str
    port: int
    token: str

    def text(self) -> str:
        return f"{self.host}:{self.port}:{self.token}"

    @classmethod
    def of(cls, text: str) -> Address:
        """Raises ValueError for a text that is none."""
        host, port, token = text.split(":")
        return cls(host, int(port), token)


class Idle(NamedTuple):
    """Nobody in a program runs. `is_ready`: somebody can go on, at once; `due`: when somebody can, in nanoseconds; `outside`: the
    processes that its threads wait for, -1 for one that is not known, and 0 for something else. `number` counts what a program has said."""

    number: int
    is_ready: bool
    due: int | None
    outside: tuple[int, ...]
    wires: tuple[Wire, ...]

    def to_json(self) -> dict[str, Any]:
        wires = [(*wire.route, wire.sent, wire.received, wire.is_closed, wire.has_ended, wire.is_awaited) for wire in self.wires]
        return {"idle": self.number, "ready": self.is_ready, "due": self.due, "outside": self.outside, "wires": wires}

    @classmethod
    def of(cls, said: dict[str, Any]) -> Idle:
        wires = tuple(
            Wire(Route(server, client), -1, True, sent, received, is_closed, has_ended, is_awaited)
            for server, client, sent, received, is_closed, has_ended, is_awaited in said["wires"]
        )
        return cls(said["idle"], said["ready"], said["due"], tuple(said["outside"]), wires)


def line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def ancestors() -> list[int]:
    """The processes that this one comes from, as far as the system tells."""
    return list(_upwards(os.getppid()))


def _upwards(process: int) -> Iterator[int]:
    while process > 1:
        yield process
        try:
            process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            return
