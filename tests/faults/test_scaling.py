"""Limits follow what a table is billed for: more units, fewer, another billing mode."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from botocore.config import Config

from emulator import Emulator
from emulator.clock import EmulatedClock
from emulator.scenario import load_scenario

KEY = {"id": "S"}
NUMBERS = count()
BILLED = {"read": 5, "write": 5}


@pytest.fixture
def client(
    start: Callable[..., Emulator], client_for: Callable[..., Any], no_retries: Config, emulated_clock: EmulatedClock
) -> Callable[..., Any]:
    """A client of a table `orders` under limits; `wait` lets time pass."""

    def of(*limits: dict[str, Any], **table: Any) -> Any:
        tables = [{"name": "orders", "key": KEY, **table}]
        emulator = start({"version": 1, "tables": tables, "throughput": list(limits)}, clock=emulated_clock)
        made = client_for(emulator, config=no_retries)
        made.wait = emulated_clock.advance
        return made

    return of


def burst(client: Any, number: int = 30, *, more: Any = ()) -> tuple[int, str]:
    """How many of so many writes at once got through, and why the others did not: error and reason."""
    done, why = 0, ""
    for _ in range(number):
        try:
            client.put_item(TableName="orders", Item={"id": {"S": f"{next(NUMBERS)}"}, **dict(more)})
            done += 1
        except client.exceptions.ClientError as error:
            told = error.response
            ((reason),) = (told.get("ThrottlingReasons") or told["throttlingReasons"])[:1]
            why = f"{told['Error']['Code']}: {reason['reason']}"
    return done, why


def update(client: Any, **params: Any) -> None:
    client.update_table(TableName="orders", **params)
    client.wait(1.0)


def units(write: int, read: int = 5) -> dict[str, Any]:
    return {"ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write}}


PROVISIONED = "ProvisionedThroughputExceededException: TableWriteProvisionedThroughputExceeded"
LIMIT = {"table": "orders", "write": 5, "burst": "1s"}


def test_a_limit_grows_and_shrinks_with_its_table(client: Callable[..., Any]) -> None:
    c = client(LIMIT, billing=BILLED)
    assert burst(c) == (5, PROVISIONED)
    update(c, **units(20))
    assert burst(c) == (20, PROVISIONED)
    update(c, **units(100))
    assert burst(c) == (30, "")
    update(c, **units(7))
    assert burst(c) == (7, PROVISIONED)


def test_a_limit_of_half_the_capacity_stays_half(client: Callable[..., Any]) -> None:
    c = client({**LIMIT, "write": 2.5}, billing=BILLED)
    assert burst(c)[0] == 2
    update(c, **units(20))
    assert burst(c)[0] == 10


def test_on_demand_nothing_is_provisioned(client: Callable[..., Any]) -> None:
    c = client(LIMIT, billing=BILLED)
    update(c, BillingMode="PAY_PER_REQUEST")
    assert burst(c) == (30, "")
    update(c, BillingMode="PROVISIONED", **units(10))
    assert burst(c) == (10, PROVISIONED)


def test_before_any_request_counts_what_the_scenario_says(client: Callable[..., Any]) -> None:
    c = client(LIMIT, billing=BILLED)
    update(c, **units(10))
    assert burst(c)[0] == 10


def test_a_table_whose_billing_is_not_said_is_provisioned_as_the_limit_says(client: Callable[..., Any]) -> None:
    c = client(LIMIT)
    told = c.describe_table(TableName="orders")["Table"]["ProvisionedThroughput"]
    assert (told["ReadCapacityUnits"], told["WriteCapacityUnits"]) == (40_000, 5)
    assert burst(c) == (5, PROVISIONED)
    update(c, **units(20))
    assert burst(c)[0] == 20


def test_a_table_of_the_clients_own(client: Callable[..., Any]) -> None:
    c = client(LIMIT)
    c.delete_table(TableName="orders")
    schema = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    c.create_table(TableName="orders", BillingMode="PAY_PER_REQUEST", **schema)
    assert burst(c) == (30, "")
    c.delete_table(TableName="orders")
    c.create_table(TableName="orders", **schema, **units(10))
    c.wait(1.0)
    assert burst(c)[0] == 10


def test_a_hot_key_is_refused_as_the_billing_mode_has_it(client: Callable[..., Any]) -> None:
    c = client({"limit": "partition-key", "table": "orders", "write": 2, "burst": "1s"}, billing=BILLED)
    reason = "TableWriteKeyRangeThroughputExceeded"

    def hot() -> tuple[int, str]:
        done, why = 0, ""
        for _ in range(5):
            try:
                c.put_item(TableName="orders", Item={"id": {"S": "hot"}})
                done += 1
            except c.exceptions.ClientError as error:
                why = error.response["Error"]["Code"]
                told = error.response.get("ThrottlingReasons") or error.response["throttlingReasons"]
                assert told[0]["reason"] == reason
        return done, why

    assert hot() == (2, "ProvisionedThroughputExceededException")
    update(c, BillingMode="PAY_PER_REQUEST")
    assert hot() == (2, "ThrottlingException")


def test_a_maximum_on_demand_follows_too(client: Callable[..., Any]) -> None:
    c = client({"limit": "on-demand-maximum", "table": "orders", "write": 5})
    exceeded = "ThrottlingException: TableWriteMaxOnDemandThroughputExceeded"
    assert burst(c) == (5, exceeded)
    update(c, OnDemandThroughput={"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 12})
    assert burst(c) == (12, exceeded)
    update(c, BillingMode="PROVISIONED", **units(1))
    assert burst(c) == (30, "")


def test_an_index_has_units_of_its_own(client: Callable[..., Any]) -> None:
    indexes = [{"name": "by-day", "key": {"day": "S"}}]
    c = client({"table": "orders", "index": "by-day", "write": 5, "burst": "1s"}, billing=BILLED, indexes=indexes)
    day = {"day": {"S": "mon"}}
    assert burst(c, more=day) == (5, "ProvisionedThroughputExceededException: IndexWriteProvisionedThroughputExceeded")
    provisioned = {"IndexName": "by-day", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 15}}
    update(c, GlobalSecondaryIndexUpdates=[{"Update": provisioned}])
    assert burst(c, more=day)[0] == 15


@pytest.mark.parametrize(
    ("billing", "limit", "message"),
    [
        ("PAY_PER_REQUEST", "provisioned", "the table 'orders' is on demand, so nothing is limited"),
        (BILLED, "on-demand-maximum", "the table 'orders' is provisioned, so nothing is limited"),
        (BILLED, "provisioned", None),
        ("PAY_PER_REQUEST", "on-demand-maximum", None),
        (None, "provisioned", None),
        (None, "on-demand-maximum", None),
    ],
)
def test_a_check_warns_of_limits_that_a_table_does_not_have(billing: Any, limit: str, message: str | None) -> None:
    table = {"name": "orders", "key": KEY, **({} if billing is None else {"billing": billing})}
    found = load_scenario({"version": 1, "tables": [table], "throughput": [{"limit": limit, "table": "orders", "write": 5}]}).warnings
    assert [warning.message for warning in found] == ([] if message is None else [message])
