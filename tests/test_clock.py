from __future__ import annotations

import pytest

from emulator.clock import Clock, ManualClock, SystemClock


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock()], ids=["system", "manual"])
def test_the_clock_moves_forward_only(clock: Clock) -> None:
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
