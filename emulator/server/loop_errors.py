"""Errors of the event loop: each kind is said in one line, and not again and again."""

from __future__ import annotations

import asyncio
import errno
import sys
from typing import Any

from emulator.clock import Clock

# Seconds until the same is said again
AGAIN = 10.0
# What asyncio calls a second after it ran out of descriptors, once for each connection that it could not accept
_ACCEPTS_AGAIN = "._start_serving("
_USED_UP = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class LoopErrors:
    """Out of descriptors, asyncio tries to accept as often as its backlog is long, and would print a traceback each time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: dict[int, float] = {}

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, ValueError) and _ACCEPTS_AGAIN in context.get("message", ""):
            # It would accept again on a socket that has been closed meanwhile
            return
        if not isinstance(error, OSError) or error.errno not in _USED_UP:
            loop.default_exception_handler(context)
            return
        now = self._clock.monotonic()
        if now - self._said.get(error.errno, -AGAIN) >= AGAIN:
            self._said[error.errno] = now
            text = "new connections wait until some are closed (ulimit -n says how many there may be)"
            print(f"dynafault: {error.strerror}: {text}", file=sys.stderr)
