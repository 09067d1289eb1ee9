"""boto3 in each of its modes, used with care, against everything that goes wrong: no verdict fails, and no warning but the known ones of
a mode. The waits are boto3's own, in emulated time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from botocore.config import Config

from emulator import Emulator
from emulator.clock import EmulatedClock

TABLES = [{"name": "orders", "key": {"id": "S"}}]
# What happens to items whose id begins so; most of it once
TROUBLE: dict[str, Any] = {
    "throttled": "ProvisionedThroughputExceededException",
    "limited": "RequestLimitExceeded",
    "broken": "InternalServerError",
    "away": "ServiceUnavailable",
    "reset": {"connection": "reset"},
    "cut": {"connection": "close", "after": "50%", "applied": True},
    "lost": {"connection": "reset", "applied": True},
    "silent": {"error": "InternalServerError", "applied": True},
    "hinted": {"error": "ThrottlingException", "retry_after": "700ms"},
}
EXPECTED_WARNINGS = {"standard": set(), "adaptive": set(), "legacy": {"V1", "V11"}}


def scenario() -> dict[str, Any]:
    writes = [
        {"name": name, "when": {"operation": ["PutItem", "GetItem"], "key": {"id": f"{name}*"}, "attempt": 1}, "fault": what}
        for name, what in TROUBLE.items()
    ]
    rules = [
        *writes,
        {"name": "wrong-crc", "when": {"operation": "GetItem", "key": {"id": "crc*"}, "attempt": 1}, "fault": {"response": "wrong-crc"}},
        {"name": "half", "when": {"operation": "BatchWriteItem", "request": "1..2"}, "fault": {"unprocessed": {"every": 2}}},
        {"name": "doubtful", "when": {"operation": "TransactWriteItems", "attempt": 1}, "fault": {"connection": "reset", "applied": True}},
        {"name": "brown-out", "when": {"operation": "UpdateItem"}, "chance": 0.4, "fault": "InternalServerError"},
    ]
    return {"version": 1, "seed": 5, "tables": TABLES, "rules": rules}


def work(client: Any, clock: EmulatedClock) -> None:
    """What a careful program does: conditions and tokens where they belong, leftovers sent again after a wait."""

    def put(name: str, **more: Any) -> None:
        client.put_item(TableName="orders", Item={"id": {"S": name}}, **more)

    for name in ("broken", "away", "reset", "lost", "silent"):
        put(f"{name}-1")
        put(f"{name}-2")
    for name in ("cut", "broken", "crc"):
        client.get_item(TableName="orders", Key={"id": {"S": f"{name}-1"}})
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        put("lost-3", ConditionExpression="attribute_not_exists(id)")
    client.get_item(TableName="orders", Key={"id": {"S": "lost-3"}}, ConsistentRead=True)
    wait, left = 0.1, {"orders": [{"PutRequest": {"Item": {"id": {"S": f"b{number}"}}}} for number in range(10)]}
    while left := client.batch_write_item(RequestItems=left)["UnprocessedItems"]:
        clock.sleep(wait)
        wait *= 2
    client.transact_write_items(TransactItems=[{"Put": {"TableName": "orders", "Item": {"id": {"S": "t"}}}}])
    for number in range(15):
        _update(client, number)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName="nowhere", Key={"id": {"S": "x"}})
    client.get_waiter("table_exists").wait(TableName="orders")
    # Last, since an adaptive client goes slowly after them
    for name in ("throttled", "hinted"):
        put(f"{name}-1")
        put(f"{name}-2")


def _update(client: Any, number: int) -> None:
    """A write of a value of its own; that it may fail in the end is no surprise in a brown-out."""
    try:
        client.update_item(
            TableName="orders",
            Key={"id": {"S": f"u{number}"}},
            UpdateExpression="SET seen = :yes",
            ExpressionAttributeValues={":yes": {"BOOL": True}},
        )
    except client.exceptions.InternalServerError:
        return


@pytest.mark.parametrize("mode", list(EXPECTED_WARNINGS))
def test_a_careful_program_is_accused_of_nothing(
    mode: str, start: Callable[..., Emulator], client_for: Callable[..., Any], emulated_clock: EmulatedClock
) -> None:
    emulator = start(scenario(), clock=emulated_clock)
    retries: Any = {"mode": mode}
    client = client_for(emulator, config=Config(retries=retries))
    work(client, emulated_clock)
    if mode == "legacy":
        # The one throttling error that this mode does not know
        with pytest.raises(client.exceptions.RequestLimitExceeded):
            client.put_item(TableName="orders", Item={"id": {"S": "limited-1"}})
    else:
        client.put_item(TableName="orders", Item={"id": {"S": "limited-1"}})
    found = {finding.verdict.id: finding for finding in emulator.report().audit}
    failed = {name: finding.ruling.why for name, finding in found.items() if finding.status == "fail"}
    warned = {name: finding.ruling.why for name, finding in found.items() if finding.status == "warn"}
    assert not failed
    assert set(warned) <= EXPECTED_WARNINGS[mode], warned
    # Most of the verdicts had something to judge, and judged well
    assert sum(finding.status == "pass" for finding in found.values()) >= 20


def test_a_quota_that_runs_out_is_no_giving_up(
    start: Callable[..., Emulator], client_for: Callable[..., Any], emulated_clock: EmulatedClock
) -> None:
    rule = {"name": "down", "when": {"operation": "GetItem"}, "fault": "InternalServerError"}
    emulator = start({"version": 1, "tables": TABLES, "rules": [rule]}, clock=emulated_clock)
    client = client_for(emulator)
    for number in range(70):
        with pytest.raises(client.exceptions.InternalServerError):
            client.get_item(TableName="orders", Key={"id": {"S": str(number)}})
    found = {finding.verdict.id: finding for finding in emulator.report().audit}
    assert [found[name].status for name in ("V2", "V7", "V16")] == ["pass", "pass", "pass"]
    assert "its retry quota was spent (5" in found["V7"].ruling.why


def test_a_driver_that_shrugs_off_every_error_accuses_nobody(
    start: Callable[..., Emulator], client_for: Callable[..., Any], emulated_clock: EmulatedClock
) -> None:
    rules = [
        {"name": "down", "when": {"operation": "PutItem", "table": "orders"}, "fault": "InternalServerError"},
        {"name": "denied", "when": {"operation": "UpdateItem"}, "fault": "AccessDeniedException"},
        {"name": "shaky", "when": {"operation": "PutItem", "table": "payments", "attempt": "1..2"}, "fault": "InternalServerError"},
        {"name": "slow", "when": {"operation": "GetItem"}, "fault": {"delay": "300ms"}},
    ]
    tables = [*TABLES, {"name": "payments", "key": {"id": "S"}}]
    emulator = start({"version": 1, "tables": tables, "rules": rules}, clock=emulated_clock)
    client = client_for(emulator)

    def shrug(call: Callable[..., Any], table: str, name: str, **more: Any) -> None:
        with suppress(client.exceptions.ClientError):
            call(TableName=table, **{"Item" if call == client.put_item else "Key": {"id": {"S": name}}}, **more)

    for number in range(11):
        shrug(client.put_item, "orders", str(number))
    for _ in range(60):
        shrug(client.update_item, "orders", "same", UpdateExpression="REMOVE seen")

    def write(number: int) -> None:
        with emulated_clock.taking_part():
            shrug(client.put_item, "payments", str(number))

    with ThreadPoolExecutor(16) as pool:
        for number in range(16):
            pool.submit(write, number)
            pool.submit(shrug, client.get_item, "orders", "hot")
    report = emulator.report()
    assert not [finding.ruling.why for finding in report.audit if finding.status == "fail"]
