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
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum
from functools import partial
from math import inf

from emulator.core import EmulatorCore
from emulator.faults import Decision
from emulator.journal import Exchange
from emulator.messages import HttpReply, HttpRequest
from emulator.server.context import ServerContext
from emulator.server.delivery import PlannedDelivery
from emulator.server.http1 import Continue, Event, Reading, Refusal, RequestReader
from emulator.server.outlet import reset_transport
from emulator.server.upload import SlowUpload, bytes_of

# Requests that wait behind one under way on the same connection; a client that pipelines more is not read for a while
MAX_PIPELINED = 64
# Bytes of a body; what takes longer must not keep others waiting
MAX_BODY_IN_LOOP = 256 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class State(Enum):
    """What is being done for the client."""

    READY = "ready"
    ANSWERING = "answering"
    DRAINING = "draining"
    LINGERING = "lingering"
    CLOSED = "closed"


# What happens in which state, and the state after it
TRANSITIONS: dict[tuple[State, str], State] = {
    (State.READY, "request"): State.ANSWERING,
    (State.ANSWERING, "answered"): State.READY,
    (State.ANSWERING, "slow client"): State.DRAINING,
    (State.DRAINING, "client has read"): State.READY,
    (State.ANSWERING, "last answer"): State.CLOSED,
    (State.DRAINING, "last answer"): State.CLOSED,
    (State.ANSWERING, "refusal of what still comes"): State.LINGERING,
    (State.LINGERING, "client has ended"): State.CLOSED,
    **{(state, "connection lost"): State.CLOSED for state in State},
}

# Which of the `Limits` says how long a connection may stay as it is; one that is ready waits for the rest of a request. What is not here
# may last
PATIENCE: dict[State | Reading, str] = {
    Reading.IDLE: "idle",
    Reading.HEAD: "head",
    Reading.BODY: "body",
    State.DRAINING: "drain",
    State.LINGERING: "linger",
}
# As in `http1`: names of the module are looked up faster
_READY, _ANSWERING, _DRAINING, _LINGERING, _CLOSED = State


class Connection(asyncio.Protocol):
    """asyncio calls the first methods; those of `Outlet` are for whoever writes an answer."""

    transport: asyncio.Transport
    _reader: RequestReader

    def __init__(self, context: ServerContext, number: int) -> None:
        self._context = context
        self._clock = context.clock
        self._number = number
        self._waiting: deque[HttpRequest | Refusal] = deque()
        self._current: HttpRequest | Refusal | None = None
        self._exchange: Exchange | None = None
        self._core: EmulatorCore = context.router.root
        self._plan: PlannedDelivery | None = None
        self._is_draining = False
        self._is_waiting = False
        # A request whose body a rule lets in slowly, or not whole
        self._upload: SlowUpload | None = None
        self._cut_upload: Callable[[], Exchange] | None = None
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
        context.connections.add(self)

    def data_received(self, data: bytes) -> None:
        # What comes after the end is for nobody
        if self._state is _CLOSED or self._state is _LINGERING:
            return
        if self._upload is not None:
            self._upload.add(data)
            return
        if self._current is None and self._context.router.has_early and self._reader.state is not Reading.BODY:
            data = self._read_head(data)
        for event in self._reader.feed(data):
            if self._current is None and type(event) is HttpRequest:
                self._begin(event)
            else:
                self._take(event)

    def _read_head(self, data: bytes) -> bytes:
        """Read no more than a head, and ask what becomes of its body; gives back what is to be read as usual."""
        while data and self._reader.state is not Reading.BODY:
            end = data.find(b"\n") + 1 or len(data)
            for event in self._reader.feed(data[:end]):
                self._take(event)
            data = data[end:]
        if self._reader.state is not Reading.BODY:
            return data
        core, head, is_admin, reply = self._context.router.find(self._reader.head())
        decision = None if is_admin or reply is not None else core.decide_early(head)
        if decision is None:
            return data
        self._upload = upload = SlowUpload(
            self.transport, self._clock, decision.upload, bytes_of(decision.received, head), partial(self._let_in, decision), self._cut_off
        )
        self._core = core
        self._cut_upload = lambda: core.cut(replace(self._context.router.find(self._reader.head()).request, early=decision))
        upload.add(data)
        return b""

    def _let_in(self, decision: Decision, data: bytes) -> None:
        """Part of a body that a rule holds up."""
        rest = b""
        for event in self._reader.feed(data):
            if isinstance(event, HttpRequest) and self._upload is not None:
                event.early = decision
                rest, self._upload = self._upload.rest(), None
            self._take(event)
        if rest:
            self.data_received(rest)

    def _cut_off(self) -> None:
        """As much of a request has come as may."""
        assert self._cut_upload is not None
        self._upload = None
        try:
            exchange = self._cut_upload()
            self._current = exchange.request
            self._state = _ANSWERING
            self._answer(exchange)
        except Exception:
            self._fail()

    def eof_received(self) -> bool:
        """A client that closes while its answer is held back has given up: that is how its time-outs are seen. One that is
        being answered may still read; an idle one is done."""
        return self._current is not None and self._plan is None and not self._is_waiting

    def connection_lost(self, exc: Exception | None) -> None:
        self._enter("connection lost")
        self._context.connections.discard(self)
        if self._upload is not None and self._cut_upload is not None:
            # Its client would not wait for all of its request to be read
            self._upload.cancel()
            self._exchange = self._cut_upload()
        if self._plan is not None:
            self._plan.cancel()
        if self._exchange is not None:
            self._ended("cut" if self._context.stopping else "client-closed")
        self._context.on_free()
        self._core.disconnected(self._number)

    def pause_writing(self) -> None:
        self._is_draining = True

    def resume_writing(self) -> None:
        self._is_draining = False
        if self._plan is not None:
            self._plan.drained()
        elif self._state is _DRAINING:
            self._ended("sent")
            self.finish()

    # --- requests

    def _enter(self, event: str) -> None:
        self._state = TRANSITIONS[self._state, event]
        self._since = self._clock.monotonic()

    def _take(self, event: Event) -> None:
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
        """Answer a request; whatever goes wrong in that, its client is not left waiting."""
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
            self._fail()

    def _fail(self) -> None:
        """Something in the server itself went wrong, just now: its client sees the end of the connection."""
        traceback.print_exc()
        if self._exchange is not None:
            self._ended("cut")
        self.abort()

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
        self._core = core
        if len(request.body) > MAX_BODY_IN_LOOP or "content-encoding" in request.headers:
            self._context.later(self._answer_later(_in_thread(core, request)))
            return
        exchange = core.exchange(request)
        if type(exchange) is Exchange:
            self._answer(exchange)
        else:
            assert not isinstance(exchange, Exchange)
            self._context.later(self._answer_later(exchange))

    def _answer(self, exchange: Exchange) -> None:
        self._exchange = exchange
        when_safe = self._core.when_safe
        if when_safe is None and exchange.plan is None:
            self._send(exchange)
        elif not (when_safe and exchange.id and when_safe(partial(self._context.releases.add, partial(self._answer_safe, exchange)))):
            self._answer_now(exchange)

    def _answer_safe(self, exchange: Exchange) -> None:
        """What the exchange has done will not get lost any more; its client may be gone."""
        if self._exchange is exchange:
            try:
                self._answer_now(exchange)
            except Exception:
                self._fail()

    def _answer_now(self, exchange: Exchange) -> None:
        if exchange.plan is None:
            self._send(exchange)
        else:
            if exchange.plan.refuse_for is not None:
                self._context.listener.refuse(exchange.plan.refuse_for)
            self._plan = PlannedDelivery(self, exchange, exchange.plan, self._clock, self._on_delivered)

    async def _answer_later(self, coming: Awaitable[Exchange]) -> None:
        """Answer when the backend has; a client that is gone by then gets nothing, but what its request did stands in the journal."""
        self._is_waiting = True
        try:
            exchange = await coming
            self._is_waiting = False
            if self.transport.is_closing():
                self._exchange = exchange
                self._ended("client-closed")
            else:
                self._answer(exchange)
        except Exception:
            self._fail()

    def _reply(self, reply: HttpReply) -> None:
        """What is no exchange of the journal."""
        self.transport.write(reply.head(self.keep_alive) + (b"" if self.is_head_request else reply.body))
        self.finish()

    def _send(self, exchange: Exchange) -> None:
        reply, delivery = exchange.reply, exchange.delivery
        current = self._current
        assert type(current) is HttpRequest
        data = reply.head(current.keep_alive and not self._context.stopping)
        if current.method != "HEAD":
            data += reply.body
        # Filled in before it is true, so that a client that saw the answer finds it in the journal; a slow reader corrects it
        delivery.first_byte = delivery.ended = self._clock.monotonic()
        delivery.how = "sent"
        delivery.sent = len(data)
        self.transport.write(data)
        if self._is_draining:
            self._enter("slow client")
        else:
            self._exchange = None
            self._core.delivered(exchange)
            self.finish(delivery.ended)

    def _ended(self, how: str) -> None:
        exchange, self._exchange = self._exchange, None
        assert exchange is not None
        exchange.delivery.how = how
        exchange.delivery.ended = self._clock.monotonic()
        self._core.delivered(exchange)

    def _on_delivered(self, how: str) -> None:
        """A plan has run its course; the connection itself is as it left it."""
        self._plan = None
        if self._exchange is not None:
            self._ended(how)

    # --- for whoever writes an answer

    @property
    def is_closing(self) -> bool:
        return self.transport.is_closing()

    @property
    def is_draining(self) -> bool:
        return self._is_draining

    @property
    def keep_alive(self) -> bool:
        current = self._current
        return type(current) is HttpRequest and current.keep_alive and not self._context.stopping

    @property
    def is_head_request(self) -> bool:
        return type(self._current) is HttpRequest and self._current.method == "HEAD"

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def finish(self, at: float | None = None) -> None:
        """The current request is done with, `at` a time in monotonic seconds or now: on to the next one, or to the end of the
        connection."""
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
        return self._current is not None and self._plan is None and (self._state is _ANSWERING or self._state is _READY)

    def close_if_idle(self) -> None:
        if not self.is_answering:
            self.transport.close()

    def hurry_if_off(self) -> None:
        """End what a rule holds back that counts no more."""
        if not self._core.rule_set.is_off:
            return
        if self._plan is not None:
            self._plan.hurry()
        if self._upload is not None:
            self._upload.hurry()

    @property
    def is_held(self) -> bool:
        """Whether a rule holds something back."""
        return self._plan is not None or self._upload is not None

    @property
    def runs_out(self) -> float:
        """When the patience with its client ends, as things are; infinite for what may last."""
        limits = self._context.limits
        if self._upload is not None:
            since = self._upload.waiting_since
            return inf if since is None else since + limits.body
        state: State | Reading = self._reader.state if self._state is _READY else self._state
        paused = inf if self._paused is None else self._paused + limits.drain
        if state not in PATIENCE:
            return paused
        patience: float = getattr(limits, PATIENCE[state])
        since = max(self._since, self._reader.since) if state is Reading.HEAD or state is Reading.BODY else self._since
        return min(paused, since + patience)

    def close_if_late(self, now: float) -> None:
        if now > self.runs_out:
            self.transport.abort()


async def _in_thread(core: EmulatorCore, request: HttpRequest) -> Exchange:
    exchange = await asyncio.get_running_loop().run_in_executor(None, core.exchange, request)
    return exchange if isinstance(exchange, Exchange) else await exchange
