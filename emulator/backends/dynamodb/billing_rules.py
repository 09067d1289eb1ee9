"""The rules between billing mode, provisioned throughput, and on-demand and warm throughput, of tables and global indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.backends.dynamodb.definitions import NO_THROUGHPUT, OptionalThroughput, ProvisionedThroughput
from emulator.backends.dynamodb.limits import CAPACITY_UNITS
from emulator.backends.dynamodb.refusals import invalid, refusal

_MAXIMA = ("MaxReadRequestUnits", "MaxWriteRequestUnits")


def billing_mode(params: Mapping[str, Any], default: str) -> str:
    """The mode that a request names; TableThroughputMode, a member that no SDK knows, counts where BillingMode is missing."""
    named: str = params.get("BillingMode") or params.get("TableThroughputMode") or default
    return named


def table_throughput(params: dict[str, Any], billing: str) -> ProvisionedThroughput:
    """The throughput of a table under a billing mode. Raises ServiceError (ValidationException) where they contradict."""
    given = params.get("ProvisionedThroughput")
    if billing == "PROVISIONED":
        if given is None:
            raise invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
        return throughput(given)
    if given is not None:
        raise invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
    return NO_THROUGHPUT


def index_throughput(params: dict[str, Any], billing: str) -> ProvisionedThroughput:
    """The same for a global index."""
    given, name = params.get("ProvisionedThroughput"), params["IndexName"]
    if billing == "PROVISIONED":
        if given is None:
            raise invalid(f"ProvisionedThroughput is not specified for index: {name}")
        return throughput(given, f" for index {name}")
    if given is not None:
        raise invalid(f"ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST")
    return NO_THROUGHPUT


def throughput(given: dict[str, int], where: str = "") -> ProvisionedThroughput:
    for name in ("ReadCapacityUnits", "WriteCapacityUnits"):
        if given[name] > CAPACITY_UNITS:
            raise refusal(f"Given value {given[name]} for {name} is out of bounds{where}")
    return ProvisionedThroughput(given["ReadCapacityUnits"], given["WriteCapacityUnits"])


def on_demand_throughput(params: Mapping[str, Any], billing: str, *, is_update: bool = False) -> dict[str, int]:
    """The on-demand maxima that a request gives, none where it gives none; -1, which an update may give, takes a maximum away. Raises
    ServiceError (ValidationException). As captured in nubo-db/dynoxide#159 and #161 (2026-07-24, eu-west-2), all but the last sentence."""
    given: dict[str, int] = params.get("OnDemandThroughput") or {}
    for name in _MAXIMA:
        if name in given and billing == "PROVISIONED":
            tail = "when the table BillingMode is PROVISIONED" if is_update else "when table BillingMode is PROVISIONED."
            raise invalid(f"{name} for OnDemandThroughput cannot be specified {tail}")
    for name, value in given.items():
        if value < 1 and not (is_update and value == -1):
            raise invalid(f"{name} must be {'-1 or ' if is_update else ''}at least 1")
    return given


def with_maxima(old: OptionalThroughput | None, given: Mapping[str, int]) -> OptionalThroughput | None:
    """The maxima once those of a request have been put over the old ones; None where there are none."""
    known = {} if old is None else dict(zip(_MAXIMA, (old.read, old.write), strict=True))
    read, write = (None if value == -1 else value for value in ({**known, **given}.get(name) for name in _MAXIMA))
    return None if read is None and write is None else OptionalThroughput(read, write)


def warm_throughput(params: dict[str, Any]) -> OptionalThroughput | None:
    given = params.get("WarmThroughput")
    if given is None:
        return None
    read, write = given.get("ReadUnitsPerSecond"), given.get("WriteUnitsPerSecond")
    if read is None and write is None:
        raise invalid("At least one of ReadUnitsPerSecond and WriteUnitsPerSecond must be specified")
    for name, value in (("ReadUnitsPerSecond", read), ("WriteUnitsPerSecond", write)):
        if value is not None and value < 1:
            raise invalid(f"{name} must be at least 1")
    return OptionalThroughput(read, write)
