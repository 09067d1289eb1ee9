"""The lines of a journal on disk: one JSON object each, which says of itself how long it is and what its checksum is.

    {"exchange":{...},"writer":"8f21c0de","length":1234,"crc":"9f3a12cd"}

`length` and `crc` (CRC-32, in hex) are of the object without these two members. Files of format 1, which had neither, are still read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import orjson

from emulator.aws.errors import EmulatorError

# Of the files that are written; older ones are read as well
FORMAT = 2
# What a record can begin with
_KINDS = (b'{"run":', b'{"exchange":', b'{"delivered":', b'{"rules":')
_BEGINNING = re.compile(b"|".join(re.escape(kind) for kind in _KINDS))
_ENDING = re.compile(rb',"length":(\d{1,18}),"crc":"([0-9a-f]{8})"\}$')
_MAX_ENDING = 64


class Line(NamedTuple):
    """A line of a file: its number from 1, and its record, None for one that is damaged. `torn`: the last one, which was never written
    to its end."""

    number: int
    record: dict[str, Any] | None
    torn: bool = False


def encoded(record: dict[str, Any]) -> bytes:
    """A record as its line."""
    text = orjson.dumps(record)
    return b'%b,"length":%d,"crc":"%08x"}\n' % (text[:-1], len(text), crc32(text))


def decoded(line: bytes) -> dict[str, Any] | None:
    """The record of a line without its line break; None where it is damaged. What has no checksum was written before there were any, or by
    a person."""
    ending = _ENDING.search(line, max(0, len(line) - _MAX_ENDING))
    if ending is not None:
        line = line[: ending.start()] + b"}"
        if (len(line), b"%08x" % crc32(line)) != (int(ending[1]), ending[2]):
            return None
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def begins_record(line: bytes) -> bool:
    """Whether a line, or its beginning, looks like one of a journal."""
    return line.replace(b" ", b"", 2).startswith(_KINDS)


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a file. Where two records have become one line, since the first was not written to its end, the second is still there.
    Raises EmulatorError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield from _lines_of(number, line)
    except OSError as error:
        raise EmulatorError(f"cannot read {path}: {error.strerror}") from None


def _lines_of(number: int, line: bytes) -> Iterator[Line]:
    text = line.rstrip(b"\r\n")
    if not text:
        return
    record = decoded(text)
    yield Line(number, record, torn=record is None and not line.endswith(b"\n"))
    if record is None:
        second = _last_beginning(text)
        found = decoded(text[second:]) if second > 0 else None
        if found is not None:
            yield Line(number, found)


def _last_beginning(text: bytes) -> int:
    return max((found.start() for found in _BEGINNING.finditer(text)), default=0)
