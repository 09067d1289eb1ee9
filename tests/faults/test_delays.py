"""Delays that are drawn: within their bounds, of the right shape, and the same for the same seed."""

from __future__ import annotations

from statistics import mean, median, stdev
from typing import Any

import pytest

from emulator.faults.chance import Chance, Contents
from emulator.faults.effect import shown
from emulator.faults.effects.delay import drawn
from emulator.scenario import load_rule
from emulator.scenario.delays import Delay


def delay(**value: Any) -> Delay:
    fault = load_rule({"name": "r", "fault": {"delay": value}}).fault
    assert fault is not None
    found: Delay = fault.keys["delay"]
    return found


def waits(wanted: Delay, count: int = 2000) -> list[float]:
    contents, chance = Contents(), Chance(1, "r", None)
    return [drawn(wanted, chance.random(contents.draw(b"x" * 16))) for _ in range(count)]


def test_uniform() -> None:
    found = waits(delay(uniform=["50ms", "1s"]))
    assert all(0.05 <= wait < 1 for wait in found)
    assert mean(found) == pytest.approx(0.525, rel=0.05)


def test_normal_is_never_negative() -> None:
    found = waits(delay(normal={"mean": "100ms", "sd": "20ms"}))
    assert mean(found) == pytest.approx(0.1, rel=0.05)
    assert stdev(found) == pytest.approx(0.02, rel=0.1)
    assert min(waits(delay(normal={"mean": "10ms", "sd": "1s"}))) == 0.0


def test_lognormal_has_its_median_and_its_cap() -> None:
    found = waits(delay(lognormal={"median": "80ms", "sigma": 0.4, "max": "120ms"}))
    assert median(found) == pytest.approx(0.08, rel=0.05)
    assert max(found) == 0.12
    assert max(waits(delay(lognormal={"median": "80ms", "sigma": 0.4}))) > 0.12


def test_percentiles() -> None:
    found = waits(delay(percentiles={"p50": "10ms", "p90": "100ms", "max": "1s"}))
    for share, wait in ((0.5, 0.01), (0.9, 0.1), (1.0, 1.0)):
        assert sum(one <= wait for one in found) / len(found) == pytest.approx(share, abs=0.03)
    assert max(found) > 0.5
    assert min(waits(delay(percentiles={"min": "5ms", "p50": "10ms"}))) >= 0.005
    assert max(waits(delay(percentiles={"p50": "10ms"}))) == 0.01


def test_a_drawn_delay_repeats(client: Any) -> None:
    def delays(seed: int) -> list[float]:
        c = client("rules: [{name: r, fault: {delay: {uniform: [0s, 10s]}}}]", seed=seed)
        return [c.decide("GetItem", "t", TableName="t").plan.delay for _ in range(5)]

    assert delays(1) == delays(1)
    assert len(set(delays(1))) == 5
    assert delays(1) != delays(2)


@pytest.mark.parametrize(("seconds", "text"), [(0.25, "250ms"), (2.0, "2s"), (0.0123456, "12.35ms"), (90.0, "90s"), (0.0, "0ms")])
def test_shown(seconds: float, text: str) -> None:
    assert shown(seconds) == text
