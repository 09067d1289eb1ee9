"""HTTP answers as the live service sends them: request id, checksum, date, content type, in that dress only.

Seen on the live service: `Server`, `Date`, `Content-Type`, `Content-Length`, `Connection`, `x-amzn-RequestId`, `x-amz-crc32`,
and no `x-amzn-ErrorType` from DynamoDB. The Go v2 SDK takes a missing checksum for a wrong one, so every answer carries it."""

from __future__ import annotations

import random
import threading
from email.utils import formatdate
from zlib import crc32

from emulator.clock import Clock
from emulator.messages import HttpReply

# The live service's ids are 26 random characters and this constant
REQUEST_ID_TAIL = "VV4KQNSO5AEMVJF66Q9ASUAAJG"


class AnswerWriter:
    """Builds HttpReply values. Request ids come from `seed`, so that a run can be repeated to the letter."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._random = random.Random(f"{seed}:request-id")
        self._lock = threading.Lock()
        self._date = (0, "")

    def write(self, status: int, content_type: str, body: bytes, extra: tuple[tuple[str, str], ...] = ()) -> HttpReply:
        headers = [
            ("Server", "Server"),
            ("Date", self._date_now()),
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Connection", "keep-alive"),
            ("x-amzn-RequestId", self._request_id()),
            ("x-amz-crc32", str(crc32(body))),
        ]
        headers.extend(extra)
        return HttpReply(status, headers, body)

    def _date_now(self) -> str:
        second = int(self._clock.machine())
        cached_second, text = self._date
        if second != cached_second:
            text = formatdate(second, usegmt=True)
            self._date = (second, text)
        return text

    def _request_id(self) -> str:
        with self._lock:
            bits = self._random.getrandbits(104)
        return f"{bits:026X}{REQUEST_ID_TAIL}"
