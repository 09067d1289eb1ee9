"""REST JSON: the method and the path name the operation, parameters stand in path, query and body. AWS Backup speaks it.

The name of an error travels in the header `x-amzn-ErrorType`: the body's `Code` is a member of the error, and SDKs would take it for the
name otherwise."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote

from dynafault_dataclass import dataclass
from emulator.aws.errors import RequestTooLarge, ServiceError
from emulator.aws.services import Member, Operation, Service
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.wire.answer import AnswerWriter
from emulator.wire.binding import Binding, bind
from emulator.wire.compression import plain_body
from emulator.wire.json_rpc import parsed_json, to_json
from emulator.wire.origins import Origins
from emulator.wire.signature import PathCheck, SignatureCheck

_JSON = "application/json"
_LABEL = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class RestRoute:
    """A method and a path of one operation; the path's labels are groups of `pattern` by their names."""

    service: Service
    operation: Operation
    pattern: re.Pattern[str]


class RestJson:
    """Decodes and encodes for the services whose model names this protocol."""

    def __init__(self, services: dict[str, Service], writer: AnswerWriter, wording: str, origins: Origins) -> None:
        self._origins = origins
        self._services = [service for service in services.values() if "rest-json" in service.protocols]
        self._writer = writer
        self._wording = wording
        self._bindings: dict[str, Binding] = {}

    @cached_property
    def _routes(self) -> dict[str, list[RestRoute]]:
        """By method; made when the first request asks, since most runs never speak this protocol."""
        routes: dict[str, list[RestRoute]] = {}
        for service in self._services:
            for operation in service.operations.values():
                routes.setdefault(operation.method, []).append(RestRoute(service, operation, _pattern(operation.uri)))
        return routes

    def route(self, request: HttpRequest) -> tuple[RestRoute, re.Match[str]] | None:
        """The operation that a request is for, with what its path says; None for a path that no service has."""
        path = request.target.partition("?")[0]
        for route in self._routes.get(request.method, ()):
            match = route.pattern.fullmatch(path)
            if match is not None:
                return route, match
        return None

    def decode(self, request: HttpRequest, signatures: SignatureCheck | PathCheck | None) -> Call | HttpReply:
        """Raises ServiceError."""
        found = self.route(request)
        if found is None:
            raise ServiceError("UnknownOperationException", service="backup")
        route, match = found
        name = route.operation.name
        binding = self._bindings.get(name)
        if binding is None:
            self._bindings[name] = binding = bind(route.service.name, name, self._wording)
        try:
            params = parsed_json(plain_body(request))
        except ServiceError as refusal:
            return binding.broken(request, refusal)
        return binding.call(request, binding.parse(_params(route, match, request, params)), signatures)

    def encode(self, request: HttpRequest, output: dict[str, Any] | None) -> HttpReply:
        return self._reply(request, 200, to_json(output or {}))

    def encode_error(self, request: HttpRequest, error: ServiceError) -> HttpReply:
        if isinstance(error, RequestTooLarge):
            return self._reply(request, 413, b"")
        body = dict(error.members)
        if error.message is not None:
            body[error.message_key] = error.message
        return self._reply(request, error.spec.status, to_json(body), ("x-amzn-ErrorType", error.spec.name))

    def _reply(self, request: HttpRequest, status: int, body: bytes, *extra: tuple[str, str]) -> HttpReply:
        return self._writer.write(status, _JSON, body, (*self._origins.headers(request), *extra))


def _pattern(uri: str) -> re.Pattern[str]:
    """A model's path as a pattern: "/backup-vaults/{backupVaultName}". A slash at the end does not matter."""
    parts: list[str] = []
    position = 0
    for label in _LABEL.finditer(uri):
        parts.append(re.escape(uri[position : label.start()]))
        parts.append(f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})")
        position = label.end()
    parts.append(re.escape(uri[position:].rstrip("/")))
    return re.compile("".join(parts) + "/?")


def _params(route: RestRoute, match: re.Match[str], request: HttpRequest, body: Any) -> Any:
    """All parameters by their names in the model. A body that is no object is left for the type check to refuse."""
    if body is not None and type(body) is not dict:
        return body
    params: dict[str, Any] = dict(body or {})
    query = parse_qs(request.target.partition("?")[2], keep_blank_values=True)
    shape = route.service.shape(route.operation.input) if route.operation.input else None
    for member in shape.members.values() if shape else ():
        if member.location == "uri":
            params[member.name] = unquote(match[member.wire_name])
        elif member.location == "querystring" and member.wire_name in query:
            params[member.name] = _from_query(route.service, member, query[member.wire_name])
    return params


def _from_query(service: Service, member: Member, values: list[str]) -> Any:
    kind = service.shape(member.shape).type
    if kind == "list":
        return values
    text = values[0]
    if kind in ("integer", "long"):
        return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
    if kind == "timestamp":
        return _seconds(text)
    return text


def _seconds(text: str) -> Any:
    """A time of a query string in seconds since 1970; what is none stays as it is, for the type check to refuse."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return text
