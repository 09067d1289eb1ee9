from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from emulator.clock import Clock, EmulatedClock, ManualClock, SystemClock

PATIENCE = 60.0


@pytest.mark.parametrize("make", [SystemClock, ManualClock, EmulatedClock])
def test_the_clock_moves_forward_only(make: Callable[[], Clock]) -> None:
    clock = make()
    before = clock.now()
    clock.advance(90_000)
    assert clock.now() >= before + 90_000
    with pytest.raises(ValueError, match="forward only"):
        clock.advance(-1)


def test_moving_the_emulated_time_leaves_the_machine_s_alone() -> None:
    clock = SystemClock()
    machine, monotonic = clock.machine(), clock.monotonic()
    clock.advance(1_000_000)
    assert clock.machine() - machine < 1_000
    assert clock.monotonic() - monotonic < 1_000


def test_sleeping_on_a_manual_clock_takes_no_time() -> None:
    clock = ManualClock(start=100.0)
    clock.sleep(30)
    assert clock.now() == 130.0
    assert clock.monotonic() == 30.0


class TestEmulatedTime:
    def test_it_passes_when_somebody_waits_and_stands_still_otherwise(self) -> None:
        clock = EmulatedClock()
        began = clock.now()
        clock.sleep(1_000_000)
        clock.advance(0.5)
        assert (clock.monotonic(), clock.now()) == (1_000_000.5, began + 1_000_000.5)
        assert clock.machine() - began < 1_000
        with pytest.raises(ValueError, match="nobody can sleep for -1 s"):
            clock.sleep(-1)

    def test_starting_over_brings_the_wall_clock_back_and_no_gap_becomes_negative(self) -> None:
        clock = EmulatedClock()
        clock.sleep(1_000_000)
        clock.reset()
        assert abs(clock.now() - clock.machine()) < 1_000
        assert clock.monotonic() == 1_000_000

    def test_threads_that_take_part_wait_beside_each_other(self) -> None:
        clock = EmulatedClock()
        woken: list[tuple[float, str]] = []
        all_there = threading.Barrier(3)

        def work(name: str, wait: float) -> None:
            with clock.taking_part():
                all_there.wait(PATIENCE)
                for _ in range(3):
                    clock.sleep(wait)
                    woken.append((clock.monotonic(), name))

        run([threading.Thread(target=work, args=args) for args in (("a", 1.0), ("b", 2.5), ("c", 100.0))])
        assert woken == [
            *((1.0, "a"), (2.0, "a"), (2.5, "b"), (3.0, "a"), (5.0, "b"), (7.5, "b")),
            *((100.0, "c"), (200.0, "c"), (300.0, "c")),
        ]

    def test_who_does_not_take_part_waits_for_those_who_do(self) -> None:
        clock = EmulatedClock()
        others = [threading.Thread(target=clock.sleep, args=(wait,)) for wait in (5.0, 2.0)]
        with clock.taking_part():
            for other in others:
                other.start()
            clock.advance(1.0)
            assert clock.monotonic() == 1.0
        join(others)
        assert 5.0 <= clock.monotonic() <= 6.0

    def test_moving_it_on_wakes_who_is_due(self) -> None:
        clock = EmulatedClock()
        other = threading.Thread(target=clock.sleep, args=(10.0,))
        with clock.taking_part():
            other.start()
            # More than once, since nobody can tell when the other has fallen asleep
            for _ in range(int(PATIENCE / 0.01)):
                clock.advance(10.0)
                other.join(0.01)
                if not other.is_alive():
                    break
            assert not other.is_alive()


def run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    join(threads)


def join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_the_machines_clock_knows_when_it_was_moved() -> None:
    clock = SystemClock()
    first = clock.monotonic()
    clock.advance(60)
    second = clock.monotonic()
    clock.advance(5)
    third = clock.monotonic()
    clock.reset()
    fourth = clock.monotonic()
    moved = [clock.elapsed_at(moment) - moment for moment in (first, second, third, fourth)]
    assert moved == pytest.approx([0, 60, 65, 0])
    assert ManualClock().elapsed_at(7.0) == 7.0
