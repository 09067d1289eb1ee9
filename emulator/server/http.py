"""The built-in HTTP/1.1 server: one asyncio connection after another, parsed by llhttp (httptools).

Requests of a connection are answered in the order in which they came; the next one is looked at when the one before is done with,
delays included. What the emulated service is asked goes straight to `Door.exchange`; everything under an admin path goes to the
admin door. Every wait (a delay, a hang, a slow client) is a timer or nothing at all, never a thread, so a
thousand held connections cost the others nothing.

    bytes --httptools--> _Incoming --> queue --> exchange() --> send, or wire_faults
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httptools

from emulator.clock import Clock
from emulator.core import Exchange
from emulator.messages import HttpReply, HttpRequest
from emulator.server.access import is_admin_target
from emulator.server.listener import Listener
from emulator.server.rendering import render_head
from emulator.server.wire_faults import Performance
from emulator.wire import LARGEST_BODY

# The live service answers 400 to a longer head
LARGEST_HEAD = 16 * 1024
# Requests that wait behind one under way on the same connection; a client that pipelines more is not read for a while
MOST_PIPELINED = 64
# Header texts remembered; they are no longer than a head may be
MOST_TEXTS = 512


class Door(Protocol):
    """What the server asks of the emulator behind it."""

    clock: Clock

    def exchange(self, request: HttpRequest) -> Exchange: ...

    def delivered(self, exchange: Exchange) -> None: ...

    def too_large(self, request: HttpRequest) -> HttpReply: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs in seconds. `idle`: an open connection without a request; `head` and `body`: for a request to come in;
    `drain`: for a client to read its answer; `grace`: for requests under way when the server stops."""

    idle: float = 120.0
    head: float = 20.0
    body: float = 60.0
    drain: float = 60.0
    grace: float = 0.8


@dataclass(slots=True)
class _Incoming:
    """A request while it comes in."""

    target: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    head_size: int = 0
    body_size: int = 0
    arrived: float = 0.0
    failure: int = 0


@dataclass(slots=True)
class _Waiting:
    """A request that is complete: `keep_alive` is whether the connection goes on after it."""

    request: HttpRequest
    keep_alive: bool
    failure: int


class _Texts:
    """Header names and values as text. What a client sends again and again is decoded once, and is one object in all of the
    journal's entries."""

    def __init__(self) -> None:
        self._lower: dict[bytes, str] = {}
        self._plain: dict[bytes, str] = {}

    def lower(self, data: bytes) -> str:
        return self._lower.get(data) or self._remember(self._lower, data, data.decode("latin-1").lower())

    def plain(self, data: bytes) -> str:
        return self._plain.get(data) or self._remember(self._plain, data, data.decode("latin-1"))

    @staticmethod
    def _remember(known: dict[bytes, str], data: bytes, text: str) -> str:
        if len(known) >= MOST_TEXTS:
            known.clear()
        known[data] = text
        return text


class HttpServer:
    """Owns the connections. Lives in one event loop and is touched from there only. `admin` takes the requests that are not for
    the emulated service."""

    def __init__(
        self,
        door: Door,
        listener: Listener,
        admin: Callable[[Connection, HttpRequest], None],
        limits: Limits,
    ) -> None:
        self.door = door
        self.listener = listener
        self.admin = admin
        self.limits = limits
        self.texts = _Texts()
        self.connections: set[Connection] = set()
        self.accepted = 0
        self.stopping = False

    def connection(self) -> Connection:
        self.accepted += 1
        return Connection(self, self.accepted)

    async def open(self) -> None:
        await self.listener.open(self.connection)

    async def sweep(self) -> None:
        """Close what has been too slow, once a second, until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            now = self.door.clock.monotonic()
            for connection in list(self.connections):
                connection.close_if_late(now)

    async def drain(self) -> None:
        """Let requests under way finish for the grace period, then end every connection."""
        self.stopping = True
        self.listener.close()
        for connection in list(self.connections):
            connection.close_if_idle()
        deadline = self.door.clock.monotonic() + self.limits.grace
        while any(connection.is_answering for connection in self.connections) and self.door.clock.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for connection in list(self.connections):
            connection.abort()


class Connection(asyncio.Protocol):
    """One client connection. Also the parser's callback target: httptools calls the `on_...` methods."""

    def __init__(self, server: HttpServer, number: int) -> None:
        self._server = server
        self._clock = server.door.clock
        self.number = number
        self._parser: Any = httptools.HttpRequestParser(self)
        self._incoming: _Incoming | None = None
        self._queue: deque[_Waiting] = deque()
        self._current: _Waiting | None = None
        self._exchange: Exchange | None = None
        self._task: Performance | None = None
        self._since = self._clock.monotonic()
        self._closing = False
        self._draining = False
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # asyncio sets it before anything else happens
        self.peer = ""

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        host, port = transport.get_extra_info("peername")[:2]
        self.peer = f"{host}:{port}"
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._closing or not data:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(400)

    def eof_received(self) -> bool:
        """A client that closes while its answer is held back has given up: that is how its time-outs are seen. One that is
        being answered may still read; an idle one is done."""
        return self.is_answering and self._task is None

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        if self._task is not None:
            self._task.cancel()
        if self._exchange is not None:
            self._ended("client-closed")

    def pause_writing(self) -> None:
        self._draining = True

    def resume_writing(self) -> None:
        self._draining = False
        if self._task is not None:
            self._task.drained()
        elif self._exchange is not None:
            self._complete()

    # --- what httptools calls

    def on_message_begin(self) -> None:
        self._incoming = _Incoming(arrived=self._clock.monotonic())
        self._since = self._incoming.arrived

    def on_url(self, url: bytes) -> None:
        self._grow_head(len(url)).target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._grow_head(len(name) + len(value)).headers.append((name, value))

    def on_headers_complete(self) -> None:
        incoming = self._incoming
        assert incoming is not None
        self._since = self._clock.monotonic()
        length = expects = None
        for name, value in incoming.headers:
            lower = name.lower()
            if lower == b"content-length":
                length = value
            elif lower == b"expect":
                expects = value
        if length is not None and int(length) > LARGEST_BODY:
            self._fail(incoming, 413)
        elif expects is not None and expects.lower() == b"100-continue" and not self.is_answering:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        incoming = self._incoming
        assert incoming is not None
        incoming.body_size += len(body)
        if incoming.body_size > LARGEST_BODY:
            self._fail(incoming, 413)
        elif not incoming.failure:
            incoming.body.append(body)

    def on_message_complete(self) -> None:
        if self._parser.should_upgrade():
            return
        incoming, self._incoming = self._incoming, None
        assert incoming is not None
        if incoming.failure and self._closing:
            return
        self._enqueue(_Waiting(self._request(incoming), self._parser.should_keep_alive(), incoming.failure))

    # --- requests

    def _ignore_upgrade(self, rest: bytes) -> None:
        """An offer to speak another protocol may be ignored (RFC 9110, 7.8), but the parser stops behind it. A new one gets the
        same head without the offer. Java's own HTTP client makes that offer with every first request."""
        incoming, method = self._incoming, self._parser.get_method()
        assert incoming is not None
        if method == b"CONNECT":
            self._refuse(400)
            return
        lines = [b"%s %s HTTP/1.1" % (method, incoming.target)]
        lines += [b"%s: %s" % header for header in incoming.headers if header[0].lower() != b"upgrade"]
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _grow_head(self, size: int) -> _Incoming:
        incoming = self._incoming
        assert incoming is not None
        incoming.head_size += size
        if incoming.head_size > LARGEST_HEAD:
            raise httptools.HttpParserError("the head is too long")
        return incoming

    def _fail(self, incoming: _Incoming, status: int) -> None:
        """Answer at once and read no more: waiting for the rest of what is refused would let a client hold us."""
        if not incoming.failure:
            incoming.failure = status
            incoming.body.clear()
            self._closing = True
            self._enqueue(_Waiting(self._request(incoming), False, status))

    def _request(self, incoming: _Incoming) -> HttpRequest:
        texts = self._server.texts
        headers: dict[str, str] = {}
        for name_bytes, value_bytes in incoming.headers:
            name, value = texts.lower(name_bytes), texts.plain(value_bytes)
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return HttpRequest(
            texts.plain(self._parser.get_method()),
            texts.plain(incoming.target),
            headers,
            b"".join(incoming.body),
            self.number,
            self.peer,
            incoming.arrived,
        )

    def _enqueue(self, waiting: _Waiting) -> None:
        if self._current is not None:
            self._queue.append(waiting)
            if len(self._queue) >= MOST_PIPELINED:
                self.transport.pause_reading()
            return
        self._begin(waiting)

    def _begin(self, waiting: _Waiting) -> None:
        self._current = waiting
        request = waiting.request
        if waiting.failure:
            self._send_refusal(waiting)
        elif is_admin_target(request.target):
            self._server.admin(self, request)
        else:
            self._exchange = exchange = self._server.door.exchange(request)
            if exchange.plan is None:
                self._send_reply(exchange)
            else:
                self._task = Performance(self, exchange, exchange.plan)

    def _send_refusal(self, waiting: _Waiting) -> None:
        reply = self._server.door.too_large(waiting.request) if waiting.failure == 413 else HttpReply(400, [("Content-Length", "0")], b"")
        self.transport.write(render_head(reply, keep_alive=False) + reply.body)
        self.finish()

    def _send_reply(self, exchange: Exchange) -> None:
        waiting = self._current
        assert waiting is not None
        reply = exchange.reply
        keep_alive = waiting.keep_alive and not self._server.stopping
        delivery = exchange.delivery
        delivery.first_byte = self._clock.monotonic()
        data = render_head(reply, keep_alive) if self.is_head_request else render_head(reply, keep_alive) + reply.body
        self.transport.write(data)
        delivery.sent = len(data)
        if not self._draining:
            self._complete()

    def _complete(self) -> None:
        self._ended("sent")
        self.finish()

    def _ended(self, how: str) -> None:
        exchange = self._exchange
        assert exchange is not None
        self._exchange = None
        exchange.delivery.how = how
        exchange.delivery.ended = self._clock.monotonic()
        self._server.door.delivered(exchange)

    # --- for wire_faults and the admin door

    @property
    def is_answering(self) -> bool:
        return self._current is not None

    @property
    def keep_alive(self) -> bool:
        return self._current is not None and self._current.keep_alive and not self._server.stopping

    @property
    def is_head_request(self) -> bool:
        return self._current is not None and self._current.request.method == "HEAD"

    @property
    def is_draining(self) -> bool:
        """Whether the client has not yet taken what was written."""
        return self._draining

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def listener(self) -> Listener:
        return self._server.listener

    def performed(self, how: str) -> None:
        """A wire plan has run its course; the connection itself is as the plan left it."""
        self._task = None
        if self._exchange is not None:
            self._ended(how)

    def finish(self) -> None:
        """The current request is done with: on to the next one, or to the end of the connection."""
        waiting, self._current = self._current, None
        self._since = self._clock.monotonic()
        if waiting is None or not waiting.keep_alive or self._server.stopping or waiting.failure:
            self._closing = True
            self.transport.close()
        elif self._queue:
            following = self._queue.popleft()
            if len(self._queue) == MOST_PIPELINED - 1:
                self.transport.resume_reading()
            # Not called from here: a client with thousands of requests in one packet must not deepen the stack
            asyncio.get_running_loop().call_soon(self._begin_if_open, following)
            self._current = following

    def _begin_if_open(self, waiting: _Waiting) -> None:
        if not self.transport.is_closing():
            self._begin(waiting)

    # --- the end

    def _refuse(self, status: int) -> None:
        self._closing = True
        waiting = _Waiting(HttpRequest("", "", {}, b"", self.number, self.peer), False, status)
        self._enqueue(waiting)

    def close_if_idle(self) -> None:
        if not self.is_answering:
            self.transport.close()

    def abort(self) -> None:
        self.transport.abort()

    def close_if_late(self, now: float) -> None:
        limits = self._server.limits
        waited = now - self._since
        if self._draining and self._task is None:
            late = waited > limits.drain
        elif self.is_answering:
            return
        elif self._incoming is None:
            late = waited > limits.idle
        else:
            late = waited > (limits.body if self._incoming.body_size else limits.head)
        if late:
            self.transport.abort()
