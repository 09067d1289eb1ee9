"""The rules between billing mode, provisioned throughput, and on-demand and warm throughput, of tables and global indexes."""

from __future__ import annotations

from typing import Any

from emulator.backends.dynamodb.definitions import NO_THROUGHPUT, OptionalThroughput, Throughput
from emulator.backends.dynamodb.limits import CAPACITY_UNITS
from emulator.backends.dynamodb.refusals import invalid, refusal


def table_throughput(params: dict[str, Any], billing: str) -> Throughput:
    """The throughput of a table under a billing mode. Raises ServiceError (ValidationException) where they contradict."""
    given = params.get("ProvisionedThroughput")
    if billing == "PROVISIONED":
        if given is None:
            raise invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
        return throughput(given)
    if given is not None:
        raise invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
    return NO_THROUGHPUT


def index_throughput(params: dict[str, Any], billing: str) -> Throughput:
    """The same for a global index."""
    given, name = params.get("ProvisionedThroughput"), params["IndexName"]
    if billing == "PROVISIONED":
        if given is None:
            raise invalid(f"ProvisionedThroughput is not specified for index: {name}")
        return throughput(given, f" for index {name}")
    if given is not None:
        raise invalid(f"ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST")
    return NO_THROUGHPUT


def throughput(given: dict[str, int], where: str = "") -> Throughput:
    for name in ("ReadCapacityUnits", "WriteCapacityUnits"):
        if given[name] > CAPACITY_UNITS:
            raise refusal(f"Given value {given[name]} for {name} is out of bounds{where}")
    return Throughput(given["ReadCapacityUnits"], given["WriteCapacityUnits"])


def on_demand_throughput(params: dict[str, Any], billing: str) -> OptionalThroughput | None:
    """The on-demand maxima. -1 takes a maximum away (API reference, OnDemandThroughput)."""
    given = params.get("OnDemandThroughput")
    if given is None:
        return None
    if billing == "PROVISIONED":
        raise invalid("MaxReadRequestUnits and MaxWriteRequestUnits can only be specified when BillingMode is PAY_PER_REQUEST")
    units = [given.get("MaxReadRequestUnits"), given.get("MaxWriteRequestUnits")]
    if units == [None, None]:
        raise invalid("At least one of MaxReadRequestUnits and MaxWriteRequestUnits must be specified")
    for name, value in zip(("MaxReadRequestUnits", "MaxWriteRequestUnits"), units, strict=True):
        if value is not None and value != -1 and value < 1:
            raise invalid(f"{name} must be -1 or at least 1")
    read, write = (None if value == -1 else value for value in units)
    return OptionalThroughput(read, write)


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
