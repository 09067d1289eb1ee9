"""Performs a WirePlan on a live connection: waits, sends part, cuts, resets, or says nothing. Knows sockets, not why.

Every step is a timer of the clock. A plan touches its own request and connection, never another's."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from emulator.clock import Timer
from emulator.journal import Exchange
from emulator.messages import Ending, Portion, WirePlan

if TYPE_CHECKING:
    from emulator.server.connection import Connection

# l_onoff 1, l_linger 0: closing the socket sends RST instead of FIN
_LINGER_RESET = struct.pack("ii", 1, 0)
# A drip goes out in steps of this many seconds, or a byte at a time where the rate is lower than a byte a step
_DRIP_STEP = 0.05


class Performance:
    """One plan under way. The connection tells it when the client is gone (`cancel`) or has read what was sent (`drained`)."""

    def __init__(self, connection: Connection, exchange: Exchange, plan: WirePlan) -> None:
        self._connection = connection
        self._delivery = exchange.delivery
        self._plan = plan
        self._timer: Timer | None = None
        self._rest = b""
        self._is_draining = False
        self._answer = exchange.reply
        if plan.refuse_for is not None:
            connection.listener.refuse(plan.refuse_for)
        if plan.delay > 0:
            self._later(plan.delay, self._send)
        else:
            # Not at once: the connection has yet to learn that this plan is the one under way
            self._later(0, self._send)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def drained(self) -> None:
        if self._is_draining:
            self._is_draining = False
            self._end()

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        self._timer = self._connection.clock.call_later(seconds, step)

    def _send(self) -> None:
        self._rest = self._chosen()
        self._delivery.first_byte = self._connection.clock.monotonic()
        if self._plan.drip is not None:
            self._drip()
            return
        self._write_last(self._rest)

    def _chosen(self) -> bytes:
        """The part of the answer that goes out."""
        connection, plan, reply = self._connection, self._plan, self._answer
        if plan.portion.nothing:
            return b""
        # A cut answer is one that wanted to be whole: its head promises what a whole one would
        head = reply.head(connection.keep_alive and plan.ending is not Ending.FINISH)
        body = b"" if connection.is_head_request else reply.body
        return head + _portion_of(body, plan.portion) if plan.portion.size is None else (head + body)[: plan.portion.size]

    def _drip(self) -> None:
        """A step of bytes now, the next one when its time has come."""
        rate = self._plan.drip
        assert rate is not None
        step = max(1, int(rate * _DRIP_STEP))
        piece, self._rest = self._rest[:step], self._rest[step:]
        if self._rest:
            self._write(piece)
            self._later(len(piece) / rate, self._drip)
        else:
            self._write_last(piece)

    def _write_last(self, data: bytes) -> None:
        if self._plan.ending is Ending.KEEP:
            # Filled in before it is true, so that a client that saw the answer finds it in the journal
            self._delivery.ended, self._delivery.how = self._connection.clock.monotonic(), "sent"
        self._write(data)
        self._rest = b""
        self._end_when_drained()

    def _write(self, data: bytes) -> None:
        if data:
            self._connection.transport.write(data)
            self._delivery.sent += len(data)

    def _end_when_drained(self) -> None:
        if self._connection.is_draining:
            self._is_draining = True
        else:
            self._end()

    def _end(self) -> None:
        connection = self._connection
        ending = self._plan.ending
        if ending is Ending.KEEP:
            connection.performed("sent")
            connection.finish()
        elif ending is Ending.HANG:
            if self._plan.hang_for is not None:
                self._later(self._plan.hang_for, lambda: self._close("hung"))
        elif ending is Ending.RESET:
            reset(connection.transport)
            connection.performed("reset")
        else:
            self._close("sent" if ending is Ending.FINISH else "closed")

    def _close(self, how: str) -> None:
        self._connection.performed(how)
        self._connection.transport.close()


def _portion_of(body: bytes, portion: Portion) -> bytes:
    if portion.head_only:
        return b""
    return body if portion.share is None else body[: int(len(body) * portion.share)]


def reset(transport: asyncio.Transport) -> None:
    """End a connection with RST, whatever of it is still unsent."""
    raw: socket.socket = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
    transport.abort()
