"""Bytes <-> messages: picks the protocol that a request speaks. No sockets, no faults, no knowledge of the engine."""

from __future__ import annotations

from typing import Any

from emulator.clock import Clock
from emulator.errors import ServiceError
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.services import load_services
from emulator.wire.answer import AnswerWriter
from emulator.wire.json_rpc import JsonRpc


class Codec:
    """One for each emulator: request ids run on in it. `wording` is "2026" or "classic" (emulator.wording)."""

    def __init__(self, clock: Clock, *, seed: int, wording: str = "2026") -> None:
        self.services = load_services()
        self._json = JsonRpc(self.services, AnswerWriter(clock, seed), wording)

    def decode(self, request: HttpRequest) -> Call | HttpReply:
        """A Call, or at once the answer to what is no call of an operation (health, CORS, an unknown path).

        Raises ServiceError for a call that the service refuses before looking at its data."""
        return self._json.decode(request)

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply:
        return self._json.encode(request, output)

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply:
        return self._json.encode_error(request, error)

    def too_large(self, request: HttpRequest) -> HttpReply:
        """The answer to a body above the service's limit, for a server that will not read it."""
        return self._json.too_large(request)
