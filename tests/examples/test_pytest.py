"""With pytest: the plugin is there once dynafault is installed."""

from collections.abc import Iterator

import boto3
import pytest

from dynafault import Emulator


def place_order(number: int) -> None:
    """The code under test."""
    client = boto3.client("dynamodb")
    client.put_item(TableName="orders", Item={"customer": {"S": "bob"}, "order": {"N": str(number)}})
    client.close()


@pytest.mark.dynafault("throttling/first-two-attempts.yaml")
def test_an_order_is_saved_once(dynafault: Emulator) -> None:
    place_order(1)
    assert dynafault.calls(operation="PutItem")[0].attempts == 3


@pytest.mark.dynafault("throttling/first-two-attempts.yaml", parameters={"table": "orders"}, seed=3, judge=False)
def test_judged_by_the_test_alone(dynafault: Emulator) -> None:
    assert dynafault.seed == 3
    assert not dynafault.report().passed  # nobody has written anything


@pytest.fixture(scope="session")
def orders() -> Iterator[Emulator]:
    """One emulator of your own for many tests."""
    with Emulator("{version: 1, tables: [{name: orders, key: {customer: S, order: N}}]}") as emulator:
        yield emulator


@pytest.mark.parametrize("number", [1, 2])
def test_with_a_session_scoped_fixture(orders: Emulator, number: int) -> None:
    orders.reset("data", "counters", "journal")
    with orders.environment_set():
        place_order(number)
    assert len(orders.calls()) == 1
