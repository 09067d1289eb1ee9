"""Every exchange: one request, what was answered, and whether the write was carried out."""

import boto3

from dynafault import Emulator

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: throttle-once, when: {operation: PutItem, attempt: 1}, fault: ThrottlingException}
"""


def test_the_journal_has_every_attempt() -> None:
    with Emulator(SCENARIO) as emulator:
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())
        client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        client.close()
        first, second = emulator.journal.entries()
        assert (first.operation, first.attempt, first.error, first.applied) == ("PutItem", 1, "ThrottlingException", False)
        assert (second.attempt, second.reply.status, second.applied) == (2, 200, True)
        assert first.rule == "throttle-once"
        assert first.client.startswith("Boto3/")
        assert first.delivery.how == "sent"
        assert first.to_json()["request"]["body"]["TableName"] == "orders"
