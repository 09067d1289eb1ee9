"""Time, as the emulator sees it: the only module that imports `time`.

Three readings, for three purposes, all in seconds. `now()` is the wall clock of the emulated service since 1970; tests and
the admin API may move it forward, and everything that DynamoDB dates (TTL, tokens, backups, phases of a scenario) follows it.
`machine()` is the machine's own wall clock: the `Date` header shows it, since SDKs correct their signing time by that header,
and moving the data's time must not look to them like a skewed clock. `monotonic()` never jumps; gaps between a client's
attempts are measured with it.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the emulator asks of a clock. All values are seconds."""

    def now(self) -> float: ...

    def machine(self) -> float: ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def advance(self, seconds: float) -> None: ...

    def reset(self) -> None: ...


class SystemClock:
    """The machine's clock, plus whatever it has been advanced by."""

    def __init__(self) -> None:
        self._advanced = 0.0
        self._lock = threading.Lock()
        self.machine = time.time
        self.monotonic = time.perf_counter

    def now(self) -> float:
        return time.time() + self._advanced

    def sleep(self, seconds: float) -> None:
        """Block the calling thread; only for front doors that own a thread per request."""
        time.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move the wall clock forward. Raises ValueError for a negative step: time that ran back would unexpire things."""
        if seconds < 0:
            raise ValueError(f"the clock moves forward only, not by {seconds} s")
        with self._lock:
            self._advanced += seconds

    def reset(self) -> None:
        """Back to the machine's time; only for a service that starts over, with nothing left that has been dated."""
        with self._lock:
            self._advanced = 0.0


class ManualClock:
    """A clock that stands still until it is told to move; sleeping moves it."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0

    def now(self) -> float:
        return self._start + self._elapsed

    def machine(self) -> float:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"the clock moves forward only, not by {seconds} s")
        self._elapsed += seconds

    def reset(self) -> None:
        self._elapsed = 0.0
