"""Every shipped scenario, run with a real boto3 client that behaves well: its expectations hold.

A scenario is driven by the function under its name; a shipped file without one fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
SHIPPED = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.yaml"))
KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}

# What a program does against a scenario: (emulator, boto3 client)
Driver = Callable[[Emulator, Any], None]


def throttled_write(emulator: Emulator, client: Any) -> None:
    client.put_item(TableName="orders", Item={**KEY, "status": {"S": "paid"}})
    assert emulator.calls(operation="PutItem")[0].outcome == "success"


def retried_500(emulator: Emulator, client: Any) -> None:
    client.put_item(TableName="orders", Item={**KEY, "status": {"S": "paid"}})
    assert client.get_item(TableName="orders", Key=KEY)["Item"]["status"] == {"S": "paid"}


def brown_out(emulator: Emulator, client: Any) -> None:
    """Reads before, during and after; within, some are repeated and none is lost."""
    for step in (0, 11, 30):
        emulator.clock.advance(step)
        for _ in range(6):
            assert "Item" in client.get_item(TableName="orders", Key=KEY)
    fired = {rule.name: rule.fired for rule in emulator.faults.rules()}
    assert fired["slow"] >= 6
    assert any(call.attempts > 1 for call in emulator.calls()) is (fired["failing-reads"] > 0)


def lost_acknowledgement(emulator: Emulator, client: Any) -> None:
    item = {"payment": {"S": "p-1"}, "amount": {"N": "10"}}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName="payments", Item=item, ConditionExpression="attribute_not_exists(payment)")
    # It failed its own condition: the first attempt had got through
    assert client.get_item(TableName="payments", Key={"payment": {"S": "p-1"}}, ConsistentRead=True)["Item"] == item


def missing_backup(emulator: Emulator, client: Any) -> None:
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/backup/01489602797149-73d8d5bc"
    with pytest.raises(client.exceptions.BackupNotFoundException):
        client.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
    assert emulator.calls()[0].attempts == 1


DRIVERS: dict[str, Driver] = {
    "backups/backup-not-found": missing_backup,
    "lost-acknowledgements/put-item": lost_acknowledgement,
    "server-errors/500-then-fine": retried_500,
    "server-errors/brown-out": brown_out,
    "throttling/first-two-attempts": throttled_write,
}


def test_every_shipped_scenario_has_a_driver() -> None:
    assert sorted(DRIVERS) == SHIPPED


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_a_well_behaved_client_meets_the_expectations(name: str, start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    emulator = start(FOLDER / f"{name}.yaml")
    DRIVERS[name](emulator, client_for(emulator))
    report = emulator.report()
    assert report.passed, report.text()
