"""Requests that a rule decides about when only their heads have come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from emulator.core import EmulatorCore
from emulator.faults import Decision
from emulator.journal import Exchange
from emulator.messages import HttpRequest
from emulator.server.context import ServerContext
from emulator.server.http1 import Event, ReadingState, RequestReader
from emulator.server.upload import SlowUpload, bytes_of


class Uploader(Protocol):
    """The connection that such a request comes on."""

    transport: asyncio.Transport

    def take(self, event: Event) -> None:
        """What has been read."""

    def data_received(self, data: bytes) -> None:
        """What has come and is to be read as usual."""

    def answer_cut(self, core: EmulatorCore, cut: Callable[[], Exchange]) -> None:
        """As much of a request has come as may: `cut` makes its exchange."""


class EarlyRequests:
    """The early requests of one connection. `upload` is the body under way that a rule lets in slowly or in part; None for none."""

    def __init__(self, uploader: Uploader, context: ServerContext, reader: RequestReader) -> None:
        self._uploader = uploader
        self._context = context
        self._reader = reader
        self._core: EmulatorCore = context.router.root
        self._cut: Callable[[], Exchange] | None = None
        self.upload: SlowUpload | None = None

    def read_head(self, data: bytes) -> bytes:
        """Read no more than a head, and ask what becomes of its body; gives back what is to be read as usual."""
        reader = self._reader
        while data and reader.state is not ReadingState.BODY:
            end = data.find(b"\n") + 1 or len(data)
            for event in reader.feed(data[:end]):
                self._uploader.take(event)
            data = data[end:]
        if reader.state is not ReadingState.BODY:
            return data
        router = self._context.router
        core, head, is_admin, reply = router.find(reader.head())
        decision = None if is_admin or reply is not None else core.decide_early(head)
        if decision is None:
            return data
        self.upload = upload = SlowUpload(
            self._uploader.transport,
            self._context.clock,
            decision.upload,
            bytes_of(decision.received, head),
            partial(self._let_in, decision),
            self._cut_off,
        )
        self._core = core
        self._cut = lambda: core.cut(replace(router.find(reader.head()).request, early=decision))
        upload.add(data)
        return b""

    def lost(self) -> tuple[EmulatorCore, Exchange] | None:
        """The connection is gone. Returns the exchange of the request whose client did not wait until its body was read; None for none."""
        if self.upload is None or self._cut is None:
            return None
        self.upload.cancel()
        return self._core, self._cut()

    def _let_in(self, decision: Decision, data: bytes) -> None:
        """Part of a body that a rule holds up."""
        rest = b""
        for event in self._reader.feed(data):
            if isinstance(event, HttpRequest) and self.upload is not None:
                event.early = decision
                rest, self.upload = self.upload.rest(), None
            self._uploader.take(event)
        if rest:
            self._uploader.data_received(rest)

    def _cut_off(self) -> None:
        assert self._cut is not None
        self.upload = None
        self._uploader.answer_cut(self._core, self._cut)
