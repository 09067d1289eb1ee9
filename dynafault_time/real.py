"""Python's library as it is, kept before anything of it is replaced; and which threads go on to use it so."""

from __future__ import annotations

import _queue
import _socket
import _thread
import math
import os
import select
import selectors
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NANOSECONDS = 1_000_000_000

Lock: Any = _thread.LockType
RLock: Any = type(_thread.RLock())
SimpleQueue: Any = _queue.SimpleQueue
Socket: Any = socket.socket
new_lock: Any = _thread.allocate_lock
take: Any = Lock.acquire
give: Any = Lock.release
take_again: Any = RLock.acquire
give_again: Any = RLock.release
start_new_thread: Any = _thread.start_new_thread
join: Any = threading.Thread.join
sleep = time.sleep
monotonic = time.monotonic
monotonic_ns = time.monotonic_ns
perf_counter = time.perf_counter
perf_counter_ns = time.perf_counter_ns
process_time = time.process_time
select_files = select.select
SELECTORS: tuple[Any, ...] = tuple(
    getattr(selectors, name)
    for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector")
    if hasattr(selectors, name)
)
if hasattr(select, "poll"):
    new_poll: Any = select.poll
    Poll: Any = type(select.poll())
    poll: Any = Poll.poll
read, write, pipe = os.read, os.write, os.pipe
wait_for_process: Any = getattr(os, "waitpid", None)
send_all: Any = _socket.socket.sendall


class _OfThread(threading.local):
    is_exempt = False
    participant: Any = None


of_thread = _OfThread()
_exempt: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def keep_machine_time() -> None:
    """The calling thread, and those that it starts, use the machine's clocks and waits whatever happens."""
    of_thread.is_exempt = True
    _exempt.add(threading.current_thread())


def exempt() -> set[int | None]:
    """The numbers of those threads."""
    return {thread.ident for thread in _exempt if thread.is_alive()}


@contextmanager
def machine_time() -> Iterator[None]:
    """What the calling thread does in here takes the machine's time."""
    before, of_thread.is_exempt = of_thread.is_exempt, True
    try:
        yield
    finally:
        of_thread.is_exempt = before


class Guard:
    """A lock that may be taken again by the thread that has it, and is never anything but that."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = RLock()

    def __enter__(self) -> None:
        take_again(self._lock)

    def __exit__(self, *_: object) -> None:
        give_again(self._lock)


def nanoseconds(seconds: float) -> int:
    """Rounded up, as Python rounds its time-outs: what waits for the rest of one must not wait for nothing."""
    return math.ceil(seconds * NANOSECONDS)
