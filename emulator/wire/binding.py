"""An operation, ready to be understood: what every protocol does with a request once it knows the operation and its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from emulator.errors import ServiceError
from emulator.messages import Call, HttpRequest
from emulator.services import Service
from emulator.wire.admission import Admission
from emulator.wire.authorization import Identity, identify
from emulator.wire.constraints import Check, compile_check
from emulator.wire.json_types import Reader, compile_reader
from emulator.wire.tables import TableFinder, compile_finder

ACCOUNT = "000000000000"


class Understood(NamedTuple):
    """What a request asks, whoever asks. Shared by all requests with the same body: nobody may change its parameters."""

    service: str
    operation: str
    params: dict[str, Any]
    tables: tuple[str, ...]

    def by(self, request: HttpRequest, identity: Identity) -> Call:
        """The call of one request that asks this."""
        headers = request.headers
        invocation = headers.get("amz-sdk-invocation-id") or headers.get("aws-sdk-invocation-id") or ""
        service, operation, params, tables = self
        access_key, region = identity
        return Call(service, operation, params, tables, region, ACCOUNT, access_key, invocation, request)


@dataclass(frozen=True, slots=True)
class Binding:
    """Compiled when an operation is first asked for."""

    service: str
    operation: str
    read: Reader
    check: Check
    tables: TableFinder

    def understand(self, params: Any) -> Understood:
        """What is asked, its kinds and constraints checked. Raises ServiceError."""
        if type(params) is not dict:
            raise ServiceError("SerializationException", service=self.service)
        params = self.read(params)
        self.check(params)
        return Understood(self.service, self.operation, params, self.tables(params))

    def admitted(self, request: HttpRequest, params: Any, admission: Admission) -> Understood:
        """As `understand`, but who may not ask is told that rather than what is wrong with the request."""
        try:
            return self.understand(params)
        except ServiceError:
            admission.admit_unknown(request, self.service)
            raise

    def call(self, request: HttpRequest, params: Any, admission: Admission) -> Call:
        """The request as a call. Authorization comes first, then the kinds of the parameters, then their constraints.

        Raises ServiceError."""
        identity = identify(request)
        return admission.admit(self.admitted(request, params, admission).by(request, identity))


def bind(service: Service, operation: str, wording: str) -> Binding:
    """Raises ServiceError (UnknownOperationException) for an operation that the service does not have."""
    if operation not in service.operations:
        raise ServiceError("UnknownOperationException", service=service.name)
    shape_name = service.operations[operation].input
    read: Reader = compile_reader(service, shape_name) if shape_name else _no_input
    finder = compile_finder(service.shape(shape_name) if shape_name else None)
    return Binding(service.name, operation, read, compile_check(service, operation, wording), finder)


def _no_input(params: Any) -> dict[str, Any]:
    return {}
