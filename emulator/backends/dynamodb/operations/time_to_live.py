"""UpdateTimeToLive and DescribeTimeToLive."""

from __future__ import annotations

from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.messages import Call


def update_time_to_live(state: State, call: Call) -> dict[str, Any]:
    specification = call.params["TimeToLiveSpecification"]
    attribute, enabled = specification["AttributeName"], specification["Enabled"]
    with state.lock:
        table = state.described_table(call, call.params["TableName"])
        if table.status != "ACTIVE":
            text = f"Attempt to change a resource which is still in use: Table is not active: {table.name}"
            raise ServiceError("ResourceInUseException", text)
        _check(table, attribute, enabled=enabled)
        now = state.clock.now()
        if enabled:
            table.ttl_status, table.ttl_attribute = "ENABLING", attribute
            table.after(state.table_delay, Table.start_expiry)
        else:
            table.ttl_status = "DISABLING"
            table.after(state.table_delay, Table.stop_expiry)
        table.settle(now)
    return {"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled}}


def describe_time_to_live(state: State, call: Call) -> dict[str, Any]:
    with state.lock:
        table = state.described_table(call, call.params["TableName"])
        description = {"TimeToLiveStatus": table.ttl_status}
        if table.ttl_attribute is not None:
            description["AttributeName"] = table.ttl_attribute
        return {"TimeToLiveDescription": description}


def _check(table: Table, attribute: str, *, enabled: bool) -> None:
    if table.ttl_status in ("ENABLING", "DISABLING"):
        raise refusal("Time to live has been modified multiple times within a fixed interval")
    if table.ttl_status == "DISABLED":
        if not enabled:
            raise refusal("TimeToLive is already disabled")
        return
    if attribute != table.ttl_attribute:
        raise refusal(f"TimeToLive is active on a different AttributeName: current AttributeName is {table.ttl_attribute}")
    if enabled:
        raise refusal("TimeToLive is already enabled")
