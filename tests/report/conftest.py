"""Reports of small runs with something of everything in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from emulator.clock import EmulatedClock
from emulator.report import Report

# Everything that a client sends or a scenario names may stand in a report
HOSTILE = "<script>alert('x')</script> & [bold]\"&quot;"
# Clears the screen of terminals that know the short form of ESC [
CLEARING = "\x9b2J"


@pytest.fixture
def hostile_report(start: Callable[..., Emulator], client_for: Callable[..., Any], emulated_clock: EmulatedClock) -> Report:
    """Names, keys and ids that would break a careless report; one verdict fails, one expectation does, one rule never fires."""
    rules = [
        {"name": "<script>[bold] '&", "when": {"operation": "UpdateItem", "attempt": 1}, "fault": {"connection": "reset", "applied": True}},
        {"name": "never", "when": {"operation": "Scan"}, "fault": "ThrottlingException"},
    ]
    expect = [
        {"calls": {"operation": "UpdateItem"}, "applied": {"per_key": 1}},
        {"calls": {"operation": "UpdateItem"}, "attempts": 2},
    ]
    tables = [{"name": "orders", "key": {"id": "S"}}]
    scenario = {"version": 1, "name": HOSTILE, "tables": tables, "rules": rules, "expect": expect}
    emulator = start(scenario, clock=emulated_clock)
    client = client_for(emulator)
    client.meta.events.register_last("before-send.dynamodb", lambda request, **_: _rename(request))
    client.update_item(
        TableName="orders",
        Key={"id": {"S": HOSTILE}},
        UpdateExpression="ADD hits :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    return emulator.report()


def _rename(request: Any) -> None:
    request.headers["amz-sdk-invocation-id"] = f"<b>'\"&{CLEARING}"


@pytest.fixture
def quiet_report(start: Callable[..., Emulator]) -> Report:
    """A run in which nobody came."""
    return start().report()
