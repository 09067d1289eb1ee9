"""Waits for other threads: locks, and with them conditions, events, semaphores, queues and futures; new threads, and the end of old ones.

The locks remain those of Python. A thread that waits for one does so by turns, and one that releases one says so.
"""

from __future__ import annotations

import _thread
import queue
import threading
import weakref
from collections.abc import Callable
from typing import Any

from dynafault_time import real
from dynafault_time.patching import Patch
from dynafault_time.turns import Participant, Turns, current, keys


def patches() -> list[Patch]:
    return [*_of_locks(real.Lock), *_of_locks(real.RLock), *_of_queues(), *_of_threads()]


def _of_locks(kind: Any) -> list[Patch]:
    take, give, leave = kind.acquire, kind.release, kind.__exit__

    def acquire(self: Any, blocking: bool = True, timeout: float = -1) -> bool:
        if not blocking or (timeout < 0 and timeout != -1):
            return bool(take(self, blocking, timeout))
        if take(self, False):
            return True
        turns = current()
        return bool(take(self, True, timeout)) if turns is None else _wait(turns, take, self, timeout)

    def enter(self: Any) -> bool:
        return acquire(self)

    def release(self: Any) -> None:
        give(self)
        if keys:
            _released(self)

    def leave_it(self: Any, *error: object) -> None:
        leave(self, *error)
        if keys:
            _released(self)

    replaced: dict[str, Any] = {"acquire": acquire, "__enter__": enter, "release": release, "__exit__": leave_it}
    if hasattr(kind, "acquire_lock"):
        replaced |= {"acquire_lock": acquire, "release_lock": release}
    if hasattr(kind, "_release_save"):
        replaced |= _of_conditions(kind)
    return [Patch(kind, name, value) for name, value in replaced.items()]


def _of_conditions(kind: Any) -> dict[str, Any]:
    """The methods by which a condition gives up its lock for as long as it waits."""
    save, restore, take, give = kind._release_save, kind._acquire_restore, kind.acquire, kind.release

    def release_save(self: Any) -> Any:
        state = save(self)
        if keys:
            _released(self)
        return state

    def acquire_restore(self: Any, state: Any) -> None:
        turns = current()
        if turns is not None and not take(self, False):
            _wait(turns, take, self, -1)
            give(self)  # at once taken again, as often as it was
        elif turns is not None:
            give(self)
        restore(self, state)

    return {"_release_save": release_save, "_acquire_restore": acquire_restore}


def _wait(turns: Turns, take: Callable[..., Any], lock: Any, timeout: float) -> bool:
    seconds = None if timeout == -1 else timeout
    began = turns.time.now
    taken = turns.wait_until(id(lock), lambda: bool(take(lock, False)), seconds, "a lock")
    if taken is not None:
        return taken
    if seconds is None:
        return bool(take(lock))
    return bool(take(lock, True, turns.left(began + real.nanoseconds(seconds))))


def _released(lock: Any) -> None:
    turns = keys.owner
    if turns is not None and id(lock) in keys:
        turns.happened(id(lock))


def _of_queues() -> list[Patch]:
    kind = real.SimpleQueue
    get, put = kind.get, kind.put

    def get_item(self: Any, block: bool = True, timeout: float | None = None) -> Any:
        turns = current()
        if turns is None or not block or (timeout is not None and timeout < 0):
            return get(self, block, timeout)
        found: list[Any] = []

        def attempt() -> bool:
            try:
                found.append(get(self, False))
            except queue.Empty:
                return False
            return True

        if attempt():
            return found[0]
        began = turns.time.now
        has_come = turns.wait_until(id(self), attempt, timeout, "a queue")
        if has_come:
            return found[0]
        if has_come is None:
            return get(self, True, None if timeout is None else turns.left(began + real.nanoseconds(timeout)))
        raise queue.Empty

    def put_item(self: Any, item: Any, block: bool = True, timeout: float | None = None) -> None:
        put(self, item)
        turns = current()
        if turns is not None:
            turns.guests.offer(self)
        if keys:
            _released(self)

    return [Patch(kind, "get", get_item), Patch(kind, "put", put_item), Patch(kind, "put_nowait", put_item)]


def _notify(self: threading.Condition, n: int = 1) -> None:
    """Nobody sees whether a thread that was there before waits for it."""
    _notify_now(self, n)
    turns = current()
    if turns is not None:
        turns.guests.may_wake = True


_notify_now = threading.Condition.notify


def _of_threads() -> list[Patch]:
    patches = [Patch(threading.Thread, "join", _join), Patch(threading.Condition, "notify", _notify)]
    for module, name in ((_thread, "start_new_thread"), (_thread, "start_new"), (threading, "_start_new_thread")):
        if hasattr(module, name):
            patches.append(Patch(module, name, _start))
    for module, name in ((_thread, "start_joinable_thread"), (threading, "_start_joinable_thread")):
        if hasattr(module, name):
            patches.append(Patch(module, name, _start_joinable))
    return patches


_start_joinable_thread: Any = getattr(_thread, "start_joinable_thread", None)
_participants: weakref.WeakKeyDictionary[threading.Thread, Participant] = weakref.WeakKeyDictionary()


def _start(function: Callable[..., object], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> int:
    started: int = _started(function, lambda run: real.start_new_thread(run, args, kwargs or {}))
    return started


def _start_joinable(function: Callable[[], object], handle: Any = None, daemon: bool = True) -> Any:
    return _started(function, lambda run: _start_joinable_thread(run, handle=handle, daemon=daemon))


def _started(function: Callable[..., object], start: Callable[[Callable[..., object]], Any]) -> Any:
    if real.of_thread.is_exempt:

        def run_exempt(*args: Any, **kwargs: Any) -> None:
            real.keep_machine_time()
            function(*args, **kwargs)

        return start(run_exempt)
    turns = current()
    if turns is None or turns.me(adopt=False) is None:
        return start(function)
    python_thread = getattr(function, "__self__", None)
    thread = turns.begin(getattr(python_thread, "name", "a thread"))
    if isinstance(python_thread, threading.Thread):
        _participants[python_thread] = thread
    active = turns

    def run(*args: Any, **kwargs: Any) -> None:
        active.run(thread, function, args, kwargs)

    try:
        return start(run)
    except BaseException:
        turns.end(thread)
        raise


def _join(self: threading.Thread, timeout: float | None = None) -> None:
    turns = current()
    thread = _participants.get(self)
    if turns is None or self is threading.current_thread() or not self.is_alive():
        real.join(self, timeout)
    elif thread is None or thread.has_ended:
        # One that has ended is a moment from being gone; any other is an emulator's, or was there before, and may wait for time
        with turns.outside_time(f"the end of thread {self.name!r}", passes=thread is None):
            real.join(self, timeout)
    else:
        began = turns.time.now
        seconds = None if timeout is None else max(0.0, timeout)
        has_ended = turns.wait_until(id(thread), lambda: thread.has_ended, seconds, f"the end of thread {self.name!r}")
        if has_ended is not False:
            left = None if has_ended or seconds is None else turns.left(began + real.nanoseconds(seconds))
            with real.machine_time():
                real.join(self, left)


def join_others() -> None:
    """Wait for the end of the threads that the program has left, as Python does at its own end."""
    for thread in list(_participants):
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()
