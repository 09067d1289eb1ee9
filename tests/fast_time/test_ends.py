"""What ends fast time, and what is said where time cannot pass."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dynafault_time import FastTimeError, real
from dynafault_time.turns import standing_still
from emulator import Emulator


def run_program(source: str, tmp_path: Path, *, send: int | None = None) -> subprocess.CompletedProcess[str]:
    """A program that prints `ready`; with `send`, it is sent that signal then."""
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(source))
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        if send is not None:
            assert first == "ready\n"
            process.send_signal(send)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, first + out, err)


@pytest.mark.parametrize(
    "wait",
    [
        "threading.Event().wait()",
        "queue.SimpleQueue().get()",
        "(pair := socket.socketpair())[0].recv(1)",
        "asyncio.run(asyncio.Event().wait())",
    ],
)
def test_control_c_ends_a_wait(tmp_path: Path, wait: str) -> None:
    program = f"""
        import asyncio, queue, signal, socket, threading, time
        from dynafault import Emulator
        # Where the tests run in the background, the signal is ignored from the start
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with Emulator() as emulator:
            try:
                with emulator.fast_time():
                    threading.Thread(target=time.sleep, args=(1e3,), daemon=True).start()
                    print("ready", flush=True)
                    {wait}
            except KeyboardInterrupt:
                before = time.monotonic()
                time.sleep(0.01)
                print("ended", 0.01 <= time.monotonic() - before < 10, time.sleep.__module__)
    """
    seen = run_program(program, tmp_path, send=signal.SIGINT)
    assert seen.stdout.splitlines()[-1] == "ended True time", seen.stderr
    assert seen.returncode == 0


def test_who_sleeps_is_said_after_a_second(start: Callable[..., Emulator]) -> None:
    reading, writing = os.pipe()
    emulator = start()
    with emulator.fast_time():
        thread = threading.Thread(target=os.read, args=(reading, 1), name="the sleeper")
        thread.start()
        with pytest.raises(FastTimeError, match=r"thread 'the sleeper'.*has slept for a second.*'MainThread' in .*test_ends.py"):
            time.sleep(5)
        os.write(writing, b"!")
        thread.join()
        before = time.monotonic()
        time.sleep(5)
        assert time.monotonic() == before + 5
    os.close(reading)
    os.close(writing)


def test_another_server_is_waited_for_in_its_own_time(start: Callable[..., Emulator]) -> None:
    """One that answers late, in a process of its own: a time-out of the client is none of what passes."""
    server = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); c, _ = s.accept()\n"
    server += "c.recv(1); import time; time.sleep(0.2); c.sendall(b'!')"
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with start().fast_time():
            before = time.monotonic()
            ticking = threading.Thread(target=time.sleep, args=(1000,))
            ticking.start()
            with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
                client.sendall(b"?")
                assert client.recv(1) == b"!"
            assert time.monotonic() == before
            ticking.join()
            assert time.monotonic() == before + 1000


def test_a_thread_of_an_emulator_cannot_begin_it(start: Callable[..., Emulator]) -> None:
    said: list[str] = []
    emulator = start()

    def begin() -> None:
        real.keep_machine_time()
        try:
            with emulator.fast_time():
                pass
        except Exception as error:
            said.append(str(error))

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    assert said == ["a thread of the emulator cannot begin fast time"]


def test_outside_of_fast_time_nothing_stands_still() -> None:
    with standing_still("nothing"):
        before = time.monotonic()
        time.sleep(0.01)
        assert time.monotonic() > before
