"""What happened, in order: one entry for each exchange, with the one fact that only the server knows, whether the write was applied.

The journal is bounded in entries and in bytes; what falls out is counted, and reports say so. It records, it does not judge: grouping is
`calls`, judging is `audit`."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.messages import Call, HttpReply, HttpRequest, WirePlan

MOST_ENTRIES = 100_000
MOST_BYTES = 256 * 1024 * 1024
# What an entry costs beside its bodies: headers, parameters, the objects themselves
_ENTRY_OVERHEAD = 2_000


@dataclass(slots=True)
class Exchange:
    """One exchange.

    `time` is the emulator's wall clock in seconds; `call` is None for a request that was refused before it could be understood.
    `call_id` and `attempt` say which logical call of the client it belongs to and which attempt of it this is, from 1. `rule` and
    `fault` name what the scenario did to it, "" for nothing. `error` is the name of the error answered, "" for success.
    `applied` is True where a write was really carried out, False where it was not, None for an operation that writes nothing.
    `key_names` are the key attributes of the tables that it wrote to, None where it wrote nothing. `bug` is a failure of the
    emulator itself, "" normally.

    `plan` is what the server is to do with `reply` other than sending it at once. The rest the server fills in, in seconds of
    `Clock.monotonic()`: `first_byte` when the answer began to go out, `ended` when its last byte was handed over or the
    connection was gone, None while it is under way. `sent` counts bytes; `how` becomes "sent", "reset", "closed", "hung" or
    "client-closed"."""

    time: float
    request: HttpRequest
    call: Call | None
    reply: HttpReply
    call_id: str = ""
    attempt: int = 0
    rule: str = ""
    fault: str = ""
    error: str = ""
    applied: bool | None = None
    key_names: Mapping[str, tuple[str, ...]] | None = None
    bug: str = ""
    plan: WirePlan | None = None
    first_byte: float | None = None
    ended: float | None = None
    sent: int = 0
    how: str = "pending"
    id: int = 0

    @property
    def operation(self) -> str:
        return self.call.operation if self.call else ""

    @property
    def client(self) -> str:
        """The SDK as its User-Agent names it first, e.g. "Boto3/1.44.5"."""
        return self.request.headers.get("user-agent", "").partition(" ")[0]

    def to_json(self, *, bodies: bool = True) -> dict[str, Any]:
        """The entry in the journal's published form; times in seconds since 1970, durations in milliseconds."""
        call = self.call
        record: dict[str, Any] = {
            "id": self.id,
            "time": self.time,
            "service": call.service if call else "",
            "operation": self.operation,
            "tables": list(call.tables) if call else [],
            "region": call.region if call else "",
            "client": self.client,
            "invocation": call.invocation if call else "",
            "call": self.call_id,
            "attempt": self.attempt,
            "rule": self.rule or None,
            "fault": self.fault or None,
            "status": self.reply.status,
            "error": self.error or None,
            "applied": self.applied,
            "delivery": self.how,
            "duration_ms": None if self.ended is None else round((self.ended - self.request.arrived) * 1000, 3),
        }
        if self.bug:
            record["bug"] = self.bug
        if bodies:
            record["request"] = {"headers": self.request.headers, "body": readable(self.request.body)}
            record["response"] = {"status": self.reply.status, "headers": dict(self.reply.headers), "body": readable(self.reply.body)}
        return record


def readable(body: bytes) -> Any:
    """A body as JSON if it is JSON, else as text; bytes that are no text come as their \\x.. escapes."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "backslashreplace")


class Journal:
    """Owns the entries, under one lock. Ids count from 1 and never repeat, so that a gap shows what was dropped."""

    def __init__(self, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._entries: deque[Exchange] = deque()
        self._bytes = 0
        self._last_id = 0
        self._dropped = 0

    def add(self, entry: Exchange) -> None:
        """Record an exchange, before the first byte of its answer leaves: who saw the answer finds it here."""
        cost = _cost(entry)
        with self._lock:
            self._last_id += 1
            entry.id = self._last_id
            self._entries.append(entry)
            self._bytes += cost
            while self._bytes > self._most_bytes or len(self._entries) > self._most_entries:
                self._bytes -= _cost(self._entries.popleft())
                self._dropped += 1

    def entries(self) -> list[Exchange]:
        """A snapshot, oldest first."""
        with self._lock:
            return list(self._entries)

    def find(self, entry_id: int) -> Exchange | None:
        return next((entry for entry in self.entries() if entry.id == entry_id), None)

    @property
    def dropped(self) -> int:
        """How many entries fell out since the last `clear`."""
        return self._dropped

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0
            self._dropped = 0

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self._entries)


def _cost(entry: Exchange) -> int:
    return len(entry.request.body) + len(entry.reply.body) + _ENTRY_OVERHEAD
