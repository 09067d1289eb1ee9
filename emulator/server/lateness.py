"""How late the server's own timers run: what a machine under load adds to every wait that is seen from here."""

from __future__ import annotations

from collections.abc import Callable

from emulator.clock import Clock

# Seconds between looks, while somebody is connected
_EVERY = 0.02
# What is left of a late look at the next one: half a second later a stall is forgotten
_FADE = 0.85
# A clock that is moved by hand makes timers late by any time; no machine stands still for longer
_MOST = 1.0


class Lateness:
    """Watches while `is_busy` says so; lives in one event loop."""

    def __init__(self, clock: Clock, is_busy: Callable[[], bool]) -> None:
        self._clock = clock
        self._is_busy = is_busy
        self._is_watching = False
        self._due = 0.0
        self.seconds: float | None = None
        """How late timers ran lately, the worst counting most; None before the first look."""

    def watch(self) -> None:
        """Look from now on, if nobody does yet."""
        if not self._is_watching:
            self._is_watching = True
            self._plan()

    def _plan(self) -> None:
        self._due = self._clock.monotonic() + _EVERY
        self._clock.call_later(_EVERY, self._look)

    def _look(self) -> None:
        late = min(_MOST, max(0.0, self._clock.monotonic() - self._due))
        self.seconds = max(late, _FADE * (self.seconds or 0.0))
        if self._is_busy():
            self._plan()
        else:
            self._is_watching = False
