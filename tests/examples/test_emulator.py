"""An emulator at an address of its own, for as long as a `with` lasts."""

import boto3

from dynafault import Emulator

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: throttle-once, when: {operation: PutItem, attempt: 1}, fault: ThrottlingException}
"""


def save(name: str) -> None:
    """The code under test: its client takes the endpoint from the environment."""
    client = boto3.client("dynamodb")
    client.put_item(TableName="orders", Item={"id": {"S": name}})
    client.close()


def test_a_client_of_the_test() -> None:
    with Emulator(SCENARIO, seed=7) as emulator:
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())
        client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        assert emulator.calls()[0].attempts == 2
        client.close()


def test_a_client_of_the_program() -> None:
    with Emulator(SCENARIO) as emulator, emulator.environment_set():
        save("a")
        assert emulator.report().passed


def test_one_emulator_for_several_scenarios() -> None:
    with Emulator() as emulator, emulator.environment_set():
        emulator.load(SCENARIO)
        save("a")
        emulator.reset("counters", "journal")  # the item stays, the rule counts afresh
        save("b")
        assert [call.attempts for call in emulator.calls()] == [2]
