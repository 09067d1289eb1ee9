"""An event loop in a thread of its own, for servers that have a thread for each request and no loop: what has to be awaited is awaited
there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from typing import TypeVar

_Result = TypeVar("_Result")


class BackgroundLoop:
    """Starts when it is first needed, and ends with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def result_of(self, coming: Awaitable[_Result]) -> _Result:
        """The result of an awaitable; blocks the calling thread, and no other."""
        return asyncio.run_coroutine_threadsafe(_awaited(coming), self._running()).result()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="dynafault-waiting", daemon=True).start()
            return self._loop


async def _awaited(coming: Awaitable[_Result]) -> _Result:
    return await coming
