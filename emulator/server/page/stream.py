"""What the live page is told as it happens: server-sent events, a few each second however many requests come.

event: rows     exchanges that have come or changed since the event before, and how many more than it could carry
event: state    scenario, phase, clock, rules and figures, when one of them has changed
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice

import orjson

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.scenario import Scenario
from emulator.server.page.rows import row_json
from emulator.server.page.state import state_json

# Seconds between events
INTERVAL = 0.25
# Exchanges of one event: four thousand a second are more than anybody sees, and each takes time that requests would have
MAX_ROWS = 1_000


class RowStream:
    """One reader's events. An Observer while `lines` is read: who serves a request only puts it down here, and what it comes to is
    worked out in the reader's thread, once for each event. Guarded by its lock."""

    def __init__(self, core: EmulatorCore) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._changed: dict[int, Exchange] = {}
        self._missed: set[int] = set()
        self._never = threading.Event()
        self._told = b""

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        """The next `state` tells it."""

    def exchanged(self, exchange: Exchange) -> None:
        with self._lock:
            if len(self._changed) < MAX_ROWS or exchange.id in self._changed:
                self._changed[exchange.id] = exchange
            else:
                self._missed.add(exchange.id)

    def delivered(self, exchange: Exchange) -> None:
        if exchange.id not in self._missed:
            self.exchanged(exchange)

    def lines(self) -> Iterator[bytes]:
        """Without end, from now on, until it is closed."""
        self._core.observe(self)
        try:
            while True:
                # A comment keeps the connection open, and shows whether the reader is still there
                yield b"".join((self._rows(), self._state())) or b":\n\n"
                self._core.clock.wait(self._never, INTERVAL)
        finally:
            self._core.unsubscribe(self)

    def _rows(self) -> bytes:
        with self._lock:
            changed, missed = self._changed, len(self._missed)
            self._changed, self._missed = {}, set()
        if not changed:
            return b""
        now = round((self._core.clock.monotonic() - self._core.started) * 1000, 2)
        rows = [row_json(entry, self._core) for entry in islice(changed.values(), MAX_ROWS) if entry.id]
        return _event(b"rows", orjson.dumps({"now": now, "rows": rows, "missed": missed}))

    def _state(self) -> bytes:
        told = orjson.dumps(state_json(self._core))
        if told == self._told:
            return b""
        self._told = told
        return _event(b"state", told)


def _event(name: bytes, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name, data)
