"""Delivers an answer as a WirePlan says: waits, sends part, cuts, resets, or says nothing. Knows connections, not why.

Every step is a timer of the clock. A plan touches its own request and connection, never another's."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from emulator.clock import Clock, Timer
from emulator.journal import Exchange
from emulator.messages import Ending, Portion, WirePlan
from emulator.server.outlet import Outlet

# A drip goes out in steps of this many seconds, or a byte at a time where the rate is lower than a byte a step
_DRIP_STEP = 0.05
# How an answer went out that is followed by this; a hang is over when somebody ends it
_HOW = {Ending.KEEP: "sent", Ending.FINISH: "sent", Ending.CLOSE: "closed", Ending.RESET: "reset"}


class PlannedDelivery:
    """One plan under way. `done` is told how the answer went out, when the plan has run its course; the connection itself is then as the
    plan left it. Who made it says when the client is gone (`cancel`) or has read what was sent (`drained`)."""

    def __init__(self, outlet: Outlet, exchange: Exchange, plan: WirePlan, clock: Clock, done: Callable[[str], None]) -> None:
        self._outlet = outlet
        self._delivery = exchange.delivery
        self._answer = exchange.reply
        self._plan = plan
        self._clock = clock
        self._done = done
        self._rest = b""
        self._is_draining = False
        self._hurries = False
        # What the timer is for
        self._next: Callable[[], None] | None = None
        # Also without a delay not at once: the connection has yet to learn that this plan is the one under way
        self._timer: Timer
        self._later(max(plan.delay, 0), self._send)

    def cancel(self) -> None:
        self._timer.cancel()

    def drained(self) -> None:
        if self._is_draining:
            self._is_draining = False
            self._perform(self._end)

    def hurry(self) -> None:
        """Wait no longer: what is delayed or drips goes out, what hangs is closed."""
        self._timer.cancel()
        self._hurries = True
        step, self._next = self._next, None
        if step is not None:
            self._perform(step)
        elif self._plan.ending is Ending.HANG and not self._is_draining:
            self._perform(lambda: self._close("hung"))

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        self._next = step
        self._timer = self._clock.call_later(0 if self._hurries else seconds, lambda: self._take(step))

    def _take(self, step: Callable[[], None]) -> None:
        self._next = None
        self._perform(step)

    def _perform(self, step: Callable[[], None]) -> None:
        """Whatever goes wrong in a step, the client is not left waiting."""
        try:
            step()
        except Exception:
            traceback.print_exc()
            self._done("cut")
            self._outlet.abort()

    def _send(self) -> None:
        self._rest = self._chosen()
        self._delivery.first_byte = self._clock.monotonic()
        if self._plan.drip is not None:
            self._drip()
            return
        self._write_last(self._rest)

    def _chosen(self) -> bytes:
        """The part of the answer that goes out."""
        outlet, plan, reply = self._outlet, self._plan, self._answer
        if plan.portion.nothing:
            return b""
        # A cut answer is one that wanted to be whole: its head promises what a whole one would
        head = reply.head(outlet.keep_alive and plan.ending is not Ending.FINISH)
        body = b"" if outlet.is_head_request else reply.body
        return head + _portion_of(body, plan.portion) if plan.portion.size is None else (head + body)[: plan.portion.size]

    def _drip(self) -> None:
        """A step of bytes now, the next one when its time has come."""
        rate = self._plan.drip
        assert rate is not None
        step = max(1, int(rate * _DRIP_STEP))
        piece, self._rest = self._rest[:step], self._rest[step:]
        if self._hurries:
            piece, self._rest = piece + self._rest, b""
        if self._rest:
            self._write(piece)
            self._later(len(piece) / rate, self._drip)
        else:
            self._write_last(piece)

    def _write_last(self, data: bytes) -> None:
        how = _HOW.get(self._plan.ending)
        if how is not None:
            # Filled in before it is true, so that a client that saw the answer, or its end, finds it in the journal
            self._delivery.ended, self._delivery.how = self._clock.monotonic(), how
        self._write(data)
        self._rest = b""
        self._end_when_drained()

    def _write(self, data: bytes) -> None:
        if data:
            self._outlet.write(data)
            self._delivery.sent += len(data)

    def _end_when_drained(self) -> None:
        if self._outlet.is_draining:
            self._is_draining = True
        else:
            self._end()

    def _end(self) -> None:
        outlet = self._outlet
        ending = self._plan.ending
        if ending is Ending.KEEP:
            self._done(_HOW[ending])
            outlet.finish()
        elif ending is Ending.HANG:
            if self._plan.hang_for is not None:
                self._later(self._plan.hang_for, lambda: self._close("hung"))
        elif ending is Ending.RESET:
            outlet.reset()
            self._done(_HOW[ending])
        else:
            self._close(_HOW[ending])

    def _close(self, how: str) -> None:
        self._done(how)
        self._outlet.close()


def _portion_of(body: bytes, portion: Portion) -> bytes:
    if portion.head_only:
        return b""
    return body if portion.share is None else body[: int(len(body) * portion.share)]
