"""The server's patience with its clients, in their time: it runs out when it should, and costs nothing until then."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from dynafault_time.shared import SharedTime
from emulator import Emulator
from emulator.server import Limits
from tests.fast_time.conftest import KEY, scenario

DAY = 86_400.0
LATE = 0.01


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One for each timer of an emulator that has fired in fast time: the nanoseconds that had passed."""
    moments: list[int] = []
    done = SharedTime.done

    def note(self: SharedTime) -> None:
        moments.append(self.now)
        done(self)

    monkeypatch.setattr(SharedTime, "done", note)
    return moments


def closed_after(emulator: Emulator, *sent: tuple[float, bytes]) -> float:
    """Send bytes, each after a wait in seconds; the seconds until the server closes the connection."""
    with socket.create_connection((emulator.host, emulator.port)) as client:
        began = time.monotonic()
        for wait, data in sent:
            time.sleep(wait)
            client.sendall(data)
        while client.recv(65536):
            pass
        return time.monotonic() - began


def test_a_wait_of_days_costs_nothing(
    start: Callable[..., Emulator], client_for: Callable[..., Any], fired: list[int], slept: list[float]
) -> None:
    emulator = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}]}, limits=Limits())
    client = client_for(emulator)
    with emulator.fast_time():
        began = time.monotonic()
        for _ in range(3):
            client.get_item(TableName="orders", Key=KEY)
            time.sleep(30 * DAY)
        assert time.monotonic() - began == 90 * DAY
    # For each connection, when it is closed
    assert 3 <= len(fired) <= 9
    assert not slept


@pytest.mark.parametrize(
    ("sent", "after"),
    [
        ([], 90),
        ([(5, b"POST / HTTP/1.1\r\n")], 25),
        ([(5, b"POST / HTTP/1.1\r\n"), (10, b"Host: localhost\r\nContent-Length: 5\r\n\r\n"), (10, b"{")], 35),
        ([(50, b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\n\r\n")], 140),
    ],
    ids=["idle", "head", "body", "idle again"],
)
def test_patience_runs_out_in_time(
    start: Callable[..., Emulator], fired: list[int], sent: list[tuple[float, bytes]], after: float, slept: list[float]
) -> None:
    emulator = start(limits=Limits(idle=90, head=20, body=30))
    with emulator.fast_time():
        assert closed_after(emulator, *sent) == pytest.approx(after, abs=LATE)
    assert len(fired) <= 4
    assert not slept


def test_a_connection_from_before_is_closed_in_time(start: Callable[..., Emulator]) -> None:
    emulator = start(limits=Limits(idle=90))
    with socket.create_connection((emulator.host, emulator.port)) as client:
        client.sendall(b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(65536)
        with emulator.fast_time():
            began = time.monotonic()
            while client.recv(65536):
                pass
            assert 0 < time.monotonic() - began <= 90 + LATE


@pytest.mark.parametrize("fault", [{"connection": "hang"}, {"delay": "6h"}, {"drip": "1B/s"}], ids=["hang", "delay", "drip"])
def test_rules_that_are_off_hold_back_for_a_second_at_most(start: Callable[..., Emulator], fault: dict[str, Any]) -> None:
    emulator = start(scenario(fault))

    def switch_off() -> None:
        time.sleep(10)
        emulator.rules.off()

    request = b'{"TableName": "orders", "Key": {"id": {"S": "a"}}}'
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"
    head += b"X-Amz-Date: 20261120T120000Z\r\nContent-Type: application/x-amz-json-1.0\r\n"
    head += b"Authorization: AWS4-HMAC-SHA256 Credential=A/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=abc\r\n"
    with emulator.fast_time():
        switching = threading.Thread(target=switch_off)
        switching.start()
        assert 10 <= closed_after(emulator, (0, head + b"Content-Length: %d\r\n\r\n" % len(request) + request)) <= 11 + LATE
        switching.join()


def test_a_port_that_refuses_is_open_a_second_after_rules_are_off(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    emulator = start(scenario({"refuse": "6h"}))
    with emulator.fast_time():
        with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
            client_for(emulator).get_item(TableName="orders", Key=KEY)
        emulator.rules.off()
        time.sleep(1 + LATE)
        client_for(emulator).get_item(TableName="orders", Key=KEY)


def test_an_idle_sandbox_is_dropped_in_time(start: Callable[..., Emulator], fired: list[int]) -> None:
    emulator = start(limits=Limits())
    with emulator.fast_time():
        requests.get(f"{emulator.url}/sandbox/one/_emulator/health", timeout=60)
        time.sleep(3500)
        assert len(emulator.sandboxes.cores()) == 2
        time.sleep(200)
        assert len(emulator.sandboxes.cores()) == 1
    assert len(fired) <= 4
