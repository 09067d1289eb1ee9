"""HTTP answers as the live service sends them: with request id, checksum, date and content type, and no other headers.

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

CRC = "x-amz-crc32"
Headers = list[tuple[str, str]]


def replaced(headers: Headers, changes: dict[str, str | None]) -> Headers:
    """Headers with some changed in place, added, or (None) removed; names in lower case."""
    left = dict(changes)
    found: Headers = []
    for name, value in headers:
        new = left.pop(name.lower(), value)
        if new is not None:
            found.append((name, new))
    return found + [(name, value) for name, value in left.items() if value is not None]


def with_body(reply: HttpReply, body: bytes, **changes: str | None) -> HttpReply:
    """The reply with another body, its length and checksum right; keywords are header names with underscores."""
    known: dict[str, str | None] = {"content-length": str(len(body)), CRC: str(crc32(body))}
    known.update({name.replace("_", "-"): value for name, value in changes.items()})
    return HttpReply(reply.status, replaced(reply.headers, known), body)


class _SharedHead:
    """What is the same in all plain answers of one status and content type in one second. Journals keep every answer: they are one
    object in all of them."""

    __slots__ = ("first", "template")

    def __init__(self, status: int, content_type: str, second: int) -> None:
        self.first = [("Server", "Server"), ("Date", formatdate(second, usegmt=True)), ("Content-Type", content_type)]
        fields = [
            ("Content-Length", "%d"),
            ("Connection", "keep-alive"),
            ("x-amzn-RequestId", f"%026X{REQUEST_ID_TAIL}"),
            ("x-amz-crc32", "%d"),
        ]
        self.template = HttpReply(status, [*self.first, *fields], b"").head(keep_alive=True)


class ServiceReply(HttpReply):
    """An answer of the service. Its headers are made when somebody looks at them: few answers are looked at."""

    __slots__ = ("_extra", "_id", "_shared")

    def __init__(self, status: int, shared: _SharedHead, request_id: int, body: bytes, extra: tuple[tuple[str, str], ...]) -> None:
        self.status = status
        self.body = body
        self._shared = shared
        self._id = request_id
        self._extra = extra

    @property
    def is_plain(self) -> bool:
        """Whether its headers are those of every answer, and no others."""
        return not self._extra

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [
            *self._shared.first,
            ("Content-Length", str(len(self.body))),
            ("Connection", "keep-alive"),
            ("x-amzn-RequestId", f"{self._id:026X}{REQUEST_ID_TAIL}"),
            ("x-amz-crc32", str(crc32(self.body))),
            *self._extra,
        ]

    def head(self, keep_alive: bool) -> bytes:
        if not keep_alive or self._extra:
            return super().head(keep_alive)
        body = self.body
        return self._shared.template % (len(body), self._id, crc32(body))


class AnswerWriter:
    """Builds HttpReply values. Request ids come from `seed`, so that a run can be repeated to the letter."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._machine = clock.machine
        # One C call, so atomic: no lock
        self._bits = random.Random(f"{seed}:request-id").getrandbits
        self._second = 0
        self._heads: dict[tuple[int, str, int], _SharedHead] = {}

    def write(self, status: int, content_type: str, body: bytes, extra: tuple[tuple[str, str], ...] = ()) -> HttpReply:
        second = int(self._machine())
        if second != self._second:
            self._heads, self._second = {}, second
        shared = self._heads.get((status, content_type, second))
        if shared is None:
            shared = self._heads[status, content_type, second] = _SharedHead(status, content_type, second)
        return ServiceReply(status, shared, self._bits(104), body, extra)
