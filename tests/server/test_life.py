"""The beginning and the end of a server where its machine does not help: no descriptors, forks, strangers on its port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing

import pytest
import requests

from emulator import Emulator, EmulatorError

PATIENCE = 60
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="what sockets do here is Linux's")
# A program that has no descriptors left, and then too few for its clients
USED_UP = """
import os, resource, socket, sys
from contextlib import suppress
from emulator import Emulator, EmulatorError
used = []
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
emulator = Emulator()
with suppress(OSError):
    while True:
        used.append(os.open(os.devnull, os.O_RDONLY))
for spare in {spares}:
    for _ in range(spare - len([one for one in used if one < 0])):
        os.close(used.pop())
    try:
        emulator.start()
    except EmulatorError as error:
        print("refused:", error)
    else:
        print("started")
        emulator.stop()
"""
CROWDED = """
import resource, socket, time
from emulator import Emulator
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
with Emulator() as emulator:
    pass
with Emulator() as emulator:
    print(emulator.port, flush=True)
    input()
"""


def test_starting_without_descriptors_fails_with_a_word() -> None:
    source = USED_UP.replace("{spares}", "(0, 1, 2)")
    said = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=PATIENCE, check=True)
    lines = said.stdout.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(("refused: cannot ", "started")) for line in lines)
    assert lines[0].startswith("refused")


def test_running_out_of_descriptors_is_said_once() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", CROWDED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    port = int(program.stdout.readline())
    crowd = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(120)]
    for one in crowd:
        one.close()
    assert requests.get(f"http://127.0.0.1:{port}/_emulator/health", timeout=PATIENCE).status_code == 200
    _, said = program.communicate("\n", timeout=PATIENCE)
    assert "new connections wait" in said
    assert len(said) < 1_000


@LINUX
def test_a_forked_child_does_not_hold_the_port() -> None:
    emulator = Emulator().start()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    port = emulator.port
    assert requests.get(f"{emulator.url}/_emulator/health", timeout=PATIENCE).status_code == 200
    emulator.stop()
    try:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        with Emulator(port=port) as again:
            assert again.port == port
    finally:
        os.close(writing)
        os.waitpid(child, 0)


@LINUX
def test_a_stranger_cannot_share_the_port(start: Callable[..., Emulator]) -> None:
    emulator = start(None)
    with closing(socket.socket()) as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", emulator.port))
    with pytest.raises(EmulatorError, match="is in use"):
        Emulator(port=emulator.port).start()
