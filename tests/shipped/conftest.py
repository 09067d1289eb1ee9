"""Runs the shipped scenario that a test is called after, and holds a well-behaved client to its expectations.

`test_hot_key` in test_throttling.py is about scenarios/throttling/hot-key.yaml. Clients wait in emulated
time, and are judged by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from emulator import Emulator
from emulator.clock import EmulatedClock

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


@dataclass
class Shipped:
    """A running scenario, and clients for it."""

    emulator: Emulator
    client_for: Callable[..., Any]

    @property
    def client(self) -> Any:
        return self.client_for(self.emulator)

    def sleep(self, seconds: float) -> None:
        self.emulator.clock.sleep(seconds)

    def trying(self, call: Callable[..., Any], **params: Any) -> Any:
        """The answer, or None where the call fails; boto3 does not catch all that may go wrong in reading an answer."""
        with suppress(BotoCoreError, ClientError, UnicodeDecodeError):
            return call(**params)


@pytest.fixture
def shipped(
    request: pytest.FixtureRequest, start: Callable[..., Emulator], client_for: Callable[..., Any], emulated_clock: EmulatedClock
) -> Iterator[Callable[..., Shipped]]:
    """Starts the scenario, with parameters if any; its expectations must hold in the end."""
    folder = request.path.stem.removeprefix("test_").replace("_", "-")
    name = request.node.originalname.removeprefix("test_").replace("_", "-")
    running: list[Shipped] = []

    def run(**parameters: Any) -> Shipped:
        emulator = start(SCENARIOS / folder / f"{name}.yaml", parameters=parameters, clock=emulated_clock)
        running.append(Shipped(emulator, client_for))
        return running[-1]

    yield run
    for one in running:
        report = one.emulator.report()
        assert report.passed, [report.text(), *(finding for finding in report.audit if finding.fails)]
