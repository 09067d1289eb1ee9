"""What one account has in one region, and how it is found: the nouns of AWS Backup Gateway."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from typing import Any, TypeVar

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.messages import Call

_IDS = uuid.UUID("3b0f1c52-6d83-4b4e-9d0a-0b9c5a1e7f10")
SOFTWARE_VERSION = "2-0-0"
MAX_PAGE = 1000
Thing = TypeVar("Thing")


def refusal(name: str, message: str) -> ServiceError:
    return ServiceError(name, message, service="backup-gateway")


@dataclass(slots=True)
class Gateway:
    """`server` is the ARN of the hypervisor that it is associated with, None for none. Times are seconds since 1970."""

    arn: str
    activation_key: str
    name: str
    type: str
    created: float
    server: str | None = None
    maintenance: dict[str, int] = field(default_factory=lambda: {"DayOfWeek": 0, "HourOfDay": 3, "MinuteOfHour": 0})
    intervals: list[dict[str, Any]] = field(default_factory=list)
    software: str = SOFTWARE_VERSION


@dataclass(slots=True)
class Hypervisor:
    """`synced` is when its machines were last looked for, None for never."""

    arn: str
    name: str
    host: str
    kms_key: str | None
    log_group: str | None = None
    synced: float | None = None
    mappings: list[dict[str, str]] = field(default_factory=list)
    mapping_role: str | None = None


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    arn: str
    name: str
    host: str
    path: str
    hypervisor: str


class Inventory:
    """What one account has in one region. Ids are derived from the requests before, so that a repeated run has the same ids."""

    def __init__(self, account: str, region: str) -> None:
        self._home = f"arn:aws:backup-gateway:{region}:{account}"
        self._made = 0
        self.gateways: dict[str, Gateway] = {}
        self.hypervisors: dict[str, Hypervisor] = {}
        self.machines: dict[str, VirtualMachine] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.used_keys: set[str] = set()

    def new_arn(self, kind: str, prefix: str) -> str:
        self._made += 1
        return f"{self._home}:{kind}/{prefix}-{uuid.uuid5(_IDS, f'{self._home}:{self._made}').hex[:16].upper()}"

    def gateway(self, arn: str) -> Gateway:
        """Raises ServiceError (ResourceNotFoundException)."""
        return _found(self.gateways, arn, "gateway")

    def hypervisor(self, arn: str) -> Hypervisor:
        """Raises ServiceError (ResourceNotFoundException)."""
        return _found(self.hypervisors, arn, "hypervisor")

    def machine(self, arn: str) -> VirtualMachine:
        """Raises ServiceError (ResourceNotFoundException)."""
        return _found(self.machines, arn, "virtual machine")

    def gateways_of(self, hypervisor: str) -> Iterator[Gateway]:
        return (gateway for gateway in self.gateways.values() if gateway.server == hypervisor)

    def state_of(self, hypervisor: Hypervisor) -> str:
        """ONLINE while a gateway connects to it; PENDING before the first gateway did, OFFLINE after the last one has gone."""
        if any(self.gateways_of(hypervisor.arn)):
            return "ONLINE"
        return "PENDING" if hypervisor.synced is None else "OFFLINE"

    def drop(self, arn: str) -> None:
        for kind in (self.gateways, self.hypervisors, self.machines):
            kind.pop(arn, None)
        self.tags.pop(arn, None)


def _found(things: dict[str, Thing], arn: str, what: str) -> Thing:
    found = things.get(arn)
    if found is None:
        raise refusal("ResourceNotFoundException", f"The {what} {arn} was not found.")
    return found


def listed(name: str, things: Iterable[Thing], describe: Callable[[Thing], dict[str, Any]], call: Call) -> dict[str, Any]:
    """The answer to a listing operation: the page that it asks for by `MaxResults` and `NextToken`, under `name`, and the token of
    the next page. Raises ServiceError (ValidationException) for a token that is none."""
    everything = list(things)
    token = call.params.get("NextToken", "0")
    if not token.isdecimal() or len(token) > 9 or int(token) > len(everything):
        raise refusal("ValidationException", "The NextToken is not valid.")
    start = int(token)
    end = start + min(call.params.get("MaxResults", MAX_PAGE), MAX_PAGE)
    answer: dict[str, Any] = {name: [describe(thing) for thing in everything[start:end]]}
    if end < len(everything):
        answer["NextToken"] = str(end)
    return answer
