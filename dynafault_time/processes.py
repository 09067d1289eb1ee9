"""Waits for other processes. Their time-outs are measured in the machine's time; whether virtual time passes meanwhile depends on whether
the other process takes part in it."""

from __future__ import annotations

import importlib
import os
import subprocess
from typing import Any

from dynafault_time.patching import Patch
from dynafault_time.turns import current


def patches() -> list[Patch]:
    found = [Patch(subprocess.Popen, name, _of_popen(name)) for name in ("wait", "communicate")]
    if hasattr(os, "waitpid"):
        found.append(Patch(os, "waitpid", _waitpid))
    if hasattr(os, "fork"):
        found.append(Patch(os, "fork", _fork))
    found.append(Patch(subprocess.Popen, "__init__", _start))
    return [*found, *_of_semaphores()]


def _fork() -> int:
    pid: int = _fork_now()
    _started(pid)
    return pid


def _start(self: Any, *args: Any, **kwargs: Any) -> None:
    _start_now(self, *args, **kwargs)
    _started(self.pid)


def _started(pid: int) -> None:
    """Where the time is moved by another process, a new one may be about to take part."""
    turns = current()
    if turns is not None and pid:
        turns.time.expect(pid)


def _of_semaphores() -> list[Patch]:
    """Of `multiprocessing`, for locks, queues and pools that processes share."""
    try:
        kind: Any = importlib.import_module("_multiprocessing").SemLock
    except (ImportError, AttributeError):
        return []
    take = kind.acquire

    def acquire(self: Any, block: bool = True, timeout: float | None = None) -> bool:
        turns = current()
        if turns is None or not block:
            return bool(take(self, block, timeout))
        if take(self, False):
            return True
        with turns.outside_time("another process", passes=False, process=-1):
            return bool(take(self, True, timeout))

    return [Patch(kind, "acquire", acquire), Patch(kind, "__enter__", lambda self: acquire(self))]


def _of_popen(name: str) -> Any:
    wait: Any = getattr(subprocess.Popen, name)

    def wait_outside(self: Any, *args: Any, **kwargs: Any) -> Any:
        turns = current()
        if turns is None:
            return wait(self, *args, **kwargs)
        with turns.outside_time("another process", passes=False, process=self.pid):
            return wait(self, *args, **kwargs)

    return wait_outside


_fork_now: Any = getattr(os, "fork", None)
_start_now: Any = subprocess.Popen.__init__
_waitpid_now: Any = getattr(os, "waitpid", None)


def _waitpid(pid: int, options: int, /) -> tuple[int, int]:
    turns = current()
    if turns is None or options & os.WNOHANG:
        found: tuple[int, int] = _waitpid_now(pid, options)
        return found
    with turns.outside_time("another process", passes=False, process=pid if pid > 0 else -1):
        found = _waitpid_now(pid, options)
        return found
