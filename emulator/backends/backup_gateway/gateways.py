"""Gateways: create, associate, schedule, update, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.backends.backup_gateway.inventory import SOFTWARE_VERSION, Gateway, Inventory, listed, refusal
from emulator.backends.backup_gateway.tagging import put_tags
from emulator.messages import Call

Operation = Callable[[Inventory, Call, float], dict[str, Any]]

_DAY = 86_400.0
_MINUTES_A_DAY = 24 * 60


def _create(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    key = call.params["ActivationKey"]
    # An activation key activates one appliance, once
    if key in inventory.used_keys:
        raise refusal("ValidationException", "The activation key has been used already.")
    gateway = Gateway(inventory.new_arn("gateway", "bgw"), key, call.params["GatewayDisplayName"], call.params["GatewayType"], now)
    put_tags(inventory, gateway.arn, call.params.get("Tags") or [])
    inventory.used_keys.add(key)
    inventory.gateways[gateway.arn] = gateway
    return {"GatewayArn": gateway.arn}


def _get(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    gateway = inventory.gateway(call.params["GatewayArn"])
    details = _summary(gateway, now)
    details["MaintenanceStartTime"] = gateway.maintenance
    details["NextUpdateAvailabilityTime"] = gateway.created + 30 * _DAY
    details["SoftwareVersion"] = gateway.software
    return {"Gateway": details}


def _summary(gateway: Gateway, now: float) -> dict[str, Any]:
    details: dict[str, Any] = {
        "GatewayArn": gateway.arn,
        "GatewayDisplayName": gateway.name,
        "GatewayType": gateway.type,
        "LastSeenTime": now,
    }
    if gateway.server is not None:
        details["HypervisorId"] = gateway.server.rpartition("/")[2]
    return details


def _list(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    return listed("Gateways", inventory.gateways.values(), lambda gateway: _summary(gateway, now), call)


def _delete(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    arn = inventory.gateway(call.params["GatewayArn"]).arn
    inventory.drop(arn)
    return {"GatewayArn": arn}


def _associate(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    """ResourceNotFoundException is not among the errors that the model declares here, so what is not there is not valid."""
    gateway = inventory.gateways.get(call.params["GatewayArn"])
    server = call.params["ServerArn"]
    if gateway is None:
        raise refusal("ValidationException", f"The gateway {call.params['GatewayArn']} was not found.")
    if server not in inventory.hypervisors:
        raise refusal("ValidationException", f"The server {server} was not found.")
    if gateway.server is not None:
        raise refusal("ConflictException", "The gateway is associated with a server already.")
    gateway.server = server
    return {"GatewayArn": gateway.arn}


def _disassociate(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    gateway = inventory.gateway(call.params["GatewayArn"])
    if gateway.server is None:
        raise refusal("ConflictException", "The gateway is not associated with a server.")
    gateway.server = None
    return {"GatewayArn": gateway.arn}


def _update_information(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    gateway = inventory.gateway(call.params["GatewayArn"])
    gateway.name = call.params.get("GatewayDisplayName", gateway.name)
    return {"GatewayArn": gateway.arn}


def _update_software(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    gateway = inventory.gateway(call.params["GatewayArn"])
    gateway.software = SOFTWARE_VERSION
    return {"GatewayArn": gateway.arn}


def _put_maintenance(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    gateway = inventory.gateway(call.params["GatewayArn"])
    if "DayOfWeek" in call.params and "DayOfMonth" in call.params:
        raise refusal("ValidationException", "Give DayOfWeek or DayOfMonth, not both.")
    names = ("DayOfMonth", "DayOfWeek", "HourOfDay", "MinuteOfHour")
    gateway.maintenance = {name: call.params[name] for name in names if name in call.params}
    return {"GatewayArn": gateway.arn}


def _put_schedule(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    gateway = inventory.gateway(call.params["GatewayArn"])
    intervals: list[dict[str, Any]] = call.params["BandwidthRateLimitIntervals"]
    taken: set[tuple[int, int]] = set()
    for interval in intervals:
        minutes = {(day, minute) for day in interval["DaysOfWeek"] for minute in _minutes(interval)}
        if taken & minutes:
            raise refusal("ValidationException", "The bandwidth rate limit intervals overlap.")
        taken |= minutes
    gateway.intervals = intervals
    return {"GatewayArn": gateway.arn}


def _minutes(interval: dict[str, Any]) -> range:
    """The minutes of a day that an interval covers, both ends included, as its documentation has it."""
    start = interval["StartHourOfDay"] * 60 + interval["StartMinuteOfHour"]
    end = interval["EndHourOfDay"] * 60 + interval["EndMinuteOfHour"]
    if end < start or end >= _MINUTES_A_DAY:
        raise refusal("ValidationException", "A bandwidth rate limit interval ends before it starts.")
    return range(start, end + 1)


def _get_schedule(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    gateway = inventory.gateway(call.params["GatewayArn"])
    return {"GatewayArn": gateway.arn, "BandwidthRateLimitIntervals": gateway.intervals}


def _test_hypervisor(inventory: Inventory, call: Call, now: float) -> dict[str, Any]:
    """Succeeds for any host, since there is no network behind it."""
    inventory.gateway(call.params["GatewayArn"])
    return {}


GATEWAY_OPERATIONS: dict[str, Operation] = {
    "AssociateGatewayToServer": _associate,
    "CreateGateway": _create,
    "DeleteGateway": _delete,
    "DisassociateGatewayFromServer": _disassociate,
    "GetBandwidthRateLimitSchedule": _get_schedule,
    "GetGateway": _get,
    "ListGateways": _list,
    "PutBandwidthRateLimitSchedule": _put_schedule,
    "PutMaintenanceStartTime": _put_maintenance,
    "TestHypervisorConfiguration": _test_hypervisor,
    "UpdateGatewayInformation": _update_information,
    "UpdateGatewaySoftwareNow": _update_software,
}
