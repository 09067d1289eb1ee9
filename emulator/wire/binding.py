"""An operation, ready to be understood: what every protocol does with a request once it knows the operation and its parameters."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.aws.services import load_services
from emulator.aws.values import is_too_deep, too_deep
from emulator.messages import Call, HttpRequest
from emulator.wire.authorization import NOBODY, Identity, identify
from emulator.wire.constraints import Check, compile_check
from emulator.wire.json_types import Reader, compile_reader
from emulator.wire.signature import PathCheck, SignatureCheck
from emulator.wire.tables import TableFinder, compile_finder

ACCOUNT = "000000000000"


class ParsedRequest(NamedTuple):
    """What a request asks, whoever asks. Shared by all requests with the same body: nobody may change its parameters.

    `refusal` is what the service has against its types or constraints, None: nothing. With one, `params` and `tables` hold as much as
    is of the right types, and no null."""

    service: str
    operation: str
    params: dict[str, Any]
    tables: tuple[str, ...]
    refusal: ServiceError | None = None

    @classmethod
    def refused(cls, service: str, operation: str, params: dict[str, Any], tables: tuple[str, ...], refusal: ServiceError) -> ParsedRequest:
        return cls(service, operation, params, tables, refusal.settled())

    def to_call(self, request: HttpRequest, identity: Identity) -> Call:
        """The call of one request that asks this."""
        get = request.headers.get
        invocation = get("amz-sdk-invocation-id") or get("aws-sdk-invocation-id") or ""
        service, operation, params, tables, refusal = self
        access_key, region = identity
        return Call(service, operation, params, tables, region, ACCOUNT, access_key, invocation, request, refusal)


@dataclass(frozen=True, slots=True)
class Binding:
    """Compiled when an operation is first asked for. `signing_name`: the service that its requests are signed for."""

    service: str
    operation: str
    signing_name: str
    read: Reader
    check: Check
    tables: TableFinder

    def parse(self, params: Any, *, may_be_deep: bool = True) -> ParsedRequest:
        """What is asked, its types and constraints checked. `may_be_deep` False: it is known that little is nested in it."""
        if type(params) is not dict:
            return self.unreadable(ServiceError("SerializationException", service=self.service))
        if may_be_deep and is_too_deep(params):
            return self.unreadable(too_deep())
        try:
            read = self.read(params)
        except ServiceError as refusal:
            return self._refused(self._readable(params), refusal)
        try:
            self.check(read)
        except ServiceError as refusal:
            return self._refused(read, refusal)
        return ParsedRequest(self.service, self.operation, read, self.tables(read))

    def _refused(self, params: dict[str, Any], refusal: ServiceError) -> ParsedRequest:
        readable = _without_nulls(params)
        return ParsedRequest.refused(self.service, self.operation, readable, self.tables(readable), refusal)

    def unreadable(self, refusal: ServiceError) -> ParsedRequest:
        """A request of which no more than the operation is known."""
        return ParsedRequest.refused(self.service, self.operation, {}, (), refusal)

    def _readable(self, params: dict[str, Any]) -> dict[str, Any]:
        """Those of the parameters that are of the right types."""
        found: dict[str, Any] = {}
        for name, value in params.items():
            try:
                found.update(self.read({name: value}))
            except ServiceError:
                continue
        return found

    def call(self, request: HttpRequest, parsed: ParsedRequest, signatures: SignatureCheck | PathCheck | None) -> Call:
        """The request as a call. Who asks counts before what is wrong with the request: who may not ask is not told in which way it is
        wrong. `signatures` None: signatures are not looked at."""
        try:
            call = parsed.to_call(request, identify(request))
        except ServiceError as refusal:
            return _not_admitted(parsed.to_call(request, NOBODY), refusal)
        if signatures is not None:
            try:
                signatures.check(request, self.signing_name)
            except ServiceError as refusal:
                return _not_admitted(call, refusal)
        return call

    def broken(self, request: HttpRequest, refusal: ServiceError) -> Call:
        """The call of a request whose body cannot be read at all, which the service finds before it looks at who asks."""
        try:
            identity = identify(request)
        except ServiceError:
            identity = NOBODY
        return self.unreadable(refusal).to_call(request, identity)


def _without_nulls(value: Any) -> Any:
    """The value without the nulls in it: lists and maps may hold them as far as types go, and whoever looks for keys and tables in what
    the service refuses must not stumble on them."""
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(member) for member in value if member is not None]
    return value


def _not_admitted(call: Call, refusal: ServiceError) -> Call:
    return replace(call, refusal=refusal.settled(), is_admitted=False)


@cache
def bind(service_name: str, operation: str, wording: str) -> Binding:
    """Compiled once for all emulators. Raises ServiceError (UnknownOperationException) for an operation that the service does not have."""
    service = load_services()[service_name]
    if operation not in service.operations:
        raise ServiceError("UnknownOperationException", service=service.name)
    shape_name = service.operations[operation].input
    read: Reader = compile_reader(service, shape_name) if shape_name else _no_input
    finder = compile_finder(service.shape(shape_name) if shape_name else None)
    return Binding(service.name, operation, service.signing_name, read, compile_check(service, operation, wording), finder)


def _no_input(params: Any) -> dict[str, Any]:
    return {}
