"""Fast time in this process, from its beginning to its end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dynafault_time import clocks, files, locks, processes, real
from dynafault_time.clocks import WallClock
from dynafault_time.errors import FastTimeError
from dynafault_time.patching import Patched
from dynafault_time.remote import RemoteTime
from dynafault_time.shared import SharedTime
from dynafault_time.turns import Turns, activate, current
from dynafault_time.watching import Watch


class Session:
    """While it lasts, all clocks of this process follow `time`; `end()` ends it."""

    def __init__(self, moved: SharedTime | RemoteTime) -> None:
        self.time = moved
        self._wall = WallClock(moved.wall + moved.now)
        moved.on_move.append(self._wall.move)
        self.turns = Turns(moved)
        moved.add(self.turns)
        self._watch = Watch(moved, self.turns)
        self._patched = Patched([*clocks.patches(), *locks.patches(), *files.patches(), *processes.patches()])
        activate(self.turns)
        self.users = 1

    def end(self) -> None:
        self.forget()
        self._watch.stop()
        with self.time.guard:
            self.time.remove(self.turns)
            self.time.on_move.remove(self._wall.move)
        self.turns.finish()

    def forget(self) -> None:
        """All functions are those of the machine again; nobody else is told."""
        activate(None)
        self._patched.undo()
        self._wall.stop()


_session: Session | None = None


def time_to_share(present: SharedTime | None) -> SharedTime:
    """The time that passes in this process, `present` if that is given, or a new one. Raises FastTimeError for a thread that is an
    emulator's, in a process that follows the time of another one, and where two times would be one."""
    if real.of_thread.is_exempt:
        raise FastTimeError("a thread of the emulator cannot begin fast time")
    if _session is None:
        return SharedTime(time.time_ns()) if present is None else present
    if present is not None and _session.time is not present:
        raise FastTimeError("programs of two emulators are in fast time; each has its own")
    if isinstance(_session.time, RemoteTime):
        raise FastTimeError("this program follows the time of the emulator that it was started for")
    return _session.time


def begin(moved: SharedTime | RemoteTime, ports: set[int]) -> Session:
    """Raises FastTimeError where it cannot be had."""
    global _session
    if _session is None:
        _session = Session(moved)
    elif _session.time is moved:
        _session.users += 1
    else:
        raise FastTimeError("two threads have begun fast time at once")
    _session.turns.wires.ports |= ports
    return _session


def leave() -> None:
    """Once for each time that it was begun."""
    global _session
    session = _session
    if session is not None:
        session.users -= 1
        if not session.users:
            _session = None
            session.end()


def is_begun() -> bool:
    return _session is not None


@contextmanager
def fast_time(shared: SharedTime, ports: set[int]) -> Iterator[None]:
    """While the `with` lasts, all clocks of this process follow one time, which passes only when nothing runs; clients of the emulators at
    `ports` wait by it, too. Inside another `with` it goes on as it is. Raises FastTimeError where fast time is not possible."""
    session = begin(shared, ports)
    try:
        yield
        _settle(session)
    except Exception:
        _settle(session)
        raise
    finally:
        leave()


def _settle(session: Session) -> None:
    """What the client did last belongs to its time, too."""
    if current() is session.turns:
        with suppress(FastTimeError):
            session.turns.settle()


_was_left_behind = False


def has_been_left_behind() -> bool:
    """Whether this is a process that was forked from one in fast time."""
    return _was_left_behind


def _leave_in_child() -> None:
    """A forked process has only the thread that forked it, and has not asked for anything."""
    global _session, _was_left_behind
    session, _session = _session, None
    _was_left_behind = session is not None
    if session is not None:
        session.forget()
        if isinstance(session.time, RemoteTime):
            session.time.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_in_child)
