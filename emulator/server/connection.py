"""One client connection, parsed by llhttp (httptools).

Requests are answered in the order in which they came; the next one is looked at when the one before is done with, delays included.
What the emulated service is asked goes straight to `EmulatorCore.exchange`; everything under an admin path goes to the admin door. Every
wait (a delay, a hang, a slow client) is a timer or nothing at all, never a thread, so a thousand held connections cost the
others nothing.

    bytes --httptools--> on_... --> HttpRequest --> queue --> exchange() --> send, or wire_faults
"""

from __future__ import annotations

import asyncio
import traceback
from collections import deque
from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import httptools

from emulator.clock import Clock
from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.messages import HttpReply, HttpRequest
from emulator.server.admin.access import error_reply, is_admin_target
from emulator.server.listener import Listener
from emulator.server.sandboxes import SandboxError
from emulator.server.wire_faults import Performance
from emulator.wire import LARGEST_BODY

if TYPE_CHECKING:
    from emulator.server.http import HttpServer

# The live service answers 400 to a longer head
LARGEST_HEAD = 16 * 1024
# Requests that wait behind one under way on the same connection; a client that pipelines more is not read for a while
MOST_PIPELINED = 64


class _Waiting(NamedTuple):
    """A request that is complete: `keep_alive` is whether the connection goes on after it, `failure` the status of a request
    that is refused before anybody looks at it."""

    request: HttpRequest
    keep_alive: bool
    failure: int = 0


class Connection(asyncio.Protocol):
    """asyncio calls the first methods, httptools the `on_...` ones; the rest is for `wire_faults` and the admin door."""

    def __init__(self, server: HttpServer, number: int) -> None:
        self._server = server
        self._clock = server.sandboxes.root.clock
        self._number = number
        self._parser: Any = httptools.HttpRequestParser(self)
        self._queue: deque[_Waiting] = deque()
        self._current: _Waiting | None = None
        self._exchange: Exchange | None = None
        self._core: EmulatorCore = server.sandboxes.root
        self._performance: Performance | None = None
        self._since = self._opened = self._idle_since = self._clock.monotonic()
        self._closing = False
        self._is_waiting = False
        self._draining = False
        self._in_head = False
        self._arrived = 0.0
        self._forget_incoming()
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # asyncio sets it before anything else happens
        self._peer = ""

    def _forget_incoming(self) -> None:
        """What has come of the next request: its head while `_in_head`, then its body."""
        self._in_body = False
        self._chunk_size = self._head_size = self._body_size = 0
        self._target = b""
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        host, port = transport.get_extra_info("peername")[:2]
        self._peer = f"{host}:{port}"
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._closing or not data:
            return
        self._chunk_size = len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse()
        if self._in_head:
            self._head_size += self._chunk_size
            if self._head_size > LARGEST_HEAD:
                self._refuse()

    def eof_received(self) -> bool:
        """A client that closes while its answer is held back has given up: that is how its time-outs are seen. One that is
        being answered may still read; an idle one is done."""
        return self.is_answering and self._performance is None and not self._is_waiting

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        self._server.done(self)
        if self._performance is not None:
            self._performance.cancel()
        if self._exchange is not None:
            self._ended("cut" if self._server.stopping else "client-closed")
        self._core.disconnected(self._number)

    def pause_writing(self) -> None:
        self._draining = True

    def resume_writing(self) -> None:
        self._draining = False
        if self._performance is not None:
            self._performance.drained()
        elif self._exchange is not None:
            self._complete()

    # --- what httptools calls

    def on_message_begin(self) -> None:
        self._in_head = True
        before = self._since
        self._since = self._arrived = self._clock.monotonic()
        # Behind another request on its connection, none has been idle
        self._idle_since = before if self._current is None else self._arrived

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._raw_headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._in_body = True
        raw = self._raw_headers
        # The sum is for those few that come with so much behind them that they might be too long
        if self._head_size + self._chunk_size > LARGEST_HEAD:
            self._check_head_size()
        self._headers = headers = self._server.texts.headers(raw)
        length = headers.get("content-length")
        if length is not None and int(length) > LARGEST_BODY:
            self._refuse_body()
        elif "expect" in headers and headers["expect"].lower() == "100-continue" and self._current is None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _check_head_size(self) -> None:
        if len(self._target) + sum(len(name) + len(value) for name, value in self._raw_headers) > LARGEST_HEAD:
            raise httptools.HttpParserError("the head is too long")

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > LARGEST_BODY:
            self._refuse_body()
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._closing or self._parser.should_upgrade():
            return
        waiting = _Waiting(self._request(), self._parser.should_keep_alive())
        self._forget_incoming()
        if self._current is None:
            self._begin(waiting)
        else:
            self._enqueue(waiting)

    # --- requests

    def _request(self) -> HttpRequest:
        texts = self._server.texts
        body = self._body
        return HttpRequest(
            texts.text(self._parser.get_method()),
            texts.text(self._target),
            self._headers,
            body[0] if len(body) == 1 else b"".join(body),
            self._number,
            self._peer,
            self._arrived,
            opened=self._opened,
            idle_since=self._idle_since,
            late=self._server.lateness.seconds,
        )

    def _ignore_upgrade(self, rest: bytes) -> None:
        """An offer to speak another protocol may be ignored (RFC 9110, 7.8), but the parser stops behind it. A new one gets the
        same head without the offer. Java's own HTTP client makes that offer with every first request."""
        method = self._parser.get_method()
        if method == b"CONNECT":
            self._refuse()
            return
        lines = [b"%s %s HTTP/1.1" % (method, self._target)]
        lines += [b"%s: %s" % header for header in self._raw_headers if header[0].lower() != b"upgrade"]
        self._forget_incoming()
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _refuse_body(self) -> None:
        """Answer at once and read no more: waiting for the rest of what is too large would let a client hold us."""
        if not self._closing:
            self._closing = True
            self._enqueue(_Waiting(replace(self._request(), too_large=True), False))

    def _refuse(self) -> None:
        """The answer to what is no HTTP."""
        if not self._closing:
            self._closing = True
            self._enqueue(_Waiting(HttpRequest("", "", {}, b"", self._number, self._peer), False, 400))

    def _enqueue(self, waiting: _Waiting) -> None:
        if self._current is None:
            self._begin(waiting)
            return
        self._queue.append(waiting)
        if len(self._queue) >= MOST_PIPELINED:
            self.transport.pause_reading()

    def _begin(self, waiting: _Waiting) -> None:
        """Answer a request; whatever goes wrong in that, its client is not left waiting."""
        self._current = waiting
        try:
            self._dispatch(waiting)
        except Exception:
            traceback.print_exc()
            self.abort()

    def _dispatch(self, waiting: _Waiting) -> None:
        request = waiting.request
        if waiting.failure:
            self._send_refusal(waiting)
            return
        core = self._server.sandboxes.root
        if request.target != "/":
            try:
                core, request = self._server.sandboxes.enter(request)
            except SandboxError as error:
                self._send_error(error.status, "no-sandbox", str(error))
                return
            if is_admin_target(request.target):
                if request.too_large:
                    self._send_error(413, "too-large", f"a body may have {LARGEST_BODY} bytes at most, and less here")
                else:
                    self._server.admin(self, core, request)
                return
        self._core = core
        exchange = core.exchange(request)
        if isinstance(exchange, Exchange):
            self._answer(waiting, exchange)
        else:
            self._server.later(self._answer_later(waiting, exchange))

    def _answer(self, waiting: _Waiting, exchange: Exchange) -> None:
        self._exchange = exchange
        if exchange.plan is None:
            self._send(waiting, exchange)
        else:
            self._performance = Performance(self, exchange, exchange.plan)

    async def _answer_later(self, waiting: _Waiting, coming: Awaitable[Exchange]) -> None:
        """Answer when the backend has; a client that is gone by then gets nothing, but what its request did stands in the journal."""
        self._is_waiting = True
        exchange = await coming
        self._is_waiting = False
        if self.transport.is_closing():
            self._exchange = exchange
            self._ended("client-closed")
        else:
            self._answer(waiting, exchange)

    def _send_refusal(self, waiting: _Waiting) -> None:
        reply = HttpReply(waiting.failure, [("Content-Length", "0")], b"")
        self.transport.write(reply.head(keep_alive=False))
        self.finish()

    def _send_error(self, status: int, code: str, message: str) -> None:
        reply = error_reply(status, code, message)
        self.transport.write(reply.head(self.keep_alive) + reply.body)
        self.finish()

    def _send(self, waiting: _Waiting, exchange: Exchange) -> None:
        reply, delivery = exchange.reply, exchange.delivery
        data = reply.head(waiting.keep_alive and not self._server.stopping)
        if waiting.request.method != "HEAD":
            data += reply.body
        # Filled in before it is true, so that a client that saw the answer finds it in the journal; a slow reader corrects it
        delivery.first_byte = delivery.ended = self._clock.monotonic()
        delivery.how = "sent"
        delivery.sent = len(data)
        self.transport.write(data)
        if not self._draining:
            self._exchange = None
            self._core.delivered(exchange)
            self.finish(delivery.ended)

    def _complete(self) -> None:
        self._ended("sent")
        self.finish()

    def _ended(self, how: str) -> None:
        exchange, self._exchange = self._exchange, None
        assert exchange is not None
        exchange.delivery.how = how
        exchange.delivery.ended = self._clock.monotonic()
        self._core.delivered(exchange)

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
        self._performance = None
        if self._exchange is not None:
            self._ended(how)

    def finish(self, at: float | None = None) -> None:
        """The current request is done with, `at` a time in monotonic seconds or now: on to the next one, or to the end of the
        connection."""
        waiting, self._current = self._current, None
        done = self._clock.monotonic() if at is None else at
        self._since = self._arrived if self._in_head else done
        if waiting is None or not waiting.keep_alive or self._server.stopping:
            self._closing = True
            self.transport.close()
            self._server.done(self)
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

    def close_if_idle(self) -> None:
        if not self.is_answering:
            self.transport.close()

    def abort(self) -> None:
        self.transport.abort()

    def close_if_late(self, now: float) -> None:
        if now - self._since > self._patience():
            self.transport.abort()

    def _patience(self) -> float:
        """How long the connection may stay in the state that it is in, in seconds."""
        limits = self._server.limits
        if self._draining and self._performance is None:
            return limits.drain
        if self.is_answering:
            return float("inf")
        if self._in_body:
            return limits.body
        return limits.head if self._in_head else limits.idle
