"""Calls from other threads into a loop, many at once: waking a loop costs as much as answering."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Releases:
    """Belongs to the loop that it was made in; `add` is for any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due: deque[Callable[[], object]] = deque()
        self._is_woken = False

    def add(self, callback: Callable[[], object]) -> None:
        """Call back in the loop soon. Raises RuntimeError where the loop is closed."""
        self._due.append(callback)
        if not self._is_woken:
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        # Before it looks: what comes after that wakes the loop again
        self._is_woken = False
        while self._due:
            self._due.popleft()()
