"""The file that a journal is written to: one writer at a time, nothing but whole records, at most so many bytes.

Each write is with the operating system when it returns, so what a killed process had written is there. What a loss of power costs is up
to the system: it is not asked to put each record on the disk."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from emulator.aws.errors import EmulatorError
from emulator.journal.records import begins_record, decoded

_BLOCK = 64 * 1024
_EARLIER = ".1"
# Where Windows locks a byte: behind all that is read of most files, and no further than its C library counts
_LOCKED_AT = 2**31 - 2


class RawFile(Protocol):
    """What is needed of a file that is open for appending: `open(path, "r+b", buffering=0)`, say. Every method may raise OSError, and
    `write` may write less than it is given."""

    def fileno(self) -> int: ...

    def read(self, size: int, /) -> bytes | None: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...

    def truncate(self, size: int, /) -> int: ...

    def write(self, data: bytes | memoryview, /) -> int | None: ...

    def close(self) -> None: ...


Opener = Callable[[Path], RawFile]


def open_raw(path: Path) -> RawFile:
    """A file as it is, made if it is not there. Raises OSError."""
    return open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666), "r+b", buffering=0)


def earlier_file(path: Path) -> Path:
    """Where the records before those of a file are, once that has become too large."""
    return path.with_name(path.name + _EARLIER)


class JournalFile:
    """Appends lines to a file that nobody else writes to. `most_bytes` bounds it and its predecessor together, None: nothing does.
    `heading` gives the lines that a file has to begin with when it takes another's place.

    Raises EmulatorError where the file cannot be had: it cannot be opened, another server writes to it, or it is no journal. Where it
    can no longer be written, that is said once, on standard error, and no more is written. For one thread at a time."""

    def __init__(self, path: Path, most_bytes: int | None = None, *, opener: Opener = open_raw) -> None:
        self.path = path
        self.heading: Callable[[], bytes] = bytes
        self._most = None if most_bytes is None else most_bytes // 2
        self._opener = opener
        self._file: RawFile | None = None
        try:
            self._file, self._size = self._opened()
        except OSError as error:
            raise EmulatorError(f"cannot write the journal to {path}: {error.strerror}") from None

    @property
    def is_open(self) -> bool:
        return self._file is not None

    def write(self, lines: bytes) -> None:
        """Hand whole lines to the operating system."""
        if self._file is None:
            return
        try:
            if self._most is not None and self._size and self._size + len(lines) > self._most:
                self._start_another()
            self._append(lines)
        except (OSError, EmulatorError) as error:
            self._end(error.strerror or str(error) if isinstance(error, OSError) else str(error))

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            _close(file)

    def _opened(self) -> tuple[RawFile, int]:
        """The file, locked and ending with a whole record, and its size. Raises OSError, and EmulatorError."""
        file = self._opener(self.path)
        try:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file, 0
            if not _lock(file):
                raise EmulatorError(f"another server writes its journal to {self.path} already; give this one a file of its own")
            return file, self._repaired(file)
        except BaseException:
            _close(file)
            raise

    def _repaired(self, file: RawFile) -> int:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return 0
        if not _is_journal(file):
            raise EmulatorError(f"{self.path} is there already, and no journal of dynafault; name another file")
        end = _last_line_break(file, size)
        torn = size - end
        if torn and decoded(_read(file, end, torn)) is not None:
            self._size = size
            self._file = file
            self._append(b"\n")
            return size + 1
        if torn:
            file.truncate(end)
            file.seek(0, os.SEEK_END)
            _say(f"the last record of {self.path} was not written to its end; its {torn} bytes are cut off")
        return end

    def _append(self, lines: bytes) -> None:
        assert self._file is not None
        rest = memoryview(lines)
        while rest:
            # A file that does not wait says None where nothing fits in
            written = self._file.write(rest) or 0
            if not written:
                raise OSError(0, "it takes no more bytes")
            rest = rest[written:]
        self._size += len(lines)

    def _start_another(self) -> None:
        assert self._file is not None
        file, self._file = self._file, None
        file.close()
        os.replace(self.path, earlier_file(self.path))
        self._file, self._size = self._opened()
        self._append(self.heading())

    def _end(self, why: str) -> None:
        """No more is written; what was written of the last lines goes, so that the file ends with a whole record."""
        file, self._file = self._file, None
        _say(f"the journal {self.path} ends here: {why}")
        if file is None:
            return
        # Where that fails, whoever reads it leaves the torn record out
        with suppress(OSError):
            file.truncate(self._size)
        _close(file)


def _say(text: str) -> None:
    print(f"dynafault: {text}", file=sys.stderr)


def _close(file: RawFile) -> None:
    # What was written is with the operating system, and there is nobody left to tell
    with suppress(OSError):
        file.close()


def _read(file: RawFile, start: int, size: int) -> bytes:
    file.seek(start)
    parts = []
    while size > 0 and (part := file.read(min(size, _BLOCK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _is_journal(file: RawFile) -> bool:
    """Whether some line looks like a record: the first ones may be damaged."""
    file.seek(0)
    start = b""
    while block := file.read(_BLOCK):
        lines = (start + block).split(b"\n")
        if any(begins_record(line) for line in lines):
            return True
        start = lines[-1][:_BLOCK]
    return False


def _last_line_break(file: RawFile, size: int) -> int:
    """Where what stands behind the last line break begins."""
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        found = _read(file, start, end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


if sys.platform == "win32":
    import msvcrt

    def _lock(file: RawFile) -> bool:
        """Take the file for this process; False where another has it."""
        file.seek(_LOCKED_AT)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(file: RawFile) -> bool:
        """Take the file for this process; False where another has it. File systems without locks let everybody in."""
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
