"""The exchange under way on a connection: asks an emulator, waits for it, and delivers the answer at once or as a plan says."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable
from functools import partial
from typing import Protocol

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.messages import HttpRequest
from emulator.server.context import ServerContext
from emulator.server.delivery import PlannedDelivery
from emulator.server.outlet import Outlet

# Bytes of a body; what takes longer must not keep others waiting
MAX_BODY_IN_LOOP = 256 * 1024


class Asker(Outlet, Protocol):
    """The connection that a request came on."""

    transport: asyncio.Transport

    def wait_for_client(self) -> None:
        """The answer is written, but its client has not taken all of it yet."""

    def finish(self, at: float | None = None) -> None:
        """As `Outlet.finish`, `at` a time in monotonic seconds or now."""


class Answering:
    """One for each connection, for one exchange after the other. `core` is whom the last request was for; `plan` is what holds the present
    answer back."""

    def __init__(self, asker: Asker, context: ServerContext) -> None:
        self._asker = asker
        self._context = context
        self._clock = context.clock
        self.core: EmulatorCore = context.router.root
        self.plan: PlannedDelivery | None = None
        self._exchange: Exchange | None = None
        self._is_waiting = False

    @property
    def is_held_back(self) -> bool:
        """Whether the present answer is still to come: a plan holds it back, or a backend has not answered yet."""
        return self.plan is not None or self._is_waiting

    def serve(self, core: EmulatorCore, request: HttpRequest) -> None:
        """Ask the emulator, and answer as soon as it has."""
        self.core = core
        if len(request.body) > MAX_BODY_IN_LOOP or "content-encoding" in request.headers:
            self._context.later(self._answer_later(_in_thread(core, request)))
            return
        exchange = core.exchange(request)
        if type(exchange) is Exchange:
            self.answer(exchange)
        else:
            assert not isinstance(exchange, Exchange)
            self._context.later(self._answer_later(exchange))

    def answer(self, exchange: Exchange) -> None:
        self._exchange = exchange
        when_safe = self.core.when_safe
        if when_safe is None and exchange.plan is None:
            self._send(exchange)
        elif not (when_safe and exchange.id and when_safe(partial(self._context.releases.add, partial(self._answer_safe, exchange)))):
            self._answer_now(exchange)

    def fail(self) -> None:
        """Something in the server itself went wrong: end the connection, so that its client does not wait."""
        traceback.print_exc()
        if self._exchange is not None:
            self._ended("cut")
        self._asker.abort()

    def drained(self, *, has_waited: bool) -> bool:
        """The client has taken all that was written; `has_waited`: a whole answer, for which it was waited. Whether the request is done
        with then."""
        if self.plan is not None:
            self.plan.drained()
            return False
        if has_waited:
            self._ended("sent")
        return has_waited

    def lost(self, cut: tuple[EmulatorCore, Exchange] | None) -> None:
        """The connection is gone, perhaps with a request that never came whole."""
        if cut is not None:
            self.core, self._exchange = cut
        if self.plan is not None:
            self.plan.cancel()
        if self._exchange is not None:
            self._ended("cut" if self._context.stopping else "client-closed")

    def _answer_safe(self, exchange: Exchange) -> None:
        """What the exchange has done will not get lost any more: send its answer, unless its client has gone."""
        if self._exchange is exchange:
            try:
                self._answer_now(exchange)
            except Exception:
                self.fail()

    def _answer_now(self, exchange: Exchange) -> None:
        plan = exchange.plan
        if plan is None:
            self._send(exchange)
            return
        if plan.refuse_for is not None:
            self._context.listener.refuse(plan.refuse_for)
        self.plan = PlannedDelivery(self._asker, exchange, plan, self._clock, self._on_delivered)

    async def _answer_later(self, coming: Awaitable[Exchange]) -> None:
        """Answer when the backend has; a client that is gone by then gets nothing, but what its request did stands in the journal."""
        self._is_waiting = True
        try:
            exchange = await coming
            self._is_waiting = False
            if self._asker.is_closing:
                self._exchange = exchange
                self._ended("client-closed")
            else:
                self.answer(exchange)
        except Exception:
            self.fail()

    def _send(self, exchange: Exchange) -> None:
        asker, request, reply, delivery = self._asker, exchange.request, exchange.reply, exchange.delivery
        data = reply.head(request.keep_alive and not self._context.stopping)
        if request.method != "HEAD":
            data += reply.body
        # Filled in before it is true, so that a client that saw the answer finds it in the journal; a slow reader corrects it
        delivery.first_byte = delivery.ended = self._clock.monotonic()
        delivery.how = "sent"
        delivery.sent = len(data)
        asker.transport.write(data)
        if asker.is_draining:
            asker.wait_for_client()
        else:
            self._exchange = None
            self.core.delivered(exchange)
            asker.finish(delivery.ended)

    def _ended(self, how: str) -> None:
        exchange, self._exchange = self._exchange, None
        assert exchange is not None
        exchange.delivery.how = how
        exchange.delivery.ended = self._clock.monotonic()
        self.core.delivered(exchange)

    def _on_delivered(self, how: str) -> None:
        """A plan has run its course, and has left the connection as it is now."""
        self.plan = None
        if self._exchange is not None:
            self._ended(how)


async def _in_thread(core: EmulatorCore, request: HttpRequest) -> Exchange:
    exchange = await asyncio.get_running_loop().run_in_executor(None, core.exchange, request)
    return exchange if isinstance(exchange, Exchange) else await exchange
