"""Time, as the emulator sees it: the only module that imports `time`.

Wall clocks, in seconds since 1970, for what is dated; durations, in seconds that only ever grow, for what is measured or waited for. Of
each there are two, since tests and the admin API may move the emulated service's time forward (`advance`), but not the machine's:

                    the emulated service                              the machine
    wall clock      now(): what DynamoDB dates (TTL, backups)         machine(): the `Date` header, by which SDKs correct the time
                                                                      that they sign with
    duration        elapsed(): phases, limits, tokens, stale reads    monotonic(): gaps between attempts, patience of connections
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from dynafault_dataclass import dataclass

if TYPE_CHECKING:
    import asyncio

# Taken when this is imported: whoever puts other functions in the place of Python's own does not move the machine's clock
_wall_clock = time.time
_duration = time.perf_counter

# Of so many moves of a clock it knows when they were; what is older counts as if it had been the first of these
MAX_MOVES = 1_000


class Timer(Protocol):
    """Something that is to happen later."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What the emulator asks of a clock. All values are seconds. Whoever waits asks it too, so that a clock which skips what is waited
    for skips it for everybody. `moves_by_itself`: nobody but the machine moves it, so what is late says how busy that is."""

    @property
    def moves_by_itself(self) -> bool: ...

    def now(self) -> float:
        """The emulated service's wall clock, in seconds since 1970."""

    def machine(self) -> float:
        """The machine's wall clock, in seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds that only grow, as they pass on the machine."""

    def elapsed(self) -> float:
        """Seconds that only grow, as they pass for the emulated service."""

    def elapsed_at(self, moment: float) -> float:
        """What `elapsed()` was when `monotonic()` was `moment`."""

    def sleep(self, seconds: float) -> None:
        """Block the calling thread; only for front doors that own a thread per request."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Block the calling thread until the event is set, or for that many seconds; returns whether it is set. For code that watches the
        world outside (files, readers of events), whose time nobody can move: every clock waits in the machine's time for that."""

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call back in the event loop that runs now, when so much of `monotonic()` has passed."""

    def advance(self, seconds: float) -> None:
        """Move the emulated service's time forward. Raises ValueError for a negative step: time that ran back would unexpire things."""

    def reset(self) -> None:
        """Back to the machine's time; only for a service that starts over, with nothing left that has been dated."""

    def new(self) -> Clock:
        """Another clock of the same kind, which has not been moved."""


class TimeSource(Protocol):
    """What passes in the place of the machine's time for a while. All values are seconds."""

    def machine(self) -> float:
        """What the machine's wall clock is to say, in seconds since 1970."""

    def elapsed(self) -> float:
        """How much has passed since it began."""

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call back in the event loop that runs now."""


class SystemClock:
    """The machine's clock, plus whatever it has been advanced by. For a while it may follow another source of time, together with the
    clocks that were made by its `new`."""

    def __init__(self, relatives: WeakSet[SystemClock] | None = None) -> None:
        self._advanced = 0.0
        self._moves: list[tuple[float, float]] = []  # when it was moved, and how far it was behind that before
        self._lock = threading.Lock()
        self._source: TimeSource | None = None
        self._wall_ahead = 0.0  # what another source has shown for the date stays shown
        self.machine = _wall_clock
        self.monotonic = _duration
        self._relatives = WeakSet() if relatives is None else relatives
        self._relatives.add(self)

    @property
    def moves_by_itself(self) -> bool:
        return self._source is None

    def follow(self, source: TimeSource | None) -> None:
        """Let the time of `source` pass from now on, or with None the machine's again. Durations go on to grow from where they are; what
        has been dated does not come to lie in the future."""
        for clock in list(self._relatives):
            clock._follow(source)

    def _follow(self, source: TimeSource | None) -> None:
        with self._lock:
            shown, before = self.now(), self.monotonic()
            self._source = source
            if source is None:
                ahead = before - _duration()
                self.machine, self.monotonic = _wall_clock, lambda: _duration() + ahead
                self._wall_ahead = max(0.0, shown - self.machine() - self._advanced)
            else:
                began = before - source.elapsed()
                self.machine, self.monotonic = source.machine, lambda: began + source.elapsed()

    def now(self) -> float:
        return self.machine() + self._advanced + self._wall_ahead

    def elapsed(self) -> float:
        return self.monotonic() + self._advanced

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        return (self._source or _running_loop()).call_later(seconds, callback)

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"the clock moves forward only, not by {seconds} s")
        self._move(lambda advanced: advanced + seconds)

    def reset(self) -> None:
        self._wall_ahead = 0.0
        self._move(lambda advanced: 0.0)

    def elapsed_at(self, moment: float) -> float:
        with self._lock:
            return moment + next((before for at, before in self._moves if moment < at), self._advanced)

    def _move(self, to: Callable[[float], float]) -> None:
        with self._lock:
            self._moves = [*self._moves[1 - MAX_MOVES :], (self.monotonic(), self._advanced)]
            self._advanced = to(self._advanced)

    def new(self) -> SystemClock:
        clock = SystemClock(self._relatives)
        if self._source is not None:
            clock._follow(self._source)
        return clock


def _running_loop() -> asyncio.AbstractEventLoop:
    # Whoever has timers has imported it long ago, and who has none need not wait for it
    import asyncio

    return asyncio.get_running_loop()


@dataclass(slots=True)
class _Due:
    """A timer of a clock that is moved by hand. `due` is `monotonic()`."""

    due: float
    loop: asyncio.AbstractEventLoop
    callback: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True

    def fire(self) -> None:
        if not self.cancelled:
            self.callback()


class ManualClock:
    """A clock that stands still until it is told to move; sleeping moves it. Timers that have become due fire in the loops that they were
    made in, in the order of their times."""

    moves_by_itself = False

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self._before = 0.0  # what of it passed before the last reset
        self._lock = threading.Lock()
        self._timers: list[_Due] = []

    def now(self) -> float:
        return self._start + self._elapsed - self._before

    def machine(self) -> float:
        return self.now()

    def monotonic(self) -> float:
        return self._elapsed

    def elapsed(self) -> float:
        return self._elapsed

    def elapsed_at(self, moment: float) -> float:
        return moment

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        loop = _running_loop()
        with self._lock:
            timer = _Due(self._elapsed + seconds, loop, callback)
            self._timers.append(timer)
        self.advance(0.0)
        return timer

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"the clock moves forward only, not by {seconds} s")
        with self._lock:
            self._elapsed += seconds
            due = sorted((timer for timer in self._timers if timer.due <= self._elapsed), key=lambda timer: timer.due)
            self._timers = [timer for timer in self._timers if timer.due > self._elapsed and not timer.cancelled]
        for timer in due:
            if not timer.loop.is_closed():
                timer.loop.call_soon_threadsafe(timer.fire)

    def reset(self) -> None:
        """Its wall clock starts again; what is waited for goes on."""
        with self._lock:
            self._before = self._elapsed

    def new(self) -> ManualClock:
        return ManualClock(self._start)


@dataclass(slots=True)
class _Both:
    """Two timers of one callback."""

    one: Timer
    other: Timer

    def cancel(self) -> None:
        self.one.cancel()
        self.other.cancel()


@dataclass(slots=True, order=True)
class _Sleeper:
    """A thread that sleeps until `due`, in seconds of `monotonic()`."""

    due: float
    takes_part: bool = field(compare=False)
    is_woken: bool = field(default=False, compare=False)


class EmulatedClock(ManualClock):
    """Time for tests with real clients: it stands still while they work, and passes when they wait.

        clock = EmulatedClock()
        with Emulator(scenario, clock=clock) as emulator:
            ...  # a client whose waits are `clock.sleep`

    What the client waited is then what it is judged by: exact, whatever else the machine has to do, and it takes no time.

    A sleeping thread moves the clock on to when it is due. Threads that wait beside each other do their work `taking_part`: time
    passes when all of them sleep, up to the first that is due. One that blocks until another has slept must not take part: time
    would stand still for ever.

    What the server waits for (a delay, the end of a hang) is due when its time has passed on this clock or on the machine's: a
    client that blocks until it is answered cannot move this one. The wall clock begins at the machine's time, and `machine()`
    remains the machine's, since real clients sign with it."""

    def __init__(self) -> None:
        super().__init__(time.time())
        self._moved = threading.Condition()
        self._thread = threading.local()
        self._sleepers: list[_Sleeper] = []
        # Of those that take part, how many do not sleep
        self._awake = 0

    def machine(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread until that time has passed. Raises ValueError for a negative time."""
        if seconds < 0:
            raise ValueError(f"nobody can sleep for {seconds} s")
        with self._moved:
            sleeper = _Sleeper(self.monotonic() + seconds, getattr(self._thread, "takes_part", False))
            heapq.heappush(self._sleepers, sleeper)
            self._awake -= sleeper.takes_part
            self._wake()
            self._moved.wait_for(lambda: sleeper.is_woken)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        def fire() -> None:
            both.cancel()
            callback()

        both = _Both(super().call_later(seconds, fire), _running_loop().call_later(seconds, fire))
        return both

    @contextmanager
    def taking_part(self) -> Iterator[None]:
        """Time stands still while the calling thread is in here and awake. Not to be nested."""
        self._thread.takes_part = True
        with self._moved:
            self._awake += 1
        try:
            yield
        finally:
            self._thread.takes_part = False
            with self._moved:
                self._awake -= 1
                self._wake()

    def advance(self, seconds: float) -> None:
        with self._moved:
            super().advance(seconds)
            self._wake()

    def new(self) -> EmulatedClock:
        return EmulatedClock()

    def _wake(self) -> None:
        """Wake who is due; with nobody awake to wait for, move on to who is due next."""
        while self._sleepers and (not self._awake or self._sleepers[0].due <= self.monotonic()):
            sleeper = heapq.heappop(self._sleepers)
            super().advance(max(0.0, sleeper.due - self.monotonic()))
            sleeper.is_woken = True
            self._awake += sleeper.takes_part
        self._moved.notify_all()
