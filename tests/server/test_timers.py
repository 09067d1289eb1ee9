"""All that the server waits for, it waits for by the emulator's clock: one that is moved by hand makes an hour pass in no time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
import requests

from emulator import Emulator
from emulator.clock import ManualClock
from emulator.core import EmulatorCore
from emulator.server import Limits

TABLE = {"name": "orders", "key": {"id": "S"}}
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "X-Amz-Date": "20261120T120000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc",
}
# More than any test needs
MAX_STEPS = 2000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture
def passing(clock: ManualClock) -> Callable[[Future[Any], float], float]:
    """Moves the clock on, step by step, until something has happened; how many seconds that took, at most: a busy machine may be late to
    see it."""

    def until(future: Future[Any], step: float = 1.0) -> float:
        for number in range(MAX_STEPS):
            if wait([future], timeout=0.02).done:
                return number * step
            clock.advance(step)
        raise AssertionError("it never happened")

    return until


def ask(url: str) -> requests.Response:
    return requests.post(url, data=b"{}", headers=HEADERS, timeout=60)


def with_fault(fault: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "tables": [TABLE], "rules": [{"name": "r", "when": {"request": 1}, "fault": fault}]}


@pytest.mark.parametrize(
    ("fault", "least"),
    [({"delay": "60s"}, 60), ({"connection": "hang", "for": "30s"}, 30), ({"drip": "100B/s"}, 2)],
    ids=["delay", "hang", "drip"],
)
def test_faults_that_take_time_take_the_clock_s(
    start: Callable[..., Emulator],
    clock: ManualClock,
    threads: ThreadPoolExecutor,
    passing: Any,
    journaled: Callable[..., None],
    fault: dict[str, Any],
    least: float,
) -> None:
    emulator = start(with_fault(fault), clock=clock)
    asked = threads.submit(ask, emulator.url)
    assert passing(asked) >= least
    (exchange,) = emulator.journal.entries()
    journaled(emulator, lambda: exchange.ended is not None)
    assert exchange.ended is not None
    assert exchange.ended - exchange.request.arrived >= least


def test_a_port_that_refuses_opens_again_by_the_clock(
    start: Callable[..., Emulator], clock: ManualClock, threads: ThreadPoolExecutor, passing: Any
) -> None:
    emulator = start(with_fault({"refuse": "40s"}), clock=clock)
    with pytest.raises(requests.ConnectionError):
        ask(emulator.url)

    def until_served() -> None:
        for _ in range(100_000):
            try:
                ask(emulator.url)
            except requests.ConnectionError:
                continue
            return

    assert passing(threads.submit(until_served)) >= 39


def test_the_patience_with_a_connection_is_the_clock_s(
    start: Callable[..., Emulator], clock: ManualClock, threads: ThreadPoolExecutor, passing: Any
) -> None:
    emulator = start(clock=clock, limits=Limits(idle=90.0))
    with socket.create_connection((emulator.host, emulator.port), timeout=60) as idle:
        assert passing(threads.submit(idle.recv, 1)) >= 90


def test_a_sandbox_keeps_time_as_its_server_does(clock: ManualClock) -> None:
    sandbox = EmulatorCore(clock=clock).new_empty()
    assert isinstance(sandbox.clock, ManualClock)
    sandbox.clock.advance(5)
    assert clock.elapsed() == 0.0


def test_timers_fire_in_their_order_and_not_when_cancelled() -> None:
    import asyncio

    async def run() -> list[str]:
        clock = ManualClock()
        fired: list[str] = []
        clock.call_later(2.0, lambda: fired.append("second"))
        clock.call_later(1.0, lambda: fired.append("first"))
        clock.call_later(1.5, lambda: fired.append("never")).cancel()
        clock.call_later(0.0, lambda: fired.append("at once"))
        clock.advance(1.0)
        await asyncio.sleep(0)
        clock.advance(5.0)
        await asyncio.sleep(0)
        return fired

    assert asyncio.run(run()) == ["at once", "first", "second"]
