"""HTTP/1.1 requests out of bytes, parsed by llhttp (httptools). No I/O: bytes go in, requests and refusals come out.

IDLE --first byte--> HEAD --empty line--> BODY --last byte--> IDLE          what is no HTTP, or too long: STOPPED
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

import httptools

from dynafault_dataclass import dataclass
from emulator.clock import Clock
from emulator.messages import HttpRequest
from emulator.server.head_shapes import MAX_AWAITED, PATIENCE, HeadShape, HeadShapes, read
from emulator.server.header_texts import HeaderTexts
from emulator.server.lateness import Lateness
from emulator.wire import MAX_BODY

# The live service answers 400 to a longer head
MAX_HEAD = 16 * 1024
# What may come with a body that is not its content: chunks of one byte take six, and trailers are heads
MAX_FRAMING = 8
# Bytes of a body that is remembered until the next one of its connection, which is often the same
MAX_SHARED = 4 * 1024
# A record with a handshake (RFC 8446, 5.1)
_TLS = b"\x16\x03"


class ReadingState(Enum):
    """What of a request has come."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"
    STOPPED = "stopped"


# What happens in which state, and the state after it
TRANSITIONS: dict[tuple[ReadingState, str], ReadingState] = {
    (ReadingState.IDLE, "first byte"): ReadingState.HEAD,
    (ReadingState.HEAD, "empty line"): ReadingState.BODY,
    (ReadingState.BODY, "last byte"): ReadingState.IDLE,
    **{(state, "refusal"): ReadingState.STOPPED for state in ReadingState},
}
_FIRST_BYTE, _EMPTY_LINE, _LAST_BYTE = (TRANSITIONS[at] for at in list(TRANSITIONS)[:3])
# Members of an enumeration take twice as long to look up as names of the module, and each request asks for several
_IDLE, _HEAD, _BODY, _STOPPED = ReadingState


class Refusal(NamedTuple):
    """What is no HTTP is refused before anybody looks at it, with this status; no request follows. `is_tls`: it is the beginning of
    another conversation."""

    status: int
    is_tls: bool = False


class Continue(NamedTuple):
    """The client waits to be asked for its body (RFC 9110, 10.1.1)."""


Event = HttpRequest | Refusal | Continue


@dataclass(slots=True)
class _Begun:
    """A head that has been read, `parts` of its body, and how many bytes of it are missing."""

    shape: HeadShape
    headers: dict[str, str]
    parts: list[bytes]
    missing: int


class RequestReader:
    """The requests of one connection. `number` and `peer` are the connection's; `opened` is when it was opened, in monotonic seconds.

    `state` says what of a request has come; `since` when it began to. Whoever answers fills in `answered`: when the last request was done
    with, None while one is under way."""

    def __init__(self, clock: Clock, texts: HeaderTexts, shapes: HeadShapes, lateness: Lateness, number: int, peer: str) -> None:
        self._clock = clock
        self._texts = texts
        self._shapes = shapes
        self._lateness = lateness
        self._number = number
        self._peer = peer
        self._parser: Any = httptools.HttpRequestParser(self)
        self._events: list[Event] = []
        self.state = _IDLE
        self.since = self.opened = self._clock.monotonic()
        self.answered: float | None = self.opened
        self._idle_since = self.opened
        self._last_body = b""
        # Of the last whole request that the parser has read
        self._last_headers: dict[str, str] = {}
        self._whole = 0
        self._shape: HeadShape | None = None
        # A request whose head was of that shape, and whose body is on its way
        self._begun: _Begun | None = None
        # A head, and perhaps the beginning of a body, that the parser has read
        self._first = b""
        self._begin()

    def _begin(self) -> None:
        self._chunk_size = self._head_size = self._body_size = self._framing_size = 0
        self._target = b""
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        """What these bytes complete. After a refusal, and a request whose body is too large, nothing more does."""
        if self._begun is not None:
            return self._read_on(self._begun, data)
        state = self.state
        if state is _IDLE:
            if self._shape is not None:
                read = self._read_at_once(self._shape, data)
                if read is not None:
                    return read
            if data.startswith(_TLS):
                self.state = _STOPPED
                return [Refusal(400, is_tls=True)]
        elif state is _STOPPED:
            return []
        events = self._parse(data)
        if state is _IDLE and self.state is _BODY and not events:
            self._first = data
        elif self.state is _IDLE and len(events) == 1 and (state is _IDLE or self._first):
            self._learn((self._first, data), events[0])
            self._first = b""
        else:
            self._first = b""
        return events

    def _parse(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        self._events = events
        self._chunk_size = len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrades(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse()
        state: ReadingState = self.state
        if state is _HEAD:
            self._head_size += self._chunk_size
            if self._head_size > MAX_HEAD:
                self._refuse()
        elif state is _BODY:
            self._count_framing()
        return events

    def head(self) -> HttpRequest:
        """The request whose head has come, with as much of its body as has."""
        return self._request(keep_alive=True)

    # --- requests that are like those before them

    def _read_at_once(self, shape: HeadShape, data: bytes) -> list[Event] | None:
        """The request that these bytes are, or nothing yet where they are its beginning; None where they are of no known shape."""
        found = read(shape, data, self._texts)
        if found is None:
            return None
        headers, body = found
        missing = int(headers["content-length"]) - len(body)
        if missing < 0 or missing > MAX_AWAITED or len(data) - len(body) > MAX_HEAD:
            return None
        self._note_beginning()
        if missing:
            self._begun = _Begun(shape, headers, [body], missing)
            self.state = _BODY
            return []
        return [self._shaped(shape, headers, body)]

    def _read_on(self, begun: _Begun, data: bytes) -> list[Event]:
        """More of a request whose head was of a known shape."""
        rest = data[begun.missing :]
        begun.parts.append(data[: begun.missing])
        begun.missing -= len(begun.parts[-1])
        if begun.missing:
            return []
        self._begun = None
        self.state = _LAST_BYTE
        request = self._shaped(begun.shape, begun.headers, b"".join(begun.parts))
        return [request, *self.feed(rest)] if rest else [request]

    def _shaped(self, shape: HeadShape, headers: dict[str, str], body: bytes) -> HttpRequest:
        return HttpRequest(
            shape.method, shape.target, headers, self._shared(body), self._number, self._peer, self.since, "", "", False, True, self.opened,
            self._idle_since, self._lateness.seconds,
        )  # fmt: skip

    def _learn(self, parts: tuple[bytes, ...], event: Event) -> None:
        """Look for the shape of a request that came in these parts, with nothing beside: of the eighth, the sixteenth ... on its
        connection."""
        if type(event) is not HttpRequest:
            return
        self._whole += 1
        headers, before = event.headers, self._last_headers
        if self._whole >= PATIENCE and not self._whole & (self._whole - 1) and headers.keys() == before.keys():
            changed = [name for name, value in headers.items() if value != before[name]]
            self._shape = self._shapes.learned(b"".join(parts), event, changed)
        self._last_headers = headers

    def _note_beginning(self) -> None:
        self.since = now = self._clock.monotonic()
        # Behind another request on its connection, none has been idle
        self._idle_since = now if self.answered is None else self.answered

    # --- what httptools calls

    def on_message_begin(self) -> None:
        self.state = _FIRST_BYTE
        self._note_beginning()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        # Also what comes behind the body, which is bounded (`_count_framing`), and which nobody looks at
        self._raw_headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.state = _EMPTY_LINE
        # The sum is for those few that come with so much behind them that they might be too long
        if self._head_size + self._chunk_size > MAX_HEAD:
            self._check_head_size()
        self._headers = headers = self._texts.headers(self._raw_headers)
        length = headers.get("content-length")
        if length is not None and int(length) > MAX_BODY:
            self._refuse_body()
        elif "expect" in headers and headers["expect"].lower() == "100-continue":
            self._events.append(Continue())
        elif "host" not in headers and self._parser.get_http_version() == "1.1":
            raise httptools.HttpParserError("a request of HTTP/1.1 has a Host (RFC 9112, 3.2)")

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > MAX_BODY:
            self._refuse_body()
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self.state is _STOPPED or self._parser.should_upgrade():
            return
        keep_alive = self._parser.should_keep_alive()
        if not keep_alive:
            # What comes behind a connection's last request is not for a shape to tell
            self._shape = None
        self._events.append(self._request(keep_alive))
        self.state = _LAST_BYTE
        self._begin()

    # --- what is no usual request

    def _request(self, keep_alive: bool, too_large: bool = False) -> HttpRequest:
        text = self._texts.text
        parts = self._body
        return HttpRequest(
            text(self._parser.get_method()),
            text(self._target),
            self._headers,
            self._shared(parts[0] if len(parts) == 1 else b"".join(parts)),
            self._number,
            self._peer,
            self.since,
            "",
            "",
            too_large,
            keep_alive,
            self.opened,
            self._idle_since,
            self._lateness.seconds,
        )

    def _shared(self, body: bytes) -> bytes:
        """The value, as one object in all exchanges of the journal that have it."""
        if body == self._last_body:
            return self._last_body
        if len(body) <= MAX_SHARED:
            self._last_body = body
        return body

    def _check_head_size(self) -> None:
        if len(self._target) + sum(len(name) + len(value) for name, value in self._raw_headers) > MAX_HEAD:
            raise httptools.HttpParserError("the head is too long")

    def _count_framing(self) -> None:
        """Whatever is neither head nor content, chunk by chunk: sizes of chunks, their extensions, trailers."""
        self._framing_size += self._chunk_size
        if self._framing_size > 2 * MAX_HEAD + MAX_FRAMING * self._body_size + self._chunk_size:
            self._refuse()

    def _ignore_upgrades(self, rest: bytes) -> None:
        """An offer to speak another protocol may be ignored (RFC 9110, 7.8), but the parser stops behind it. A new one gets the
        same head without the offer. Java's own HTTP client makes that offer with every first request."""
        pending = [rest]
        head = self._without_offer()
        while head:
            pending.append(head)
            head = b""
            for data in _taken(pending):
                self._chunk_size = len(data)
                try:
                    self._parser.feed_data(data)
                except httptools.HttpParserUpgrade as upgrade:
                    pending.append(data[upgrade.args[0] :])
                    head = self._without_offer()
                    break

    def _without_offer(self) -> bytes:
        """The head that made an offer, without it, for a new parser; nothing for one that asks for a tunnel, which is refused."""
        method = self._parser.get_method()
        if method == b"CONNECT":
            self._refuse()
            return b""
        lines = [b"%s %s HTTP/1.1" % (method, self._target)]
        lines += [b"%s: %s" % header for header in self._raw_headers if header[0].lower() != b"upgrade"]
        self._begin()
        self._parser = httptools.HttpRequestParser(self)
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def _refuse_body(self) -> None:
        """Answer at once and read no more: waiting for the rest of what is too large would let a client hold us."""
        if self.state is not _STOPPED:
            self.state = _STOPPED
            self._events.append(self._request(keep_alive=False, too_large=True))

    def _refuse(self) -> None:
        if self.state is not _STOPPED:
            self.state = _STOPPED
            self._events.append(Refusal(400))


def _taken(stack: list[bytes]) -> Iterator[bytes]:
    while stack:
        yield stack.pop()
