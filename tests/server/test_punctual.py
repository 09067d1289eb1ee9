"""Timers of the server's loop: what they wait with says what is ready, and for how long it may wait does not change that."""

from __future__ import annotations

import os
import selectors
import socket
import sys
from collections.abc import Iterator

import pytest

if sys.platform != "linux":
    pytest.skip("elsewhere loops are punctual as they are", allow_module_level=True)

import resource

from emulator.server.punctual import PunctualSelector

TIMEOUTS = [None, -1, 0, 1e-9, 0.0004, 0.001, 0.0015, 0.25, 30]


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


@pytest.mark.parametrize("timeout", TIMEOUTS)
def test_what_is_ready_is_told_at_once(pair: tuple[socket.socket, socket.socket], timeout: float | None) -> None:
    with PunctualSelector() as selector:
        key = selector.register(pair[0], selectors.EVENT_READ)
        pair[1].send(b"x")
        assert selector.select(timeout) == [(key, selectors.EVENT_READ)]


@pytest.mark.parametrize("timeout", [0, 1e-9, 0.0004, 0.001, 0.0015])
def test_nothing_is_told_where_nothing_is_ready(pair: tuple[socket.socket, socket.socket], timeout: float) -> None:
    with PunctualSelector() as selector:
        selector.register(pair[0], selectors.EVENT_READ)
        assert selector.select(timeout) == []


def test_a_descriptor_that_select_cannot_take_is_waited_for_as_usual(pair: tuple[socket.socket, socket.socket]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("so many descriptors are not allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    taken = [os.dup(pair[0].fileno()) for _ in range(1024)]
    try:
        with PunctualSelector() as selector:
            assert selector.fileno() >= 1024
            selector.register(pair[0], selectors.EVENT_READ)
            assert selector.select(0.0004) == []
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
