"""A request whose body is read slowly, or never to its end, as a rule has it.

What the rate does not let in waits here, and then in the sockets of both sides: the client cannot send on before there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from emulator.clock import Clock, Timer
from emulator.messages import HttpRequest, Portion

# Seconds between looks; bytes that wait here at most before the client is held
_STEP = 0.05
_HIGH = 64 * 1024


class _Source(Protocol):
    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class SlowUpload:
    """`feed` is given what has been let in; `cut` is called when as much has come as may (`most` bytes, None: all). `rate` is in bytes per
    second, None for full speed. `waiting_since`: the client has sent nothing more since then, in monotonic seconds."""

    def __init__(
        self, source: _Source, clock: Clock, rate: float | None, most: int | None, feed: Callable[[bytes], None], cut: Callable[[], None]
    ) -> None:
        self._source = source
        self._clock = clock
        self._rate = rate
        self._most = most
        self._feed = feed
        self._cut = cut
        self._pending = bytearray()
        self._fed = 0
        self._timer: Timer | None = None
        self._is_held = False
        self._is_over = False
        self.waiting_since: float | None = None

    def add(self, data: bytes) -> None:
        """More of the request has come."""
        self._pending += data
        self.waiting_since = None
        if len(self._pending) > _HIGH and not self._is_held:
            self._is_held = True
            self._source.pause_reading()
        if self._timer is None:
            self._step()

    def hurry(self) -> None:
        """Hold nothing back any more."""
        self._rate = self._most = None
        self.cancel()
        self._is_over = False
        self._step()

    def rest(self) -> bytes:
        """The request is complete: what came behind it."""
        self.cancel()
        rest, self._pending = bytes(self._pending), bytearray()
        self._release()
        return rest

    def cancel(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _step(self) -> None:
        self._timer = None
        room = len(self._pending) if self._rate is None else max(1, int(self._rate * _STEP))
        if self._most is not None:
            room = min(room, self._most - self._fed)
        piece = bytes(self._pending[:room])
        del self._pending[:room]
        self._fed += len(piece)
        if piece:
            self._feed(piece)
        if self._is_over:
            return
        if self._most is not None and self._fed >= self._most:
            self.cancel()
            self._cut()
            return
        if len(self._pending) <= _HIGH:
            self._release()
        if not self._pending:
            self.waiting_since = self._clock.monotonic()
        if self._rate is not None and piece:
            self._timer = self._clock.call_later(len(piece) / self._rate, self._step)

    def _release(self) -> None:
        if self._is_held:
            self._is_held = False
            self._source.resume_reading()


def bytes_of(portion: Portion | None, head: HttpRequest) -> int | None:
    """How many bytes of a request's body are a portion of it; None: all of them. A share of a body whose length is not known is nothing."""
    if portion is None:
        return None
    if portion.size is not None:
        return portion.size
    length = head.headers.get("content-length", "0")
    return int((portion.share or 0.0) * int(length)) if length.isdecimal() else 0
