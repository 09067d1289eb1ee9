"""Each exchange as it happens, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

event: exchange     an answer is ready: the entry of the journal, without bodies
event: delivered    it is out, or its connection gone: the entry again
event: scenario     another scenario has been loaded: its name and seed
event: dropped      the reader was too slow: how many events it missed
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import orjson

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.scenario import Scenario

MAX_WAITING = 10_000
# A comment after so many seconds of silence: it keeps the connection open, and shows whether the reader is still there
HEARTBEAT = 0.25


class EventStream:
    """One reader's events. An Observer while `lines` is read; what the reader does not take in time is counted and dropped. Guarded by its
    lock."""

    def __init__(self, emulator: EmulatorCore) -> None:
        self._emulator = emulator
        self._waiting: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._missed = 0

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        self._put("scenario", {"name": scenario.name, "seed": seed})

    def exchanged(self, exchange: Exchange) -> None:
        self._put("exchange", exchange.to_json(bodies=False))

    def delivered(self, exchange: Exchange) -> None:
        self._put("delivered", exchange.to_json(bodies=False))

    def lines(self) -> Iterator[bytes]:
        """Without end, from now on, until it is closed."""
        self._emulator.observe(self)
        try:
            while True:
                is_ready = self._emulator.clock.wait(self._ready, HEARTBEAT)
                yield self._taken() if is_ready else b":\n\n"
        finally:
            self._emulator.unsubscribe(self)

    def _put(self, event: str, data: dict[str, Any]) -> None:
        encoded = _encoded(event, data)
        with self._lock:
            if len(self._waiting) < MAX_WAITING:
                self._waiting.append(encoded)
            else:
                self._missed += 1
            self._ready.set()

    def _taken(self) -> bytes:
        """All that waits, and what had to be dropped."""
        with self._lock:
            events = list(self._waiting)
            if self._missed:
                events.append(_encoded("dropped", {"events": self._missed}))
            self._waiting.clear()
            self._missed = 0
            self._ready.clear()
        return b"".join(events)


def _encoded(event: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(data))
