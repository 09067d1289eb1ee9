"""The same scenarios and clients, embedded and in front of another emulator: the reports agree but for latencies.

`make in-front` does the same in front of other projects' emulators."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator import Emulator
from oracle.fronts import FRONTS, Front
from oracle.in_front import compared, summary


def test_there_are_twenty_of_different_names() -> None:
    assert len({front.name for front in FRONTS}) == 20


@pytest.mark.parametrize("front", FRONTS, ids=lambda front: front.name)
def test_reports_agree(front: Front, start: Callable[..., Emulator], capsys: pytest.CaptureFixture[str]) -> None:
    differs = compared("dynafault", front, summary(front, None), start().url)
    assert not differs, capsys.readouterr().out
