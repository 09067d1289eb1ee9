"""An operation, ready to be understood: what every protocol does with a request once it knows the operation and its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator.errors import ServiceError
from emulator.messages import Call, HttpRequest
from emulator.services import Service
from emulator.wire.authorization import identify
from emulator.wire.constraints import Check, compile_check
from emulator.wire.json_types import Reader, compile_reader
from emulator.wire.tables import TableFinder, compile_finder

ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True)
class Binding:
    """Compiled when an operation is first asked for."""

    service: str
    operation: str
    read: Reader
    check: Check
    tables: TableFinder

    def call(self, request: HttpRequest, params: Any) -> Call:
        """The request as a call. Authorization comes first, then the kinds of the parameters, then their constraints.

        Raises ServiceError."""
        identity = identify(request)
        if type(params) is not dict:
            raise ServiceError("SerializationException", service=self.service)
        params = self.read(params)
        self.check(params)
        headers = request.headers
        return Call(
            self.service,
            self.operation,
            params,
            self.tables(params),
            identity.region,
            ACCOUNT,
            identity.access_key,
            headers.get("amz-sdk-invocation-id") or headers.get("aws-sdk-invocation-id") or "",
            request,
        )


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
