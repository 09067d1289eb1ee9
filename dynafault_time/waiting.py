"""Waiting for files, and being woken from it."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable
from contextlib import suppress

from dynafault_time import real

# What is waited for: a file's descriptor, and whether to write (1) or to read (0)
Files = tuple[tuple[int, int], ...]


class Bell:
    """What a thread waits for beside its files."""

    def __init__(self) -> None:
        self._heard, self._rung = real.pipe()
        self._is_rung = False

    def wait(self, files: Files) -> None:
        """Until one of the files is ready or the bell has been rung, in the machine's time."""
        poller = _poller([files, ((self._heard, 0),)])
        real.poll(poller, None)

    def ring(self) -> None:
        if not self._is_rung:
            self._is_rung = True
            real.write(self._rung, b"!")

    def silence(self) -> None:
        if self._is_rung:
            real.read(self._heard, 1)
            self._is_rung = False

    def close(self) -> None:
        os.close(self._heard)
        os.close(self._rung)


def events_of(files: Iterable[Files]) -> dict[int, int]:
    """Which of the files are ready now, with poll's events."""
    waited_for = [one for one in files if one]
    if not waited_for:
        return {}
    return dict(real.poll(_poller(waited_for), 0))


def is_broken(events: int) -> bool:
    """Whether these are the events of a connection that has ended with an error, or was never made."""
    return bool(events & (select.POLLERR | select.POLLHUP))


def _poller(files: Iterable[Files]) -> object:
    wanted: dict[int, int] = {}
    for one in files:
        for descriptor, writes in one:
            if descriptor >= 0:
                wanted[descriptor] = wanted.get(descriptor, 0) | (select.POLLOUT if writes else select.POLLIN)
    poller = real.new_poll()
    for descriptor, events in wanted.items():
        with suppress(OSError):
            poller.register(descriptor, events)
    return poller
