"""Smithy RPC v2 CBOR: `POST /service/NAME/operation/OPERATION`, bodies in CBOR (https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html).

The header `smithy-protocol: rpc-v2-cbor` is on every request and every answer. Times travel as tag 1, errors as a map with `__type`."""

from __future__ import annotations

import re
from typing import Any

import cbor2

from emulator.aws.errors import RequestTooLarge, ServiceError
from emulator.aws.services import Service
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.wire.answer import AnswerWriter
from emulator.wire.binding import Binding, bind
from emulator.wire.compression import plain_body
from emulator.wire.origins import Origins
from emulator.wire.signature import PathCheck, SignatureCheck

CBOR = "application/cbor"
_PROTOCOL = ("smithy-protocol", "rpc-v2-cbor")
_PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/?]+)")
_EPOCH_SECONDS = 1


class RpcV2Cbor:
    """Decodes and encodes for the services whose model names this protocol."""

    def __init__(self, services: dict[str, Service], writer: AnswerWriter, wording: str, origins: Origins) -> None:
        self._origins = origins
        speaking = (service for service in services.values() if "smithy-rpc-v2-cbor" in service.protocols)
        self._services = {service.target_prefix: service for service in speaking if service.target_prefix}
        self._writer = writer
        self._wording = wording
        self._bindings: dict[str, Binding] = {}

    def decode(self, request: HttpRequest, signatures: SignatureCheck | PathCheck | None) -> Call | HttpReply:
        """Raises ServiceError where it cannot be told of which operation the request is a call."""
        binding = self._binding(request)
        if request.method != "POST" or request.headers.get("smithy-protocol") != "rpc-v2-cbor":
            raise ServiceError("UnknownOperationException", service=binding.service)
        try:
            params = _parsed(plain_body(request), binding.service)
        except ServiceError as refusal:
            return binding.broken(request, refusal)
        return binding.call(request, binding.parse(params), signatures)

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply:
        match = _PATH.match(request.target)
        assert match is not None
        service = self._services[match["service"]]
        shape = service.operations[match["operation"]].output
        return self._reply(request, 200, cbor2.dumps(_with_times(service, shape, output or {})))

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply:
        if isinstance(error, RequestTooLarge):
            return self._reply(request, 413, b"")
        body = {"__type": error.spec.type, **error.members}
        if error.message is not None:
            body[error.message_key] = error.message
        return self._reply(request, error.spec.status, cbor2.dumps(body))

    def _reply(self, request: HttpRequest, status: int, body: bytes) -> HttpReply:
        return self._writer.write(status, CBOR, body, (*self._origins.headers(request), _PROTOCOL))

    def _binding(self, request: HttpRequest) -> Binding:
        match = _PATH.fullmatch(request.target.partition("?")[0])
        service = self._services.get(match["service"]) if match else None
        if match is None or service is None:
            raise ServiceError("UnknownOperationException")
        binding = self._bindings.get(match[0])
        if binding is None:
            self._bindings[match[0]] = binding = bind(service.name, match["operation"], self._wording)
        return binding


def _parsed(body: bytes, service: str) -> Any:
    """The body's value; an operation without input may be asked with none. Raises ServiceError (SerializationException)."""
    if not body:
        return {}
    try:
        return cbor2.loads(body)
    except (cbor2.CBORDecodeError, RecursionError, ValueError, OverflowError):
        raise ServiceError("SerializationException", service=service) from None


def _with_times(service: Service, shape_name: str | None, value: Any) -> Any:
    """The same value with its times tagged as times. Engines give them in seconds since 1970."""
    if shape_name is None:
        return value
    shape = service.shape(shape_name)
    if shape.type == "timestamp":
        return cbor2.CBORTag(_EPOCH_SECONDS, value)
    if shape.type == "structure":
        return {name: _with_times(service, shape.members[name].shape, content) for name, content in value.items()}
    if shape.type == "list":
        return [_with_times(service, shape.member, element) for element in value]
    return value
