"""AWS JSON 1.0: an `X-Amz-Target` header names the operation, bodies are JSON, every request is `POST /`.

The order of the checks is the live service's own: size, CORS preflight, GET, method and content type, JSON, target,
authorization, JSON types, constraints. Raw answers outside the JSON protocol (the health text, the XML for a request that is
none) are byte for byte the live ones.
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import ServiceError
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.services import Service
from emulator.wire.admission import Admission
from emulator.wire.answer import AnswerWriter
from emulator.wire.authorization import DEFAULT_REGION, identify
from emulator.wire.binding import Binding, Understood, bind
from emulator.wire.compression import LARGEST_BODY, compressed, decompressed
from emulator.wire.origins import origin_headers, preflight_headers

JSON_1_0 = "application/x-amz-json-1.0"
_ACCEPTED_TYPES = frozenset({JSON_1_0, "application/json"})
_NOT_A_REQUEST = b"<UnknownOperationException/>\n"
_COMPRESSED_FROM = 4096
# Bodies that are understood once for all, of so many bytes at most
MOST_REMEMBERED = 512
LONGEST_REMEMBERED = 2048


class JsonRpc:
    """Decodes and encodes for the services that speak AWS JSON."""

    def __init__(self, services: dict[str, Service], writer: AnswerWriter, wording: str, admission: Admission) -> None:
        self._services = {service.target_prefix: service for service in services.values() if service.target_prefix}
        self._writer = writer
        self._wording = wording
        self._admission = admission
        self._bindings: dict[str, Binding] = {}
        self._understood: dict[tuple[str, bytes], Understood] = {}

    def decode(self, request: HttpRequest) -> Call | HttpReply:
        """A Call, or at once the answer to a request that is no call of an operation. Raises ServiceError."""
        headers = request.headers
        content_type = headers.get("content-type", "")
        if content_type not in _ACCEPTED_TYPES:
            content_type = content_type.partition(";")[0].strip()
        if request.method != "POST" or content_type not in _ACCEPTED_TYPES:
            return self._not_an_operation(request)
        if len(request.body) > LARGEST_BODY:
            return self.too_large(request)
        body = request.body
        target = headers.get("x-amz-target", "")
        if "content-encoding" in headers:
            body = decompressed(body, headers["content-encoding"])
        understood = self._understood.get((target, body))
        if understood is not None:
            return self._admission.admit(understood.by(request, identify(request)))
        params = parsed(body)
        binding = self._bindings.get(target) or self._bind(target)
        identity = identify(request)
        understood = binding.admitted(request, params, self._admission)
        self._remember((target, body), understood)
        return self._admission.admit(understood.by(request, identity))

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply:
        """A success; None is an empty body, as TagResource has it."""
        body = b"" if output is None else to_json(output)
        headers = request.headers
        if headers.get("content-type") == JSON_1_0 and len(body) <= _COMPRESSED_FROM and "origin" not in headers:
            return self._writer.write(200, JSON_1_0, body)
        return self._reply(request, 200, body)

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply:
        spec = error.spec
        if spec.body is not None and not error.members:
            return self._writer.write(spec.status, "text/html", spec.body.encode(), origin_headers(request))
        body = {"__type": spec.type, **error.members}
        if error.message is not None:
            body[spec.message_key] = error.message
        return self._reply(request, spec.status, to_json(body))

    def too_large(self, request: HttpRequest) -> HttpReply:
        return self._writer.write(413, JSON_1_0, b"", origin_headers(request))

    def _reply(self, request: HttpRequest, status: int, body: bytes) -> HttpReply:
        headers = request.headers
        content_type = JSON_1_0
        if headers.get("content-type", "").startswith("application/json"):
            content_type = "application/json"
        extra = origin_headers(request)
        if len(body) > _COMPRESSED_FROM and "accept-encoding" in headers:
            encoding, body = compressed(body, headers["accept-encoding"])
            if encoding:
                extra = (*extra, ("Content-Encoding", encoding))
        return self._writer.write(status, content_type, body, extra)

    def _remember(self, asked: tuple[str, bytes], understood: Understood) -> None:
        """A retry sends the same bytes again, and so do programs that poll: they need not be understood twice."""
        if len(asked[1]) <= LONGEST_REMEMBERED:
            if len(self._understood) >= MOST_REMEMBERED:
                self._understood.clear()
            self._understood[asked] = understood

    def _bind(self, target: str) -> Binding:
        prefix, _, operation = target.partition(".")
        service = self._services.get(prefix)
        if service is None:
            raise ServiceError("UnknownOperationException")
        self._bindings[target] = binding = bind(service, operation, self._wording)
        return binding

    def _not_an_operation(self, request: HttpRequest) -> HttpReply:
        """GET says that the service is well; all else that is no POST of JSON gets an XML refusal, as does the live service's."""
        origin = origin_headers(request)
        if request.method == "OPTIONS" and origin:
            return self._writer.write(200, "text/plain", b"", (*origin, *preflight_headers(request)))
        if request.method == "GET" and request.target.partition("?")[0] == "/":
            return self._writer.write(200, "text/plain", f"healthy: dynamodb.{DEFAULT_REGION}.amazonaws.com ".encode(), origin)
        return self._writer.write(404, "application/xml", _NOT_A_REQUEST, origin)


def parsed(body: bytes) -> Any:
    """The body's JSON; None for an empty body, whose refusal comes later than that of a broken one. Raises ServiceError."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ServiceError("SerializationException") from None


def to_json(value: Any) -> bytes:
    # A copy: what orjson returns keeps the four kilobytes that it was written in, and the journal keeps the answer
    return bytes(memoryview(orjson.dumps(value)))
