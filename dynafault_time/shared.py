"""The one time that clients and emulators share, and when it moves.

It passes only when no member (a process with its threads) runs and no emulator has anything to do: then it is the time of whatever is
due first. Timers of emulators come before waits of clients that are due at the same moment, and what is due earlier or was asked for
earlier before the rest, so that a run is the same each time.
"""

from __future__ import annotations

import heapq
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from dynafault_time import real
from dynafault_time.connections import Route, Served, Wire, is_settled


class Member(Protocol):
    """A process whose waits are those of the time. `look` is asked before everything else."""

    @property
    def is_running(self) -> bool:
        """Whether a thread of it runs."""

    def look(self) -> bool:
        """See what has come for its threads; whether one of them can go on now."""

    @property
    def is_outside(self) -> bool:
        """Whether a thread of it waits for something that has a time of its own."""

    @property
    def due(self) -> int | None:
        """When the first of its waits is over."""

    @property
    def open_wires(self) -> Iterable[Wire]: ...

    def is_sure(self) -> bool:
        """Whether nothing has come for it from other members that it has not said; it is called again when that is so."""

    def resume(self) -> None:
        """Let the next thread run that can."""

    def settled(self, served: dict[Route, Served]) -> None:
        """Nothing is under way any more. Takes out of `served` what both sides are done with."""


@dataclass(slots=True, order=True)
class Timer:
    """Something that an emulator does later. `post` has it done, in whatever thread, and calls `SharedTime.done` afterwards."""

    due: int
    order: int
    post: Callable[[Timer], None] = field(compare=False)
    callback: Callable[[], object] = field(compare=False)
    is_cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.is_cancelled = True


class SharedTime:
    """Moved in this process. `now` is in nanoseconds since it began; `wall` and `monotonic` are what the machine's clocks said then,
    rounded up to a second: fractions of numbers so large are rounded the same way in each run. Every attribute belongs to who holds
    `guard`."""

    def __init__(self, wall: int) -> None:
        self.guard = real.Guard()
        self.now = 0
        self.wall = _whole_seconds(wall)
        self.monotonic = _whole_seconds(real.monotonic_ns())
        self.members: list[Member] = []
        self.served: dict[Route, Served] = {}
        # The other processes that take part, and those that they come from
        self.processes: Counter[int] = Counter()
        self.on_move: list[Callable[[int], None]] = []
        # Counts whatever happens: while it stays the same, nothing does
        self.progress = 0
        self._timers: list[Timer] = []
        self._order = 0
        self._posted = 0

    def add(self, member: Member) -> None:
        self.members.append(member)

    def remove(self, member: Member) -> None:
        self.members.remove(member)

    # --- for emulators

    def call_later(self, seconds: float, callback: Callable[[], object], post: Callable[[Timer], None]) -> Timer:
        with self.guard:
            self._order += 1
            timer = Timer(self.now + real.nanoseconds(max(0.0, seconds)), self._order, post, callback)
            heapq.heappush(self._timers, timer)
            return timer

    def done(self) -> None:
        """What a timer had posted has been done."""
        with self.guard:
            self._posted -= 1
            self.changed()

    def pending(self, post: Callable[[Timer], None]) -> list[tuple[float, Timer]]:
        """Take away the timers of an emulator; with the seconds until each is due."""
        with self.guard:
            mine = [timer for timer in sorted(self._timers) if timer.post == post and not timer.is_cancelled]
            self._timers = [timer for timer in self._timers if timer.post != post]
            heapq.heapify(self._timers)
            return [((timer.due - self.now) / real.NANOSECONDS, timer) for timer in mine]

    def is_known(self, process: int) -> bool:
        """Whether a process, or one that it has started, takes part: a thread that waits for it waits for this time. -1: this process
        itself."""
        return (os.getpid() if process == -1 else process) in self.processes

    def expect(self, process: int) -> None:
        """A process that was started from here takes no part, unless it was told to."""

    # --- for everybody

    def changed(self) -> None:
        """Something may be possible now that was not before."""
        with self.guard:
            self.progress += 1
            self.go_on()

    def go_on(self) -> None:
        """Whatever is possible."""
        with self.guard:
            while self._step():
                pass

    def _step(self) -> bool:
        """Let go on who can; whether that may have made more possible."""
        if self._posted or not self.members or any(member.is_running for member in self.members):
            return False
        ready = [member for member in self.members if member.look()]
        if not self._is_settled():
            return False
        if not all([member.is_sure() for member in self.members]):
            return False
        for member in ready:
            member.resume()
        if ready or any(member.is_outside for member in self.members):
            return False
        return self._move_on()

    def _is_settled(self) -> bool:
        wires = [wire for member in self.members for wire in member.open_wires]
        if not all(is_settled(wire, self.served.get(wire.route)) for wire in wires):
            return False
        for member in self.members:
            member.settled(self.served)
        return True

    def _move_on(self) -> bool:
        while self._timers and self._timers[0].is_cancelled:
            heapq.heappop(self._timers)
        dues = [member.due for member in self.members]
        due = min((one for one in dues if one is not None), default=None)
        if self._timers and (due is None or self._timers[0].due <= due):
            timer = heapq.heappop(self._timers)
            self.move_to(timer.due)
            self._posted += 1
            timer.post(timer)
            return False
        if due is None:
            return False
        self.move_to(due)
        return True

    def move_to(self, moment: int) -> None:
        if moment > self.now:
            for move in self.on_move:
                move(moment - self.now)
            self.now = moment


def _whole_seconds(nanoseconds: int) -> int:
    return -(-nanoseconds // real.NANOSECONDS) * real.NANOSECONDS
