"""Fixtures that many tests share: emulators on free ports, and real clients that talk to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from emulator import Emulator

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
# A client that does not retry, for tests that look at single answers
NO_RETRIES = Config(retries={"total_max_attempts": 1, "mode": "standard"})


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """Starts emulators; all of them are stopped afterwards, and none may have failed by itself."""
    started: list[Emulator] = []

    def start_one(scenario: Any = None, **settings: Any) -> Emulator:
        emulator = Emulator(scenario, **settings).start()
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

    def make(emulator: Emulator, service: str = "dynamodb", region: str = "us-east-1", **settings: Any) -> Any:
        client = boto3.client(service, **{**emulator.boto3_kwargs(region), **settings})
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def no_retries() -> Config:
    return NO_RETRIES
