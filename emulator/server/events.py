"""Each exchange as it happens, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

event: exchange     an answer is ready: the entry of the journal, without bodies
event: delivered    it is out, or its connection gone: the entry again
event: scenario     another scenario has been loaded: its name and seed
event: dropped      the reader was too slow: how many events it missed
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import orjson

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.scenario import Scenario

MOST_WAITING = 10_000
# A comment after so many seconds of silence: it keeps the connection open, and shows whether the reader is still there
HEARTBEAT = 0.25


class EventStream:
    """One reader's events. An Observer while `lines` is read; what the reader does not take in time is counted and dropped."""

    def __init__(self, emulator: EmulatorCore) -> None:
        self._emulator = emulator
        self._waiting: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._missed = 0

    def began(self, scenario: Scenario, seed: int, now: float) -> None:
        self._put("scenario", {"name": scenario.name, "seed": seed})

    def exchanged(self, entry: Exchange) -> None:
        self._put("exchange", entry.to_json(bodies=False))

    def delivered(self, entry: Exchange) -> None:
        self._put("delivered", entry.to_json(bodies=False))

    def lines(self) -> Iterator[bytes]:
        """Without end, from now on, until it is closed."""
        self._emulator.observe(self)
        try:
            while True:
                try:
                    yield self._waiting.get(timeout=HEARTBEAT)
                except queue.Empty:
                    yield b":\n\n"
                if self._missed:
                    yield self._missing()
        finally:
            self._emulator.unsubscribe(self)

    def _put(self, event: str, data: dict[str, Any]) -> None:
        try:
            self._waiting.put_nowait(_encoded(event, data))
        except queue.Full:
            with self._lock:
                self._missed += 1

    def _missing(self) -> bytes:
        with self._lock:
            missed, self._missed = self._missed, 0
        return _encoded("dropped", {"events": missed})


def _encoded(event: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps(data))
