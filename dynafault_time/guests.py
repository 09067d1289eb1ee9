"""Threads that were there before fast time began, such as those of an idle pool or of a test runner. They wait in ways that cannot be seen,
until they first wait for time."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from dynafault_time import real

_HERE = str(Path(__file__).parent)
_LIBRARY = Path(str(threading.__file__)).parent
_WAITING = frozenset(str(_LIBRARY / name) for name in ("threading.py", "queue.py", "concurrent/futures/thread.py"))
# Seconds of the machine's time for which one that goes on, and does not wait for time, keeps that from passing
_MAX_WAIT = 0.25
# Seconds within which one that was woken is seen to go on, as a rule, and on a busy machine
_WAKES, _MAX_WAKES = 0.002, 0.05


class _Place(NamedTuple):
    """Where in its code a thread is."""

    code: int
    instruction: int

    @classmethod
    def of(cls, frame: FrameType) -> _Place:
        return cls(id(frame.f_code), frame.f_lasti)


class Guests:
    """Watches those threads by where in their code they are: one that is not where it sat when fast time began is doing something."""

    def __init__(self) -> None:
        others = real.exempt() | {threading.get_ident()}
        # Of each, where it has been seen to sit
        self._seats = {ident: {_Place.of(frame)} for ident, frame in sys._current_frames().items() if ident not in others}
        self._gone_since: dict[int, float] = {}
        # Whether something was done that may have woken one, and what was put for one to get, with the time until which it is waited for
        self.may_wake = False
        self._offered: list[tuple[Any, float]] = []

    def forget(self, ident: int) -> None:
        """The thread takes part from now on."""
        self._seats.pop(ident, None)
        self._gone_since.pop(ident, None)
        del self._offered[:1]

    def offer(self, queue: Any) -> None:
        """Something is in a queue that one of them may wait for."""
        if self._seats:
            self._offered.append((queue, real.monotonic() + _MAX_WAIT))

    def are_going_on(self) -> bool:
        """Whether one of them does something, or is about to."""
        if not self._seats:
            return False
        frames = sys._current_frames()
        if not any(frames[ident].f_code.co_filename in _WAITING for ident in self._seats if ident in frames):
            self._offered.clear()
        elif self.may_wake:
            real.sleep(_WAKES)
            frames = sys._current_frames()
        self.may_wake = False
        return self._have_gone(frames) or self._is_offered()

    def _is_offered(self) -> bool:
        """What was in a queue and is so no more has been taken by one who has not gone far yet."""
        now = real.monotonic()
        waiting = [(queue, min(until, now + _MAX_WAKES) if queue.empty() else until) for queue, until in self._offered]
        self._offered = [(queue, until) for queue, until in waiting if now < until]
        return bool(self._offered)

    def _have_gone(self, frames: dict[int, FrameType]) -> bool:
        now = real.monotonic()
        for ident, seats in list(self._seats.items()):
            frame = frames.get(ident)
            if frame is None:
                self.forget(ident)
            elif frame.f_code.co_filename.startswith(_HERE):
                return True  # about to take part
            elif (place := _Place.of(frame)) in seats:
                self._gone_since.pop(ident, None)
            elif now - self._gone_since.setdefault(ident, now) > _MAX_WAIT:
                seats.add(place)
        return bool(self._gone_since)
