"""How late the server's own timers run: what a machine under load adds to every wait that is seen from here."""

from __future__ import annotations

from collections.abc import Callable
from math import exp

from emulator.clock import Clock

# Seconds between looks, while somebody is connected
_EVERY = 0.02
# After so many seconds two thirds of a stall are forgotten
_FADES = 0.15
# A machine that stands still for longer has been asleep
_MAX_LATE = 1.0


class Lateness:
    """Watches while `is_busy` says so; lives in one event loop. `seconds`: how late timers ran lately, the worst counting most."""

    def __init__(self, clock: Clock, is_busy: Callable[[], bool]) -> None:
        self._clock = clock
        self._is_busy = is_busy
        self._is_watching = False
        self._due = 0.0
        self._worst = 0.0
        self._seen: float | None = None
        # As of the last look, which every request is told; None before the first
        self.seconds: float | None = None

    def _faded(self, now: float, seen: float) -> float:
        return self._worst * exp(-(now - seen) / _FADES)

    def watch(self) -> None:
        """Look from now on, if nobody does yet."""
        if not self._is_watching and self._clock.moves_by_itself:
            self._is_watching = True
            self._plan()

    def _plan(self) -> None:
        self._due = self._clock.monotonic() + _EVERY
        self._clock.call_later(_EVERY, self._look)

    def _look(self) -> None:
        if not self._clock.moves_by_itself:
            self._is_watching, self._worst, self._seen, self.seconds = False, 0.0, None, None
            return
        now = self._clock.monotonic()
        late = min(_MAX_LATE, max(0.0, now - self._due))
        self._worst = late if self._seen is None else max(late, self._faded(now, self._seen))
        self._seen = now
        self.seconds = self._worst
        if self._is_busy():
            self._plan()
        else:
            self._is_watching = False
