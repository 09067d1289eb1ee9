"""A journal's file, written by a thread of its own, so that a slow disk makes clients wait for their own answers and for nothing else. All
that has come together in the meantime is written at once (group commit)."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress

from emulator.journal.disk import JournalFile

# Bytes that are written at once, or a single record
_MAX_AT_ONCE = 1024 * 1024
# Seconds that a disk has at the end for what is left
_LAST_WAIT = 5.0


class GroupCommit:
    """Takes records from any thread, and writes them in their order. Guarded by its own lock."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._lock = threading.Condition()
        self._lines: list[bytes] = []
        self._waiting: list[tuple[int, Callable[[], object]]] = []
        self._taken = 0  # how many records there ever were
        self._written = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="dynafault journal", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Write a record soon."""
        with self._lock:
            self._lines.append(line)
            self._taken += 1
            self._lock.notify()

    def when_written(self, callback: Callable[[], object]) -> bool:
        """Call back, in the thread that writes, when all that has been taken so far is with the operating system, or the file has ended;
        False where that is so already, and nobody will be called."""
        with self._lock:
            if self._written == self._taken:
                return False
            self._waiting.append((self._taken, callback))
            return True

    def close(self) -> None:
        """Write what is left, and end; does nothing the second time."""
        with self._lock:
            self._closing = True
            self._lock.notify()
        self._thread.join(_LAST_WAIT)
        if self._thread.is_alive():
            print(f"dynafault: the journal {self._file.path} does not take its last records; they are given up", file=sys.stderr)
        else:
            self._file.close()

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._lines and not self._closing:
                    self._lock.wait()
                if not self._lines:
                    return
                lines, self._lines = self._lines, []
            for batch in _batches(lines):
                try:
                    self._file.write(b"".join(batch))
                except Exception:
                    # No client may wait for ever because of it
                    traceback.print_exc()
                self._committed(len(batch))

    def _committed(self, count: int) -> None:
        with self._lock:
            self._written += count
            due = [callback for needed, callback in self._waiting if needed <= self._written]
            if due:
                self._waiting = [(needed, callback) for needed, callback in self._waiting if needed > self._written]
        for callback in due:
            # A loop that is closed takes no more calls, and nobody in it waits
            with suppress(RuntimeError):
                callback()


def _batches(lines: list[bytes]) -> list[list[bytes]]:
    """The lines in order, as many together as may be written at once."""
    batches: list[list[bytes]] = [[]]
    size = 0
    for line in lines:
        if batches[-1] and size + len(line) > _MAX_AT_ONCE:
            batches.append([])
            size = 0
        batches[-1].append(line)
        size += len(line)
    return batches
