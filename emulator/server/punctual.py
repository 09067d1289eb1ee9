"""An event loop whose timers keep their time.

epoll waits whole milliseconds, and asyncio rounds up: every timer is up to a millisecond late, and so is every answer that a rule delays.
Here epoll waits for the whole milliseconds only; the rest is waited for with `select`, which counts in microseconds, for epoll's own
descriptor. Where there is no epoll, loops are punctual as they are."""

from __future__ import annotations

import asyncio
import select
import selectors
import sys
from collections.abc import Coroutine
from math import floor
from typing import Any

# The least descriptor that `select` cannot take
_TOO_HIGH = 1024


if sys.platform == "linux":

    class PunctualSelector(selectors.EpollSelector):
        """`select` waits as long as it is asked to, and not up to a millisecond more."""

        def __init__(self) -> None:
            super().__init__()
            self._is_selectable = self.fileno() < _TOO_HIGH

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is None or timeout <= 0 or not self._is_selectable:
                return super().select(timeout)
            if timeout < 0.001:
                select.select([self], [], [], timeout)
                return super().select(0)
            # Whoever waits asks again for the rest; half a millisecond off, since it is rounded up
            return super().select((floor(timeout * 1000) - 0.5) / 1000)


def run_punctually(coroutine: Coroutine[Any, Any, None]) -> None:
    """`asyncio.run` in such a loop; Python 3.10 takes none that it has not made itself."""
    if sys.platform == "linux" and sys.version_info >= (3, 11):
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(PunctualSelector())) as runner:
            runner.run(coroutine)
    else:
        asyncio.run(coroutine)
