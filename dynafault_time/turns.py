"""The threads of this process: one runs, the others wait for their turn or for something else.

Whoever waits hands on its turn. What ends its wait (a lock that is released, a file with something to read, its time) puts it at the end
of the queue of those that can run. Which thread does what after which is thereby the same in every run.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from dynafault_time import real
from dynafault_time.connections import Route, Served, Wire, Wires
from dynafault_time.errors import FastTimeError
from dynafault_time.guests import Guests
from dynafault_time.kernel import waits_for_process
from dynafault_time.waiting import Bell, Files, events_of, is_broken


class Wake(Enum):
    """Why a wait is over."""

    EVENT = "what it waited for has happened"
    DUE = "its time has come"
    OVER = "time is the machine's again"
    STALLED = "time stands still"


def _held_lock() -> Any:
    lock = real.new_lock()
    real.take(lock)
    return lock


@dataclass(slots=True, eq=False)
class Participant:
    """A thread. `is_guest`: it was there before, so it counts as running only from one of its waits to the next. `due` is when its wait is
    over, `what` and `files` say what it waits for. `is_unseen`: it sleeps, as it seems, and has not said so."""

    name: str
    is_guest: bool = False
    ident: int = 0
    native: int = 0
    turn: Any = field(default_factory=_held_lock)
    bell: Bell | None = None
    due: int | None = None
    order: int = 0
    what: str = ""
    process: int = 0
    is_unseen: bool = False
    key: int | None = None
    files: Files = ()
    is_selecting: bool = False
    wake: Wake | None = None
    has_turn: bool = False
    has_ended: bool = False

    def adopt_thread(self) -> None:
        self.ident = threading.get_ident()
        self.native = threading.get_native_id()
        real.of_thread.participant = self


class Time(Protocol):
    """What the threads of a process need of the time that they share."""

    guard: real.Guard
    now: int
    monotonic: int

    def changed(self) -> None: ...

    def is_known(self, process: int) -> bool: ...

    def move_to(self, moment: int) -> None: ...

    def expect(self, process: int) -> None: ...


class _Keys(dict[int, "deque[Participant]"]):
    """What somebody waits for, by its identity. `owner`: whose turns those are."""

    owner: Turns | None = None


# Empty most of the time: a thread that releases a lock looks here first
keys = _Keys()
# Where fast time is on; None: all clocks are the machine's
_active: Turns | None = None


def current() -> Turns | None:
    """The turns that the calling thread takes; None where its time is the machine's."""
    return None if _active is None or real.of_thread.is_exempt else _active


def activate(turns: Turns | None) -> None:
    global _active
    _active = keys.owner = turns


@contextmanager
def standing_still(what: str) -> Iterator[None]:
    """While the calling thread waits for an emulator's own thread, no time passes."""
    turns = current()
    if turns is None:
        yield
    else:
        with turns.outside_time(what, passes=False):
            yield


class Turns:
    """The threads that share a time. Every attribute belongs to who holds the guard of the time."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.guard = time.guard
        self.wires = Wires()
        self.is_on = True
        self.running: dict[Participant, None] = {}
        self.outside: dict[Participant, None] = {}
        # Who can go on: first those for whom the program itself has done something, then those for whom something has come from outside,
        # as a network is slower than a processor
        self.ready: deque[Participant] = deque()
        self.arrived: deque[Participant] = deque()
        self.waiting: dict[Participant, None] = {}
        self.stall = ""
        self._order = 0
        self.owner = Participant(threading.current_thread().name)
        self.owner.adopt_thread()
        self.running[self.owner] = None
        self.guests = Guests()

    # --- what threads do

    def me(self, *, adopt: bool = True) -> Participant | None:
        """The calling thread; one that was there before takes part from its first wait for time on."""
        me: Participant | None = real.of_thread.participant
        if me is not None and not me.has_ended:
            return me
        if not adopt:
            return None
        me = Participant(threading.current_thread().name, is_guest=True)
        me.adopt_thread()
        with self.guard:
            self.guests.forget(me.ident)
            self.running[me] = None
        return me

    def sleep(self, seconds: float) -> float:
        """Wait for time to pass; the seconds that are left of it where fast time ended before."""
        me = self.me()
        assert me is not None
        with self.guard:
            due = self.time.now + real.nanoseconds(seconds)
            self._leave(me, due, "time.sleep", is_yielding=not seconds)
        if self._turn_of(me) is Wake.OVER:
            return self.left(due) or 0.0
        return 0.0

    def settle(self) -> None:
        """Wait until what has been sent has been seen on the other side. Raises FastTimeError where that does not come."""
        me = self.me()
        assert me is not None
        with self.guard:
            self._leave(me, self.time.now, "an emulator")
        self._turn_of(me)

    def wait_until(self, key: int, attempt: Callable[[], bool], seconds: float | None, what: str) -> bool | None:
        """Wait until an attempt succeeds; it is made again whenever `happened(key)` is called. False: it took too long. None: fast time
        has ended, or the calling thread takes no part."""
        me = self.me(adopt=seconds is not None)
        if me is None:
            return None
        due = None if seconds is None else self.time.now + real.nanoseconds(seconds)
        while True:
            with self.guard:
                if attempt():
                    return True
                if not self.is_on:
                    return None
                keys.setdefault(key, deque()).append(me)
                me.key = key
                self._leave(me, due, what)
            wake = self._turn_of(me)
            if wake is Wake.DUE:
                return attempt()
            if wake is Wake.OVER:
                return None

    def happened(self, key: int) -> None:
        """Says that something has happened for which others may be waiting. May be called from every thread."""
        with self.guard:
            queue = keys.get(key)
            if queue:
                self._can_go_on(queue[0], Wake.EVENT)
                if not self.running:
                    self.time.changed()

    def wait_for_files(self, files: Files, seconds: float | None, what: str, *, is_selecting: bool = False) -> Wake:
        """Wait until one of the files is ready, or so many seconds have passed."""
        me = self.me()
        assert me is not None
        with self.guard:
            if not self.is_on:
                return Wake.OVER
            if me.bell is None:
                me.bell = Bell()
            me.files, me.is_selecting = files, is_selecting
            self._leave(me, None if seconds is None else self.time.now + real.nanoseconds(seconds), what)
        return self._turn_of(me)

    @contextmanager
    def outside_time(self, what: str, *, passes: bool, process: int = 0) -> Iterator[None]:
        """What the calling thread does in here takes the machine's time, and others may run meanwhile. `passes`: so may time; it may also
        where `process` takes part in it, for whose end is waited."""
        me = self.me(adopt=False)
        if me is None or me not in self.running:
            yield
            return
        with self.guard:
            del self.running[me]
            me.what, me.due, me.process, me.is_unseen = what, None, process, False
            if not passes:
                self.outside[me] = None
            self.time.changed()
        try:
            with real.machine_time():
                yield
        finally:
            with self.guard:
                self.outside.pop(me, None)
                me.wake = Wake.EVENT if self.is_on else Wake.OVER
                if self.is_on:
                    self.ready.append(me)
                    self.time.changed()
                else:
                    real.give(me.turn)
            self._turn_of(me)

    def begin(self, name: str) -> Participant:
        """For a thread that is about to start: it runs when its turn comes."""
        thread = Participant(name)
        thread.what = "its start"
        with self.guard:
            if self.is_on:
                self.ready.append(thread)
            else:
                real.give(thread.turn)
        return thread

    def run(self, thread: Participant, function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """What a new thread does."""
        thread.adopt_thread()
        real.take(thread.turn)
        try:
            function(*args, **kwargs)
        finally:
            self.end(thread)

    def end(self, thread: Participant) -> None:
        with self.guard:
            thread.has_ended = True
            self._remove(thread)
            for waiting in list(keys.get(id(thread), ())):
                self._can_go_on(waiting, Wake.EVENT)
            if thread.bell is not None:
                thread.bell.close()
            self.time.changed()

    def look_took_time(self) -> None:
        """A look at files, in vain, takes the least time that there is: `multiprocessing` looks until it is later than before."""
        with self.guard:
            self.time.move_to(self.time.now + 1)

    def left(self, due: int | None) -> float | None:
        """The seconds until then."""
        return None if due is None else max(0.0, (due - self.time.now) / real.NANOSECONDS)

    def finish(self) -> None:
        """Makes all clocks real again: whoever waits goes on to wait in real time."""
        with self.guard:
            self.is_on = False
            for thread in [*self.running, *self.outside]:
                thread.has_ended = True
            for thread in [*self.waiting, *self.ready, *self.arrived]:
                self._remove(thread)
                self._give_turn(thread, Wake.OVER)
                thread.has_ended = True

    # --- from one thread to the next

    def _leave(self, me: Participant, due: int | None, what: str, *, is_yielding: bool = False) -> None:
        """Hand on the turn; `_turn_of` is called next. `is_yielding`: it may go on as soon as everybody else has had a turn."""
        self._order += 1
        me.due, me.what, me.order, me.wake, me.is_unseen = due, what, self._order, None, False
        self.running.pop(me, None)
        self.outside.pop(me, None)
        if not self.is_on:
            self._give_turn(me, Wake.OVER)
            return
        if is_yielding:
            self._can_go_on(me, Wake.DUE, from_outside=True)
        else:
            self.waiting[me] = None
        self.time.changed()

    def _turn_of(self, me: Participant) -> Wake:
        """Wait until the turn comes. Raises what a signal's handler raises, and FastTimeError where time stands still."""
        try:
            if me.files:
                assert me.bell is not None
                me.bell.wait(me.files)
                self._has_file(me)
            real.take(me.turn)
            if me.bell is not None:
                me.bell.silence()
        except BaseException:
            self._come_back(me)
            raise
        finally:
            me.has_turn, me.files, me.due = False, (), None
        wake = me.wake
        assert wake is not None
        if wake is Wake.STALLED:
            raise FastTimeError(self.stall)
        return wake

    def _has_file(self, me: Participant) -> None:
        """Whether one of the files that a thread waits for is ready. The order must not depend on the machine, so a thread goes on when one
        look at all files finds its own."""
        with self.guard:
            if me in self.waiting and not self.running:
                self.time.changed()

    def _come_back(self, me: Participant) -> None:
        """An exception has ended its wait: it runs, whoever else does."""
        with self.guard:
            if me.has_turn:
                real.take(me.turn, False)
                if me.bell is not None:
                    me.bell.silence()
            self._remove(me)
            self.running[me] = None

    def _remove(self, thread: Participant) -> None:
        self.running.pop(thread, None)
        self.outside.pop(thread, None)
        self.waiting.pop(thread, None)
        for queue in (self.ready, self.arrived):
            if thread in queue:
                queue.remove(thread)
        if thread.key is not None:
            queue = keys[thread.key]
            queue.remove(thread)
            if not queue:
                del keys[thread.key]
            thread.key = None

    def _can_go_on(self, thread: Participant, wake: Wake, *, from_outside: bool = False) -> None:
        self._remove(thread)
        thread.wake = wake
        (self.arrived if from_outside else self.ready).append(thread)

    def _give_turn(self, thread: Participant, wake: Wake | None = None) -> None:
        if wake is not None:
            thread.wake = wake
        thread.has_turn = True
        self.running[thread] = None
        if thread.files and thread.bell is not None:
            thread.bell.ring()
        real.give(thread.turn)

    # --- as a member of the time

    @property
    def is_running(self) -> bool:
        return bool(self.running)

    @property
    def is_outside(self) -> bool:
        return any(not self.time.is_known(process) for process in self.outside_processes)

    @property
    def outside_processes(self) -> tuple[int, ...]:
        """The processes that threads wait for; -1 for one that is not known, 0 for something else."""
        found = tuple(thread.process if self._still_waits(thread) else 0 for thread in self.outside)
        return (*found, 0) if self.guests.are_going_on() else found

    @property
    def unseen_sleepers(self) -> list[Participant]:
        """Threads that sleep, and for no process of which anybody knows."""
        return [one for one in self.outside if one.is_unseen and not (waits_for_process(one.native) and self.time.is_known(-1))]

    @staticmethod
    def _still_waits(thread: Participant) -> bool:
        """What a thread waits for that does not take part by itself is asked of the kernel: it goes on without a word."""
        return not thread.is_unseen or waits_for_process(thread.native)

    @property
    def due(self) -> int | None:
        return min((thread.due for thread in self.waiting if thread.due is not None), default=None)

    @property
    def open_wires(self) -> list[Wire]:
        return list(self.wires.open.values())

    def look(self) -> bool:
        # Before the files: what has come by then is seen there, and what comes after it still counts as under way
        self._look_at_wires()
        events = events_of([thread.files for thread in self.waiting if thread.files])
        for thread in [one for one in self.waiting if one.files]:
            if any(descriptor in events for descriptor, _ in thread.files):
                self._can_go_on(thread, Wake.EVENT, from_outside=True)
        over = [one for one in self.waiting if one.due is not None and one.due <= self.time.now]
        for thread in sorted(over, key=lambda one: (one.due, one.order)):
            self._can_go_on(thread, Wake.DUE)
        return bool(self.ready or self.arrived)

    def _look_at_wires(self) -> None:
        """Notes the connections that somebody waits for and that have nothing yet."""
        if not self.wires.open:
            return
        awaited = {descriptor for thread in self.waiting for descriptor, _ in thread.files}
        selecting = any(thread.is_selecting for thread in self.waiting)
        events = events_of([((wire.descriptor, 0),) for wire in self.wires.open.values() if not wire.is_closed])
        for wire in self.wires.open.values():
            found = events.get(wire.descriptor, 0)
            wire.has_ended = wire.has_ended or is_broken(found)
            wire.is_awaited = not found and (wire.descriptor in awaited or (selecting and not wire.is_blocking))

    def settled(self, served: dict[Route, Served]) -> None:
        self.wires.has_moved = False
        self.wires.drop_finished(served)

    def is_sure(self) -> bool:
        return True

    def resume(self) -> None:
        queue = self.ready or self.arrived
        if queue:
            self._give_turn(queue.popleft())

    # --- for errors

    def describe(self, thread: Participant) -> str:
        """Where a thread is, by its innermost frame outside this package and Python's own files for waiting."""
        frame = sys._current_frames().get(thread.ident)
        inner = ("dynafault_time", "threading.py", "selectors.py", "queue.py", "socket.py")
        while frame is not None and frame.f_back is not None and any(part in frame.f_code.co_filename for part in inner):
            frame = frame.f_back
        place = "" if frame is None else f" in {frame.f_code.co_filename}:{frame.f_lineno} ({frame.f_code.co_name})"
        return f"thread {thread.name!r}{place}"
