"""Emulators whose clients wait in fast time, and a witness of what is waited for in real time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dynafault_time import real
from emulator import Emulator

TABLE = {"name": "orders", "key": {"id": "S"}}
KEY = {"id": {"S": "a"}}


def scenario(fault: Any, operation: str = "GetItem", **more: Any) -> dict[str, Any]:
    """A service in which each request of an operation meets a fault."""
    rule = {"name": "down", "when": {"operation": operation}, "fault": fault}
    return {"version": 1, "tables": [TABLE], "rules": [rule | more.pop("rule", {})], **more}


def gaps(emulator: Emulator) -> list[float]:
    """The seconds between the attempts of all calls."""
    return [gap / 1000 for call in emulator.calls() for gap in call.gaps_ms if gap is not None]


@pytest.fixture(autouse=True)
def everything_is_real_again() -> Iterator[None]:
    """Afterwards no function of Python's library is another one than before."""
    import select
    import selectors
    import socket
    import threading

    def present() -> list[Any]:
        held = [time.sleep, time.monotonic, time.perf_counter, time.time, select.select, select.poll, threading.Thread.join]
        held += [real.Lock.acquire, real.RLock.acquire, real.SimpleQueue.get, selectors.DefaultSelector.select]
        return held + [getattr(socket.socket, name) for name in ("recv", "recv_into", "send", "connect", "_real_close")]

    before, wall = present(), time.clock_gettime(time.CLOCK_REALTIME)
    yield
    assert present() == before
    assert abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 1
    assert time.time() >= wall


@pytest.fixture
def seeded(request: pytest.FixtureRequest) -> Iterator[None]:
    """The client's own random numbers are the same in each run of a test."""
    state = random.getstate()
    random.seed(request.node.nodeid)
    yield
    random.setstate(state)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the program has slept in the machine's time: the seconds that the real `time.sleep` was asked for."""
    asked: list[float] = []
    sleep = real.sleep

    def note(seconds: float) -> None:
        if not real.of_thread.is_exempt:
            asked.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(real, "sleep", note)
    return asked


@pytest.fixture
def began() -> Callable[[], float]:
    """Seconds of the program's own clock since the test began to ask."""
    start: list[float] = []

    def passed() -> float:
        start.append(time.monotonic())
        return start[-1] - start[0]

    return passed
