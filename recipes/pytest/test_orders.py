import boto3
import pytest


def place_order(number):
    """Stands for the code under test: it makes its own client, in the environment that the fixture sets."""
    client = boto3.client("dynamodb")
    client.put_item(TableName="orders", Item={"customer": {"S": "bob"}, "order": {"N": str(number)}})
    client.close()


@pytest.mark.dynafault("throttling/first-two-attempts")
def test_an_order_survives_throttling(dynafault):
    place_order(1)
    assert dynafault.calls(operation="PutItem")[0].attempts == 3


# A scenario of one test alone, as text; a path, beside the test file, is the usual
LOST = """
version: 1
tables: [{name: orders, key: {customer: S, order: N}}]
rules:
  - {name: lost, when: {operation: PutItem, attempt: 1}, fault: {connection: reset, applied: true}}
"""


@pytest.mark.dynafault(LOST)
def test_an_order_whose_acknowledgement_is_lost_is_written_again(dynafault):
    place_order(1)
    assert dynafault.calls(operation="PutItem")[0].applied == 2
