"""One client connection: requests out of `http1`, to whom they are for, and their answers out again.

Requests are answered in the order in which they came; the next one is looked at when the one before is done with, delays included.
What the emulated service is asked goes straight to `EmulatorCore.exchange`; everything under an admin path goes to the admin API. Every
wait (a delay, a hang, a slow client) is a timer or nothing at all, never a thread, so a thousand held connections cost the
others nothing.

    READY --request--> ANSWERING --answered--> READY            the last answer: CLOSED, or LINGERING while the client still sends
                       ANSWERING --slow client--> DRAINING --client has read--> READY
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from math import inf

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.messages import HttpReply, HttpRequest
from emulator.server.answering import Answering
from emulator.server.context import ServerContext
from emulator.server.early import EarlyRequests
from emulator.server.http1 import Continue, Event, ReadingState, Refusal, RequestReader
from emulator.server.outlet import reset_transport

# Requests that wait behind one under way on the same connection; a client that pipelines more is not read for a while
MAX_PIPELINED = 64
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ConnectionState(Enum):
    """What is being done for the client."""

    READY = "ready"
    ANSWERING = "answering"
    DRAINING = "draining"
    LINGERING = "lingering"
    CLOSED = "closed"


# What happens in which state, and the state after it
TRANSITIONS: dict[tuple[ConnectionState, str], ConnectionState] = {
    (ConnectionState.READY, "request"): ConnectionState.ANSWERING,
    (ConnectionState.ANSWERING, "answered"): ConnectionState.READY,
    (ConnectionState.ANSWERING, "slow client"): ConnectionState.DRAINING,
    (ConnectionState.DRAINING, "client has read"): ConnectionState.READY,
    (ConnectionState.ANSWERING, "last answer"): ConnectionState.CLOSED,
    (ConnectionState.DRAINING, "last answer"): ConnectionState.CLOSED,
    (ConnectionState.ANSWERING, "refusal of what still comes"): ConnectionState.LINGERING,
    (ConnectionState.LINGERING, "client has ended"): ConnectionState.CLOSED,
    **{(state, "connection lost"): ConnectionState.CLOSED for state in ConnectionState},
}

# Which of the `Limits` says how long a connection may stay as it is; one that is ready waits for the rest of a request. What is not here
# may last
PATIENCE: dict[ConnectionState | ReadingState, str] = {
    ReadingState.IDLE: "idle",
    ReadingState.HEAD: "head",
    ReadingState.BODY: "body",
    ConnectionState.DRAINING: "drain",
    ConnectionState.LINGERING: "linger",
}
# As in `http1`: names of the module are looked up faster
_READY, _ANSWERING, _DRAINING, _LINGERING, _CLOSED = ConnectionState


class Connection(asyncio.Protocol):
    """asyncio calls the first methods; the others are for `Answering` and `EarlyRequests`, for whoever writes an answer (`Outlet`), and for
    the server (`OpenConnection`). `is_draining`: the client has not yet taken what was written."""

    transport: asyncio.Transport
    _reader: RequestReader
    _early: EarlyRequests

    def __init__(self, context: ServerContext, number: int) -> None:
        self._context = context
        self._clock = context.clock
        self._number = number
        self._answering = Answering(self, context)
        self._waiting: deque[HttpRequest | Refusal] = deque()
        self._current: HttpRequest | Refusal | None = None
        self.is_draining = False
        # While nothing is read, nobody sees the client go
        self._paused: float | None = None
        self._state = _READY
        self._since = self._clock.monotonic()

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        host, port = transport.get_extra_info("peername")[:2]
        context = self._context
        self._reader = RequestReader(self._clock, context.texts, context.shapes, context.lateness, self._number, f"{host}:{port}")
        self._early = EarlyRequests(self, context, self._reader)
        context.connections.add(self)

    def data_received(self, data: bytes) -> None:
        # What comes after the end is for nobody
        if self._state is _CLOSED or self._state is _LINGERING:
            return
        if self._early.upload is not None:
            self._early.upload.add(data)
            return
        if self._current is None and self._context.router.has_early and self._reader.state is not ReadingState.BODY:
            data = self._early.read_head(data)
        for event in self._reader.feed(data):
            if self._current is None and type(event) is HttpRequest:
                self._begin(event)
            else:
                self.take(event)

    def eof_received(self) -> bool:
        """A client that closes while its answer is held back has given up: that is how its time-outs are seen. One that is
        being answered may still read; an idle one is done."""
        return self._current is not None and not self._answering.is_held_back

    def connection_lost(self, exc: Exception | None) -> None:
        self._enter("connection lost")
        self._context.connections.discard(self)
        self._answering.lost(self._early.lost())
        self._context.on_free()
        self._answering.core.disconnected(self._number)
        # What is left of a connection waits for the garbage collector; a sandbox that is deleted must not wait with it
        self._answering.core = self._context.router.root

    def pause_writing(self) -> None:
        self.is_draining = True

    def resume_writing(self) -> None:
        self.is_draining = False
        if self._answering.drained(has_waited=self._state is _DRAINING):
            self.finish()

    # --- requests

    def _enter(self, event: str) -> None:
        self._state = TRANSITIONS[self._state, event]
        self._since = self._clock.monotonic()

    def take(self, event: Event) -> None:
        if self._current is None:
            if isinstance(event, (HttpRequest, Refusal)):
                self._begin(event)
            else:
                self.transport.write(_CONTINUE)
        elif not isinstance(event, Continue):
            self._waiting.append(event)
            if len(self._waiting) == MAX_PIPELINED:
                self.transport.pause_reading()
                self._paused = self._clock.monotonic()

    def _begin(self, request: HttpRequest | Refusal) -> None:
        """Answer a request. Whatever goes wrong meanwhile, its client is not left waiting."""
        self._current = request
        self._state = _ANSWERING
        self._reader.answered = None
        try:
            if isinstance(request, HttpRequest):
                self._dispatch(request)
            else:
                if request.is_tls:
                    self._context.hints.say("somebody speaks TLS on this port, which has none: use http:// in the endpoint's address")
                self._reply(HttpReply(request.status, [("Content-Length", "0")], b""))
        except Exception:
            self._answering.fail()

    def _dispatch(self, request: HttpRequest) -> None:
        router = self._context.router
        core = router.root
        if request.target != "/" or request.headers.get("host") not in router.admitted:
            core, request, is_admin, reply = router.find(request)
            if reply is not None:
                self._reply(reply)
                return
            if is_admin:
                router.admin(self, core, request)
                return
        self._answering.serve(core, request)

    def answer_cut(self, core: EmulatorCore, cut: Callable[[], Exchange]) -> None:
        try:
            exchange = cut()
            self._current = exchange.request
            self._state = _ANSWERING
            self._answering.core = core
            self._answering.answer(exchange)
        except Exception:
            self._answering.fail()

    def _reply(self, reply: HttpReply) -> None:
        """Answer with a reply that is no exchange of the journal."""
        self.transport.write(reply.head(self.keep_alive) + (b"" if self.is_head_request else reply.body))
        self.finish()

    # --- for whoever writes an answer

    @property
    def is_closing(self) -> bool:
        return self.transport.is_closing()

    @property
    def keep_alive(self) -> bool:
        current = self._current
        return type(current) is HttpRequest and current.keep_alive and not self._context.stopping

    @property
    def is_head_request(self) -> bool:
        return type(self._current) is HttpRequest and self._current.method == "HEAD"

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def wait_for_client(self) -> None:
        self._enter("slow client")

    def finish(self, at: float | None = None) -> None:
        """The current request was done with at `at` (monotonic seconds), or is now: go on to the next one, or end the connection."""
        if not self.keep_alive:
            self._end()
            return
        self._current = None
        self._state = _READY
        self._since = self._reader.answered = self._clock.monotonic() if at is None else at
        if self._waiting:
            following = self._waiting.popleft()
            if len(self._waiting) == MAX_PIPELINED - 1:
                self.transport.resume_reading()
                self._paused = None
            # Not called from here: a client with thousands of requests in one packet must not deepen the stack
            asyncio.get_running_loop().call_soon(self._begin_if_open, following)
            self._current = following

    def _begin_if_open(self, request: HttpRequest | Refusal) -> None:
        if not self.transport.is_closing():
            self._begin(request)

    # --- the end

    def _end(self) -> None:
        """The last answer is written. Closing while the client still sends would end in RST, which may overtake the answer."""
        is_refused = isinstance(self._current, HttpRequest) and self._current.too_large
        self._waiting.clear()
        self._current = None
        if is_refused and not self.transport.is_closing() and self.transport.can_write_eof():
            self._enter("refusal of what still comes")
            self.transport.write_eof()
        else:
            self._enter("last answer")
            self.transport.close()
        self._context.on_free()

    def close(self) -> None:
        self.transport.close()

    def reset(self) -> None:
        reset_transport(self.transport)

    def abort(self) -> None:
        self.transport.abort()

    # --- for the server

    @property
    def is_answering(self) -> bool:
        return self._current is not None

    @property
    def is_working(self) -> bool:
        """Whether there is something to do for the client at once: no answer is held back, and nothing is waited for from its side."""
        return self._current is not None and self._answering.plan is None and (self._state is _ANSWERING or self._state is _READY)

    def close_if_idle(self) -> None:
        if not self.is_answering:
            self.transport.close()

    def hurry_if_off(self) -> None:
        """End what is held back by a rule that is switched off now."""
        if not self._answering.core.rule_set.is_off:
            return
        if self._answering.plan is not None:
            self._answering.plan.hurry()
        if self._early.upload is not None:
            self._early.upload.hurry()

    @property
    def is_held(self) -> bool:
        """Whether a rule holds an answer back."""
        return self._answering.plan is not None or self._early.upload is not None

    @property
    def runs_out(self) -> float:
        """When the patience with its client ends, as things are; infinite for what may last."""
        limits = self._context.limits
        if self._early.upload is not None:
            since = self._early.upload.waiting_since
            return inf if since is None else since + limits.body
        state: ConnectionState | ReadingState = self._reader.state if self._state is _READY else self._state
        paused = inf if self._paused is None else self._paused + limits.drain
        if state not in PATIENCE:
            return paused
        patience: float = getattr(limits, PATIENCE[state])
        since = max(self._since, self._reader.since) if state is ReadingState.HEAD or state is ReadingState.BODY else self._since
        return min(paused, since + patience)

    def close_if_late(self, now: float) -> None:
        if now > self.runs_out:
            self.transport.abort()
