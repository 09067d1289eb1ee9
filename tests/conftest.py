"""Fixtures that many tests share: emulators on free ports, and real clients that talk to them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config

from emulator import Emulator
from emulator.clock import EmulatedClock
from emulator.server import Limits

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
# A client that does not retry, for tests that look at single answers
NO_RETRIES = Config(retries={"total_max_attempts": 1, "mode": "standard"})
# Seconds: long enough for a busy machine; a test that waits so long has failed
PATIENCE = 60.0
# Tests move the time by hours, and keep the connections of their clients
PATIENT = Limits(idle=float("inf"))


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """Starts emulators; all of them are stopped afterwards, and none may have failed by itself."""
    started: list[Emulator] = []

    def start_one(scenario: Any = None, **settings: Any) -> Emulator:
        emulator = Emulator(scenario, **{"limits": PATIENT, **settings}).start()
        started.append(emulator)
        return emulator

    yield start_one
    for emulator in started:
        emulator.stop()
    bugs = [entry.bug for emulator in started for entry in emulator.journal if entry.bug]
    assert not bugs, bugs[0]


@pytest.fixture
def client_for() -> Iterator[Callable[..., Any]]:
    """boto3 clients for an emulator, in boto3's default configuration unless told otherwise; closed afterwards."""
    clients: list[Any] = []
    new_client: Any = boto3.client  # of any service

    def make(emulator: Emulator, service: str = "dynamodb", region: str = "us-east-1", **settings: Any) -> Any:
        client = new_client(service, **{**emulator.boto3_kwargs(region), **settings})
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def no_retries() -> Config:
    return NO_RETRIES


class _ClockCondition(threading.Condition):
    """One whose time-outs are those of an emulated clock; it is not woken before."""

    def __init__(self, clock: EmulatedClock, lock: Any) -> None:
        super().__init__(lock)
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.release()
        try:
            self._clock.sleep(timeout)
        finally:
            self.acquire()
        return False


@pytest.fixture
def emulated_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatedClock]:
    """For an emulator to start with. boto3 waits in its time, with a jitter that is the same in every run of a test."""
    clock = EmulatedClock()
    for module in ("endpoint", "waiter"):
        monkeypatch.setattr(f"botocore.{module}.time", clock)
    # An adaptive client waits for its tokens, too
    monkeypatch.setattr("botocore.retries.bucket.time", SimpleNamespace(sleep=clock.sleep, time=clock.now))
    conditions = SimpleNamespace(Lock=threading.Lock, Condition=partial(_ClockCondition, clock))
    monkeypatch.setattr("botocore.retries.bucket.threading", conditions)
    state = random.getstate()
    random.seed(request.node.nodeid)
    yield clock
    random.setstate(state)


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], None]:
    """Asks until the answer is yes, for what no event tells of; an answer that does not come fails the test."""

    def wait(condition: Callable[[], Any]) -> None:
        pause = threading.Event()
        for _ in range(int(PATIENCE / 0.01)):
            if condition():
                return
            pause.wait(0.01)
        pytest.fail(f"waited {PATIENCE:g} s in vain")

    return wait


class _Witness:
    """An observer that wakes who waits for something to stand in the journal."""

    def __init__(self) -> None:
        self._told = threading.Condition()

    def began(self, *_: Any) -> None: ...

    def exchanged(self, _: Any) -> None:
        with self._told:
            self._told.notify_all()

    delivered = exchanged

    def wait(self, condition: Callable[[], Any]) -> bool:
        with self._told:
            return bool(self._told.wait_for(condition, PATIENCE))


@pytest.fixture
def journaled() -> Callable[[Emulator, Callable[[], Any]], None]:
    """Waits until what the emulator has journaled is as the condition says."""

    def wait(emulator: Emulator, condition: Callable[[], Any]) -> None:
        witness = _Witness()
        emulator.core.observe(witness)
        assert witness.wait(condition), [entry.to_json() for entry in emulator.journal]
        emulator.core.unsubscribe(witness)

    return wait
