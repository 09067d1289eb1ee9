"""AWS JSON 1.0: an `X-Amz-Target` header names the operation, bodies are JSON, every request is `POST /`.

The order of the checks is the live service's own: size, CORS preflight, GET, method and content type, JSON, target,
authorization, JSON types, constraints. Raw answers outside the JSON protocol (the health text, the XML for a request that is
none) are byte for byte the live ones.
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator.aws.errors import RequestTooLarge, ServiceError
from emulator.aws.services import Service
from emulator.aws.values import may_be_deep
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.wire.answer import AnswerWriter
from emulator.wire.authorization import DEFAULT_REGION, identify, usual_identity
from emulator.wire.binding import Binding, ParsedRequest, bind
from emulator.wire.compression import compressed, plain_body
from emulator.wire.origins import Origins
from emulator.wire.parsed_size import estimated_size
from emulator.wire.signature import PathCheck, SignatureCheck

JSON_1_0 = "application/x-amz-json-1.0"
_ACCEPTED_TYPES = frozenset({JSON_1_0, "application/json"})
_NOT_A_REQUEST = b"<UnknownOperationException/>\n"
_COMPRESSED_FROM = 4096
# Below it is everything that is no part of an emulated service
ADMIN_PREFIX = "/_emulator"
# Bodies that are parsed once for all, of so many bytes at most, and what all of them take together when they are parsed
MAX_REMEMBERED = 512
MAX_REMEMBERED_SIZE = 2048
MAX_SEEN = 4096
MAX_REMEMBERED_BYTES = 4 * 1024 * 1024


class JsonRpc:
    """Decodes and encodes for the services that speak AWS JSON."""

    def __init__(self, services: dict[str, Service], writer: AnswerWriter, wording: str, origins: Origins) -> None:
        self._origins = origins
        self._services = {service.target_prefix: service for service in services.values() if service.target_prefix}
        self._writer = writer
        self._wording = wording
        self._bindings: dict[str, Binding] = {}
        self._parsed: dict[tuple[str, bytes], ParsedRequest] = {}
        self._parsed_bytes = 0
        # Of what was parsed, by its hash: what has come once and will not come again is not worth remembering
        self._seen: set[int] = set()

    def decode(self, request: HttpRequest, signatures: SignatureCheck | PathCheck | None) -> Call | HttpReply:
        """A Call, or at once the answer to a request that is no call of an operation. Raises ServiceError where it cannot be told of
        which operation it is one."""
        headers = request.headers
        content_type = headers.get("content-type", "")
        if signatures is None and request.method == "POST" and content_type in _ACCEPTED_TYPES and "content-encoding" not in headers:
            # A retry sends the same bytes again, and so do programs that poll: of them no more is to be seen than who asks
            known = self._parsed.get((headers.get("x-amz-target", ""), request.body))
            identity = None if known is None or request.too_large else usual_identity(request)
            if known is not None and identity is not None:
                return known.to_call(request, identity)
        if content_type not in _ACCEPTED_TYPES:
            content_type = content_type.partition(";")[0].strip()
        if request.method != "POST" or (content_type not in _ACCEPTED_TYPES and (content_type or request.body)):
            # A POST without a body needs no type either (recordings up to October 2026)
            return self._not_an_operation(request)
        target = headers.get("x-amz-target", "")
        try:
            body = plain_body(request)
            parsed = self._parsed.get((target, body))
            params = parsed_json(body) if parsed is None else None
        except ServiceError as refusal:
            return (self._known_binding(target, refusal)).broken(request, refusal)
        binding = self._bindings.get(target) or self._bind(target)
        if parsed is None:
            parsed = binding.parse(params, may_be_deep=may_be_deep(body))
            self._remember((target, body), parsed)
        return binding.call(request, parsed, signatures)

    def announced(self, request: HttpRequest) -> Call | None:
        """The call that a request will be, as far as its head tells; None where that does not name an operation."""
        target = request.headers.get("x-amz-target", "")
        try:
            binding = self._bindings.get(target) or self._bind(target)
            return ParsedRequest(binding.service, binding.operation, {}, ()).to_call(request, identify(request))
        except ServiceError:
            return None

    def _known_binding(self, target: str, refusal: ServiceError) -> Binding:
        """That of the target; where there is none, the request's other fault is the one that the service tells first."""
        try:
            return self._bindings.get(target) or self._bind(target)
        except ServiceError:
            raise refusal from None

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply:
        """A success; None is an empty body, as TagResource has it."""
        body = b"" if output is None else to_json(output)
        headers = request.headers
        if headers.get("content-type") == JSON_1_0 and len(body) <= _COMPRESSED_FROM and "origin" not in headers:
            return self._writer.write(200, JSON_1_0, body)
        return self._reply(request, 200, body)

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply:
        if isinstance(error, RequestTooLarge):
            return self._writer.write(413, JSON_1_0, b"", self._origins.headers(request))
        spec = error.spec
        if spec.body is not None and not error.members:
            return self._writer.write(spec.status, "text/html", spec.body.encode(), self._origins.headers(request))
        body = {"__type": spec.type, **error.members}
        if error.message is not None:
            body[error.message_key] = error.message
        return self._reply(request, spec.status, to_json(body))

    def _reply(self, request: HttpRequest, status: int, body: bytes) -> HttpReply:
        headers = request.headers
        content_type = JSON_1_0
        if headers.get("content-type", "").startswith("application/json"):
            content_type = "application/json"
        extra = self._origins.headers(request)
        if len(body) > _COMPRESSED_FROM and "accept-encoding" in headers:
            encoding, body = compressed(body, headers["accept-encoding"])
            if encoding:
                extra = (*extra, ("Content-Encoding", encoding))
        return self._writer.write(status, content_type, body, extra)

    def _remember(self, asked: tuple[str, bytes], parsed: ParsedRequest) -> None:
        """What comes again and again need not be parsed each time."""
        if len(asked[1]) > MAX_REMEMBERED_SIZE:
            return
        seen, mark = self._seen, hash(asked)
        if mark not in seen:
            if len(seen) >= MAX_SEEN:
                seen.clear()
            seen.add(mark)
            return
        size = len(asked[1]) + estimated_size(asked[1])
        if len(self._parsed) >= MAX_REMEMBERED or self._parsed_bytes + size > MAX_REMEMBERED_BYTES:
            self._parsed = {}
            self._parsed_bytes = 0
        self._parsed[asked] = parsed
        self._parsed_bytes += size

    def _bind(self, target: str) -> Binding:
        prefix, _, operation = target.partition(".")
        service = self._services.get(prefix)
        if service is None:
            raise ServiceError("UnknownOperationException")
        self._bindings[target] = binding = bind(service.name, operation, self._wording)
        return binding

    def _not_an_operation(self, request: HttpRequest) -> HttpReply:
        """GET says that the service is well, or brings a browser to the page; all else that is no POST of JSON gets an XML refusal, as
        does the live service's."""
        headers, origin = request.headers, self._origins.headers(request)
        if request.method == "OPTIONS" and origin:
            return self._writer.write(200, "text/plain", b"", (*origin, *self._origins.preflight(request)))
        if request.method == "GET" and request.target.partition("?")[0] == "/":
            if "text/html" in headers.get("accept", ""):
                # SDKs and health checks ask for no HTML: this is a browser, with somebody who wants to see something
                return self._writer.write(302, "text/plain", b"", (*origin, ("Location", f"{request.prefix}{ADMIN_PREFIX}/")))
            return self._writer.write(200, "text/plain", f"healthy: dynamodb.{DEFAULT_REGION}.amazonaws.com ".encode(), origin)
        return self._writer.write(404, "application/xml", _NOT_A_REQUEST, origin)


def parsed_json(body: bytes) -> Any:
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
