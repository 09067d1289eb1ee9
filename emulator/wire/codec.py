"""Bytes <-> messages: picks the protocol that a request speaks. No sockets, no faults, no knowledge of the engines."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from emulator.aws.errors import ServiceError
from emulator.aws.services import load_services
from emulator.clock import Clock
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.wire.answer import AnswerWriter
from emulator.wire.json_rpc import JsonRpc
from emulator.wire.origins import Origins
from emulator.wire.signature import PathCheck, SignatureCheck

if TYPE_CHECKING:
    from emulator.wire.rest_json import RestJson

_CBOR_PREFIX = "/service/"


class WireProtocol(Protocol):
    """One way to write requests and answers."""

    def decode(self, request: HttpRequest, signatures: SignatureCheck | PathCheck | None) -> Call | HttpReply: ...

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply: ...

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply: ...


class Codec:
    """One for each emulator: request ids run on in it. `wording` is one of `emulator.aws.wording.WORDING_NAMES`; `cors` are the origins
    whose pages may read answers (emulator.wire.origins)."""

    def __init__(self, clock: Clock, *, seed: int, wording: str = "2026-10", cors: Collection[str] = ()) -> None:
        self._services = load_services()
        self._writer = AnswerWriter(clock, seed)
        self._wording = wording
        self._origins = Origins(cors)
        self._json = JsonRpc(self._services, self._writer, wording, self._origins)

    def decode(self, request: HttpRequest, signatures: SignatureCheck | None = None) -> Call | HttpReply:
        """A Call, with its `refusal` if the service refuses it before looking at its data, or at once the answer to what is no call of an
        operation (health, CORS, an unknown path). `signatures` None: signatures are not looked at.

        Raises ServiceError where it cannot be told of which operation the request is a call."""
        if request.target == "/":
            return self._json.decode(request, signatures)
        protocol = self._protocol(request)
        if protocol is self._json and signatures is None and not request.target.startswith("/?"):
            return protocol.decode(request, PathCheck())
        return protocol.decode(request, signatures)

    def announced(self, request: HttpRequest) -> Call | None:
        """The call that a request will be of which no more than the head is there, without its parameters; None where the head does not
        tell."""
        return self._json.announced(request) if request.method == "POST" else None

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply:
        """The answer to a request that succeeded; None is an empty body."""
        return self._json.encode(request, output) if request.target == "/" else self._protocol(request).encode(request, output)

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply:
        return self._protocol(request).encode_error(request, error)

    def opened(self, request: HttpRequest, reply: HttpReply) -> HttpReply:
        """An answer that another service encoded, with what lets the page read it that asked, where that may."""
        extra = self._origins.headers(request)
        return HttpReply(reply.status, [*reply.headers, *extra], reply.body) if extra else reply

    # The protocols of the smaller services are imported when they are first spoken: starting must not wait for them

    @cached_property
    def _cbor(self) -> WireProtocol:
        from emulator.wire.rpc_v2_cbor import RpcV2Cbor

        return RpcV2Cbor(self._services, self._writer, self._wording, self._origins)

    @cached_property
    def _rest(self) -> RestJson:
        from emulator.wire.rest_json import RestJson

        return RestJson(self._services, self._writer, self._wording, self._origins)

    def _protocol(self, request: HttpRequest) -> WireProtocol:
        if request.target == "/":
            return self._json
        if request.target.startswith(_CBOR_PREFIX):
            return self._cbor
        return self._rest if self._rest.route(request) else self._json
