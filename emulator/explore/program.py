"""The user's program as a process of its own: started, watched, and ended where it does not end by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.clock import Clock

# How many bytes are kept of the end of what it prints
_MAX_OUTPUT = 20_000
# Seconds between two looks at whether it is to be ended
_LOOK = 0.05
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended. `status` is its own, negative for a signal; None where it was ended for the reason `why`. `output` is the end of
    what it printed, `seconds` how long it took."""

    status: int | None
    seconds: float
    output: str
    why: str = ""


def run_program(
    command: Sequence[str], environment: Mapping[str, str], clock: Clock, why_end: Callable[[float], str], stop: threading.Event
) -> Ended:
    """Run it to its end. `why_end` is asked now and then, with the seconds since its start, for a reason to end it, "" for none; `stop`
    ends it too. Raises EmulatorError for a command that cannot be run."""
    began = clock.monotonic()
    with tempfile.TemporaryFile() as output:
        process = _started(command, environment, output)
        why = ""
        try:
            while process.poll() is None and not why:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK)
                    break
                why = "stopped" if stop.is_set() else why_end(clock.monotonic() - began)
        finally:
            status = _end(process)
        return Ended(None if why else status, clock.monotonic() - began, _tail(output), why)


def _started(command: Sequence[str], environment: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        # A group of its own, so that its children end with it
        return subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    except OSError as error:
        raise EmulatorError(f"cannot run {command[0]!r}: {error.strerror}") from None


def _end(process: subprocess.Popen[bytes]) -> int:
    """Its status; it and its children are gone then."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    return process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            # It began a session, so its group has its number
            os.killpg(process.pid, number)
        elif process.poll() is None:
            process.terminate()


def _tail(output: IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - _MAX_OUTPUT))
    return output.read().decode("utf-8", "replace")
