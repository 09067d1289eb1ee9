"""HTTP answers as the live service sends them: request id, checksum, date, content type, in that dress only.

Seen on the live service: `Server`, `Date`, `Content-Type`, `Content-Length`, `Connection`, `x-amzn-RequestId`, `x-amz-crc32`,
and no `x-amzn-ErrorType` from DynamoDB. The Go v2 SDK takes a missing checksum for a wrong one, so every answer carries it."""

from __future__ import annotations

import random
from email.utils import formatdate
from zlib import crc32

from emulator.clock import Clock
from emulator.messages import HttpReply

# The live service's ids are 26 random characters and this constant
REQUEST_ID_TAIL = "VV4KQNSO5AEMVJF66Q9ASUAAJG"


# Journals keep every answer: what is the same in all of them is one object in all of them
_SERVER = ("Server", "Server")
_KEEP_ALIVE = ("Connection", "keep-alive")


class AnswerWriter:
    """Builds HttpReply values. Request ids come from `seed`, so that a run can be repeated to the letter."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._machine = clock.machine
        # One C call, so atomic: no lock
        self._bits = random.Random(f"{seed}:request-id").getrandbits
        self._second = 0
        self._date = ("Date", "")
        self._types: dict[str, tuple[str, str]] = {}

    def write(self, status: int, content_type: str, body: bytes, extra: tuple[tuple[str, str], ...] = ()) -> HttpReply:
        type_header = self._types.get(content_type)
        if type_header is None:
            type_header = self._types[content_type] = ("Content-Type", content_type)
        second = int(self._machine())
        headers = [
            _SERVER,
            self._date if second == self._second else self._dated(second),
            type_header,
            ("Content-Length", str(len(body))),
            _KEEP_ALIVE,
            ("x-amzn-RequestId", f"{self._bits(104):026X}{REQUEST_ID_TAIL}"),
            ("x-amz-crc32", str(crc32(body))),
            *extra,
        ]
        return HttpReply(status, headers, body)

    def _dated(self, second: int) -> tuple[str, str]:
        self._date = ("Date", formatdate(second, usegmt=True))
        self._second = second
        return self._date
