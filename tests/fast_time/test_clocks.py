"""Every clock and every wait of the process is the virtual one, for as long as fast time lasts."""

from __future__ import annotations

import asyncio
import concurrent.futures
import datetime
import queue
import select
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from time import monotonic as monotonic_by_another_name
from time import sleep as sleep_by_another_name
from typing import Any

import pytest

from dynafault import EmulatorError
from emulator import Emulator
from emulator.clock import ManualClock


@pytest.fixture
def emulator(start: Callable[..., Emulator]) -> Iterator[Emulator]:
    running = start()
    with running.fast_time():
        yield running


HOUR = 3600.0


def acquire_a_lock() -> None:
    lock = threading.Lock()
    with lock:
        assert not lock.acquire(timeout=HOUR)


def acquire_a_lock_of_another_thread() -> None:
    lock = threading.RLock()
    has_it, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            has_it.set()
            may_end.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    has_it.wait()
    assert not lock.acquire(timeout=HOUR)
    may_end.set()
    thread.join()
    assert lock.acquire(timeout=HOUR)


def wait_for_a_condition() -> None:
    condition = threading.Condition()
    with condition:
        assert not condition.wait_for(lambda: False, HOUR)


def get_from(waited_for: Any) -> Callable[[], None]:
    def get() -> None:
        with pytest.raises(queue.Empty):
            waited_for().get(timeout=HOUR)

    return get


def put_into_a_full_queue() -> None:
    full: queue.Queue[int] = queue.Queue(1)
    full.put(1)
    with pytest.raises(queue.Full):
        full.put(2, timeout=HOUR)


def wait_for_a_future() -> None:
    with pytest.raises(concurrent.futures.TimeoutError):
        concurrent.futures.Future[None]().result(timeout=HOUR)


def join_a_thread() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    thread.join(HOUR)
    assert thread.is_alive()
    end.set()
    thread.join()


def wait_at_a_barrier() -> None:
    with pytest.raises(threading.BrokenBarrierError):
        threading.Barrier(2).wait(HOUR)


def start_a_timer() -> None:
    timer = threading.Timer(HOUR, lambda: None)
    timer.start()
    timer.join()


def read_a_socket() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(HOUR)
        with pytest.raises(TimeoutError):
            one.recv(1)


def accept_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(HOUR)
        with pytest.raises(TimeoutError):
            server.accept()


def select_nothing() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert select.select([one], [], [], HOUR) == ([], [], [])


def poll_nothing() -> None:
    one, other = socket.socketpair()
    poller = select.poll()
    with one, other:
        poller.register(one, select.POLLIN)
        assert poller.poll(HOUR * 1000) == []


def select_by(kind: Any) -> Callable[[], None]:
    def wait() -> None:
        one, other = socket.socketpair()
        with one, other, kind() as selector:
            selector.register(one, selectors.EVENT_READ)
            assert selector.select(HOUR) == []

    return wait


async def time_out() -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), HOUR)


WAITS: dict[str, Any] = {
    "sleep": lambda: time.sleep(HOUR),
    "sleep, imported by name": lambda: sleep_by_another_name(HOUR),
    "a lock": acquire_a_lock,
    "a lock of another thread": acquire_a_lock_of_another_thread,
    "an event": lambda: threading.Event().wait(HOUR),
    "a condition": wait_for_a_condition,
    "a semaphore": lambda: threading.Semaphore(0).acquire(timeout=HOUR),
    "a barrier": wait_at_a_barrier,
    "a timer": start_a_timer,
    "a thread": join_a_thread,
    "a queue": get_from(queue.Queue),
    "a simple queue": get_from(queue.SimpleQueue),
    "a full queue": put_into_a_full_queue,
    "a future": wait_for_a_future,
    "a socket": read_a_socket,
    "a connection": accept_nobody,
    "select": select_nothing,
    "poll": poll_nothing,
    "asyncio.sleep": lambda: asyncio.run(asyncio.sleep(HOUR)),
    "asyncio.wait_for": lambda: asyncio.run(time_out()),
} | {
    f"selectors.{kind.__name__}": select_by(kind)
    for kind in dict.fromkeys((selectors.SelectSelector, selectors.PollSelector, selectors.DefaultSelector))
}


@pytest.mark.parametrize("what", WAITS)
def test_an_hour_passes_at_once(emulator: Emulator, slept: list[float], what: str) -> None:
    before, date, shown = time.monotonic(), datetime.datetime.now(datetime.timezone.utc), emulator.clock.now()
    WAITS[what]()
    assert time.monotonic() - before == pytest.approx(HOUR, abs=0.002)
    assert (datetime.datetime.now(datetime.timezone.utc) - date).total_seconds() == pytest.approx(HOUR, abs=0.002)
    assert emulator.clock.now() - shown == pytest.approx(HOUR, abs=0.002)
    assert not slept


CLOCKS: dict[str, Callable[[], float]] = {
    "time": time.time,
    "time_ns": lambda: time.time_ns() / 1e9,
    "monotonic": time.monotonic,
    "monotonic, imported by name": monotonic_by_another_name,
    "monotonic_ns": lambda: time.monotonic_ns() / 1e9,
    "perf_counter": lambda: time.perf_counter(),
    "perf_counter_ns": lambda: time.perf_counter_ns() / 1e9,
    "datetime.now": lambda: datetime.datetime.now().timestamp(),
    "gmtime": lambda: __import__("calendar").timegm(time.gmtime()),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_clocks_stand_still_until_somebody_waits(emulator: Emulator, name: str) -> None:
    # Looked up anew: names of this module follow, those that a function has kept do not
    read = monotonic_by_another_name if name == "monotonic, imported by name" else time.monotonic if name == "monotonic" else CLOCKS[name]
    first = read()
    sum(range(100_000))
    assert read() == first
    time.sleep(90.5)
    assert read() - first == pytest.approx(90.5, abs=0 if name.endswith("ns") else 0.51 if name == "gmtime" else 0.001)


def test_a_loop_reads_the_time_that_passes(emulator: Emulator) -> None:
    async def wait() -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.gather(*(asyncio.sleep(seconds) for seconds in (1, 60, 30)))
        return loop.time() - before

    assert asyncio.run(wait()) == pytest.approx(60)


def test_who_waits_the_shortest_goes_on_first(emulator: Emulator) -> None:
    order: list[tuple[float, float]] = []
    began = time.monotonic()

    def wait(seconds: float) -> None:
        time.sleep(seconds)
        order.append((seconds, round(time.monotonic() - began, 6)))

    threads = [threading.Thread(target=wait, args=(seconds,)) for seconds in (3, 0.5, 40, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order == [(0.5, 0.5), (1, 1), (3, 3), (40, 40)]


def test_time_stands_still_while_a_thread_works(emulator: Emulator) -> None:
    seen: list[float] = []

    def work() -> None:
        for _ in range(20):
            seen.append(time.monotonic())
            sum(range(10_000))

    thread = threading.Thread(target=work)
    before = time.monotonic()
    thread.start()
    time.sleep(5)
    thread.join()
    assert set(seen) == {before}
    assert time.monotonic() == before + 5


def test_threads_hand_each_other_work_without_time(emulator: Emulator) -> None:
    asked: queue.Queue[int | None] = queue.Queue()
    answered: queue.SimpleQueue[int] = queue.SimpleQueue()

    def double() -> None:
        while (number := asked.get()) is not None:
            answered.put(2 * number)

    thread = threading.Thread(target=double)
    thread.start()
    before = time.monotonic()
    for number in range(50):
        asked.put(number)
        assert answered.get(timeout=1) == 2 * number
    asked.put(None)
    thread.join()
    assert time.monotonic() == before


def test_a_lock_that_a_sleeper_holds_is_waited_for(emulator: Emulator) -> None:
    lock = threading.Lock()
    began = time.monotonic()
    seen = []

    def hold() -> None:
        with lock:
            time.sleep(30)

    def want() -> None:
        with lock:
            seen.append(time.monotonic() - began)

    holder, waiting = threading.Thread(target=hold), threading.Thread(target=want)
    holder.start()
    time.sleep(1)
    waiting.start()
    holder.join()
    waiting.join()
    assert seen == [pytest.approx(30)]


def test_a_pool_from_before_takes_part(start: Callable[..., Emulator]) -> None:
    emulator = start()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(abs, range(-8, 0)))
        with emulator.fast_time():
            began = time.monotonic()
            list(pool.map(time.sleep, (60, 60, 60, 60)))
            assert time.monotonic() - began == pytest.approx(60)


def test_it_may_be_begun_within_itself(start: Callable[..., Emulator]) -> None:
    outer, inner = start(), start()
    with outer.fast_time():
        before = time.monotonic()
        with inner.fast_time(), outer.fast_time():
            time.sleep(50)
            assert inner.clock.monotonic() - inner.core.started >= 50
        time.sleep(50)
        assert time.monotonic() - before == pytest.approx(100)
        assert inner.clock.moves_by_itself
        assert not outer.clock.moves_by_itself
    assert outer.clock.moves_by_itself


def test_an_exception_ends_it(start: Callable[..., Emulator]) -> None:
    def fail() -> None:
        time.sleep(10)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), start().fast_time():
        fail()


def test_who_still_waits_afterwards_waits_in_real_time(start: Callable[..., Emulator]) -> None:
    def sleep() -> None:
        time.sleep(0.02)
        woken.append("slept")

    woken: list[Any] = []
    event, asked = threading.Event(), queue.SimpleQueue[int]()
    with start().fast_time():
        threads = [
            threading.Thread(target=lambda: woken.append(event.wait(HOUR))),
            threading.Thread(target=lambda: woken.append(asked.get())),
            threading.Thread(target=sleep),
        ]
        for thread in threads:
            thread.start()
    event.set()
    asked.put(7)
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, woken)) == ["7", "True", "slept"]


def test_the_clock_of_the_emulator_does_not_run_back(start: Callable[..., Emulator]) -> None:
    emulator = start()
    with emulator.fast_time():
        time.sleep(1000)
        inside = emulator.clock.monotonic(), emulator.clock.elapsed(), emulator.clock.now()
    outside = emulator.clock.monotonic(), emulator.clock.elapsed(), emulator.clock.now()
    assert all(later >= earlier for earlier, later in zip(inside, outside, strict=True))
    assert abs(emulator.clock.machine() - time.time()) < 1


def test_a_sandbox_shares_the_time(start: Callable[..., Emulator]) -> None:
    emulator = start()
    before = emulator.sandboxes.core("a")
    with emulator.fast_time():
        during = emulator.sandboxes.core("b")
        first = [core.clock.elapsed() for core in (before, during)]
        time.sleep(77)
        assert [core.clock.elapsed() for core in (before, during)] == pytest.approx([one + 77 for one in first])


def test_a_forked_process_has_real_time(emulator: Emulator) -> None:
    source = "import time; b = time.monotonic(); time.sleep(0.01); print(time.monotonic() - b < 10)"
    assert subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.mark.parametrize("state", ["not started", "another clock"])
def test_what_cannot_be_had_is_said(start: Callable[..., Emulator], state: str) -> None:
    emulator = Emulator() if state == "not started" else start(clock=ManualClock())
    with pytest.raises(EmulatorError, match=r"start it first|ManualClock"), emulator.fast_time():
        pass
