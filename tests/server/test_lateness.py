"""How late the server's timers run is measured while somebody is connected, and travels with each request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.clock import ManualClock, Timer
from emulator.journal.file import JournalWriter, read_journal
from emulator.server.lateness import Lateness

TABLE = {"name": "orders", "key": {"id": "S"}}


class _Planned:
    moves_by_itself = True

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Callable[[], object]]] = []

    def monotonic(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        self.due.append((self.now + seconds, callback))
        return self  # type: ignore[return-value]

    def fire(self, late: float) -> None:
        due, callback = self.due.pop()
        self.now = due + late
        callback()


def test_a_stall_is_remembered_for_a_while() -> None:
    clock, busy = _Planned(), True
    lateness = Lateness(clock, lambda: busy)  # type: ignore[arg-type]
    lateness.watch()
    lateness.watch()
    assert (lateness.seconds, len(clock.due)) == (None, 1)
    clock.fire(0.04)
    assert lateness.seconds == pytest.approx(0.04)
    clock.fire(0.0)
    assert 0.02 < (lateness.seconds or 0.0) < 0.04
    for _ in range(50):
        clock.fire(0.0)
    assert (lateness.seconds or 0.0) < 0.001
    clock.fire(3600.0)
    assert 0.9 < (lateness.seconds or 0.0) <= 1.0
    busy = False
    clock.fire(0.0)
    assert not clock.due


def test_a_clock_that_is_moved_by_hand_says_nothing_of_the_machine() -> None:
    lateness = Lateness(ManualClock(), lambda: True)
    lateness.watch()
    assert lateness.seconds is None


def test_requests_bring_it_along_into_the_journal_and_its_file(
    start: Callable[..., Emulator], client_for: Callable[..., Any], tmp_path: Path
) -> None:
    emulator = start({"version": 1, "tables": [TABLE], "rules": [{"name": "slow", "when": {"request": 1}, "fault": {"delay": "100ms"}}]})
    writer = JournalWriter(tmp_path / "journal", lambda: ())
    emulator.core.observe(writer)
    client = client_for(emulator)
    for _ in range(2):
        client.get_item(TableName="orders", Key={"id": {"S": "x"}})
    writer.close()
    live = [entry.request.late for entry in emulator.journal]
    assert live[1] is not None
    assert live[1] >= 0.0
    assert [entry.request.late for entry in read_journal(tmp_path / "journal").entries] == live
