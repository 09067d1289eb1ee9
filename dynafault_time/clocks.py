"""Clocks, and sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from dynafault_time import real
from dynafault_time.errors import FastTimeError
from dynafault_time.patching import Patch
from dynafault_time.turns import current


def patches() -> list[Patch]:
    return [
        Patch(time, "sleep", _sleep),
        Patch(time, "monotonic", _reading(real.monotonic, 1 / real.NANOSECONDS)),
        Patch(time, "monotonic_ns", _reading(real.monotonic_ns, None)),
        Patch(time, "perf_counter", _reading(real.perf_counter, 1 / real.NANOSECONDS)),
        Patch(time, "perf_counter_ns", _reading(real.perf_counter_ns, None)),
    ]


def _reading(read: Callable[[], Any], unit: float | None) -> Callable[[], Any]:
    def read_clock() -> Any:
        turns = current()
        if turns is None:
            return read()
        value = turns.time.monotonic + turns.time.now
        return value if unit is None else value / real.NANOSECONDS

    return read_clock


def _sleep(seconds: float, /) -> None:
    turns = current()
    if turns is None or not isinstance(seconds, (int, float)) or not seconds >= 0:
        real.sleep(seconds)
        return
    left = turns.sleep(seconds)
    if left:
        real.sleep(left)


class WallClock:
    """What of the time says which day it is: `time.time`, `datetime.now` and their like, set by time-machine. Raises FastTimeError
    where that is not installed."""

    def __init__(self, wall: int) -> None:
        try:
            from time_machine import travel
        except ImportError:
            raise FastTimeError("fast time needs time-machine, in the Python of the client: pip install 'dynafault[fast-time]'") from None
        whole, rest = divmod(wall, real.NANOSECONDS)
        self._travel = travel(whole, tick=False)
        self._traveller = self._travel.start()
        self.move(rest)

    def move(self, nanoseconds: int) -> None:
        whole, rest = divmod(nanoseconds, real.NANOSECONDS)
        self._traveller.shift(whole)
        self._traveller.shift(rest / real.NANOSECONDS)

    def stop(self) -> None:
        self._travel.stop()
