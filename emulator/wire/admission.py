"""Who may ask: whoever says who they are; where a scenario brings keys, whoever has signed with one of them.

A refusal still says which call it was, so that the attempts of a client that signs wrong can be told and counted.
"""

from __future__ import annotations

from emulator.errors import ServiceError
from emulator.messages import Call, HttpRequest
from emulator.services import load_service
from emulator.wire.signature import SignatureCheck

REFUSALS = frozenset(("ExpiredTokenException", "IncompleteSignatureException", "InvalidSignatureException", "UnrecognizedClientException"))


class NotAdmitted(ServiceError):
    """What the service says to a request that was not signed right. `call` is what it asked for, None where that cannot be told."""

    def __init__(self, refusal: ServiceError, call: Call | None) -> None:
        super().__init__(refusal.spec.name, refusal.message)
        self.call = call


class Admission:
    """One for each emulator, shared by its protocols. `check` None: signatures are not looked at."""

    def __init__(self) -> None:
        self.check: SignatureCheck | None = None

    def admit(self, call: Call) -> Call:
        """The same call. Raises NotAdmitted."""
        if self.check is not None:
            self._check(self.check, call.request, call.service, call)
        return call

    def admit_unknown(self, request: HttpRequest, service: str) -> None:
        """For a request that is wrong in some other way, too: who may not ask is not told in which. Raises NotAdmitted."""
        if self.check is not None:
            self._check(self.check, request, service, None)

    def _check(self, check: SignatureCheck, request: HttpRequest, service: str, call: Call | None) -> None:
        try:
            check.check(request, load_service(service).signing_name)
        except ServiceError as refusal:
            raise NotAdmitted(refusal, call) from None
