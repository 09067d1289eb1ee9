"""AWS JSON 1.0: an `X-Amz-Target` header names the operation, bodies are JSON, every request is `POST /`.

The order of the checks is the live service's own: size, CORS preflight, GET, method and content type, JSON, target,
authorization, JSON types, constraints. Raw answers outside the JSON protocol (the health text, the XML for a request that is
none) are byte for byte the live ones.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.errors import ServiceError
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.services import Service
from emulator.wire.answer import AnswerWriter
from emulator.wire.authorization import DEFAULT_REGION, identify
from emulator.wire.constraints import Check, compile_check
from emulator.wire.json_types import Reader, compile_reader
from emulator.wire.tables import TableFinder, compile_finder

JSON_1_0 = "application/x-amz-json-1.0"
ACCOUNT = "000000000000"
# What the service accepts, by Content-Length or by count, before and after decompression
LARGEST_BODY = 16 * 1024 * 1024
_ACCEPTED_TYPES = frozenset({JSON_1_0, "application/json"})
_NOT_A_REQUEST = b"<UnknownOperationException/>\n"
_COMPRESSED_FROM = 4096
_ORIGIN_HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
)


@dataclass(frozen=True, slots=True)
class Binding:
    """An operation, ready to decode: compiled when it is first asked for."""

    service: str
    operation: str
    read: Reader
    check: Check
    tables: TableFinder


class JsonRpc:
    """Decodes and encodes for the services that speak AWS JSON."""

    def __init__(self, services: dict[str, Service], writer: AnswerWriter, wording: str) -> None:
        self._services = {service.target_prefix: service for service in services.values() if service.target_prefix}
        self._writer = writer
        self._wording = wording
        self._bindings: dict[str, Binding] = {}

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
        if "content-encoding" in headers:
            body = _decompressed(body, headers["content-encoding"])
        params = _parsed(body)
        target = headers.get("x-amz-target", "")
        binding = self._bindings.get(target) or self._bind(target)
        identity = identify(request)
        if type(params) is not dict:
            raise ServiceError("SerializationException")
        params = binding.read(params)
        binding.check(params)
        return Call(
            binding.service,
            binding.operation,
            params,
            binding.tables(params),
            identity.region,
            ACCOUNT,
            identity.access_key,
            headers.get("amz-sdk-invocation-id") or headers.get("aws-sdk-invocation-id") or "",
            request,
        )

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply:
        """A success; None is an empty body, as TagResource has it."""
        return self._reply(request, 200, b"" if output is None else _json(output))

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply:
        spec = error.spec
        if spec.body is not None and not error.members:
            return self._writer.write(spec.status, "text/html", spec.body.encode(), _origin(request))
        body = {"__type": spec.type, **error.members}
        if error.message is not None:
            body[spec.message_key] = error.message
        return self._reply(request, spec.status, _json(body))

    def too_large(self, request: HttpRequest) -> HttpReply:
        return self._writer.write(413, JSON_1_0, b"", _origin(request))

    def _reply(self, request: HttpRequest, status: int, body: bytes) -> HttpReply:
        headers = request.headers
        content_type = JSON_1_0
        if headers.get("content-type", "").startswith("application/json"):
            content_type = "application/json"
        extra = _origin(request)
        if len(body) > _COMPRESSED_FROM and "accept-encoding" in headers:
            encoding, body = _compressed(body, headers["accept-encoding"])
            if encoding:
                extra = (*extra, ("Content-Encoding", encoding))
        return self._writer.write(status, content_type, body, extra)

    def _bind(self, target: str) -> Binding:
        prefix, _, operation = target.partition(".")
        service = self._services.get(prefix)
        if service is None or operation not in service.operations:
            raise ServiceError("UnknownOperationException")
        self._bindings[target] = binding = bind(service, operation, self._wording)
        return binding

    def _not_an_operation(self, request: HttpRequest) -> HttpReply:
        """GET says that the service is well; all else that is no POST of JSON gets an XML refusal, as does the live service's."""
        origin = _origin(request)
        if request.method == "OPTIONS" and origin:
            return self._writer.write(200, "text/plain", b"", (*origin, *_preflight(request)))
        if request.method == "GET" and request.target.partition("?")[0] == "/":
            return self._writer.write(200, "text/plain", f"healthy: dynamodb.{DEFAULT_REGION}.amazonaws.com ".encode(), origin)
        return self._writer.write(404, "application/xml", _NOT_A_REQUEST, origin)


def bind(service: Service, operation: str, wording: str) -> Binding:
    shape_name = service.operations[operation].input
    read: Reader = compile_reader(service, shape_name) if shape_name else _no_input
    finder = compile_finder(service.shape(shape_name) if shape_name else None)
    return Binding(service.name, operation, read, compile_check(service, operation, wording), finder)


def _no_input(params: Any) -> dict[str, Any]:
    return {}


def _parsed(body: bytes) -> Any:
    """The body's JSON; None for an empty body, whose refusal comes later than that of a broken one."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ServiceError("SerializationException") from None


def _json(value: dict[str, Any]) -> bytes:
    # A copy: what orjson returns keeps the four kilobytes that it was written in, and the journal keeps the answer
    return bytes(memoryview(orjson.dumps(value)))


def _decompressed(body: bytes, encoding: str) -> bytes:
    """gzip, several members in a row too. Anything else is answered as a failure of the server: so the live service does."""
    if encoding.strip().lower() == "identity":
        return body
    try:
        if encoding.strip().lower() != "gzip":
            raise ValueError(encoding)
        return _gunzip(body)
    except (ValueError, EOFError, OSError, zlib.error):
        raise ServiceError("InternalServerError") from None


def _gunzip(body: bytes) -> bytes:
    parts: list[bytes] = []
    room = LARGEST_BODY + 1
    while body and room > 0:
        member = zlib.decompressobj(wbits=31)
        parts.append(member.decompress(body, room))
        room -= len(parts[-1])
        if not member.eof:
            raise EOFError("a gzip member is cut off or too large")
        body = member.unused_data
    return b"".join(parts)


_COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {"gzip": lambda body: gzip.compress(body, mtime=0), "deflate": zlib.compress}


def _compressed(body: bytes, accepted: str) -> tuple[str, bytes]:
    for name in (part.partition(";")[0].strip().lower() for part in accepted.split(",")):
        if name in _COMPRESSORS:
            return name, _COMPRESSORS[name](body)
    return "", body


def _origin(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    return _ORIGIN_HEADERS if "origin" in request.headers else ()


def _preflight(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    echoed = (("Allow-Headers", "headers"), ("Allow-Methods", "method"))
    wanted = ((ours, request.headers.get(f"access-control-request-{theirs}")) for ours, theirs in echoed)
    return (("Access-Control-Max-Age", "172800"), *((f"Access-Control-{name}", value) for name, value in wanted if value))
