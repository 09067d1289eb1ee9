"""What the client's SDK did: one logical call for each call of the program, with all of its attempts."""

import boto3

from dynafault import Emulator

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: lost, when: {operation: PutItem, attempt: 1}, fault: {connection: reset, applied: true}}
"""


def test_a_lost_acknowledgement_is_retried() -> None:
    with Emulator(SCENARIO) as emulator:
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())
        client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        client.close()
        (call,) = emulator.calls(operation="PutItem", table="orders")
        assert call.outcome == "success"
        assert call.attempts == 2
        assert call.applied == 2  # the first attempt was carried out, too; only its answer was lost
        assert len(call.gaps_ms) == 1  # milliseconds between the two
        assert call.first.fault
        assert call.last.error == ""
