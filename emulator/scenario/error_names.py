"""Errors as the language names them, and which of them a service has."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.aws.errors import CATALOGUE, ErrorSpec, lookup
from emulator.scenario.model import Fault
from emulator.scenario.nodes import Node, ScalarNode
from emulator.scenario.reading import Reading, Refused, Schema, or_parameter, suggestion
from emulator.scenario.values import scalar_text

ERROR_NAMES = tuple(sorted({name for _, name in CATALOGUE}))

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html
THROTTLING_REASONS = tuple(
    f"{resource}{direction}{reason}"
    for resource in ("Table", "Index")
    for direction in ("Read", "Write")
    for reason in ("ProvisionedThroughputExceeded", "AccountLimitExceeded", "KeyRangeThroughputExceeded", "MaxOnDemandThroughputExceeded")
)


class ErrorName:
    shape = "the name of an error, such as ThrottlingException"

    def read(self, node: Node, reading: Reading) -> str:
        name = scalar_text(node, self.shape, with_status(node))
        if name not in ERROR_NAMES:
            raise Refused(node.where, f"unknown error '{name[:64]}'", suggestion(name, ERROR_NAMES))
        return name

    def schema(self) -> Schema:
        return or_parameter({"enum": list(ERROR_NAMES)})


def with_status(node: Node) -> str:
    """The hint for an HTTP status in the place of an error."""
    known = [spec.name for spec in CATALOGUE.values() if isinstance(node, ScalarNode) and str(spec.status) == node.text]
    return f"{known[0]} has that status" if known else ""


def check_error(fault: Fault, services: Iterable[str]) -> None:
    """Refuse an error that one of the services does not have, or that carries no such members there."""
    for service in sorted(services) if fault.error is not None else ():
        spec = _spec(fault, service)
        members = {member.lower() for member in spec.members}
        for key, member in (("reasons", "throttlingreasons"), ("item", "item")):
            if key in fault.keys and member not in members:
                raise Refused(fault.where, f"{spec.name} of {service} carries no '{key}'", "leave it out, or choose an error that does")


def _spec(fault: Fault, service: str) -> ErrorSpec:
    assert fault.error is not None
    try:
        return lookup(fault.error, service)
    except KeyError:
        owners = " and ".join(sorted(owner for owner, name in CATALOGUE if name == fault.error))
        hint = f"it belongs to {owners}: should 'when' say 'service: {owners.split()[0]}'?"
        raise Refused(fault.where, f"the service {service} has no error {fault.error}", hint) from None
