"""With unittest: an emulator for the class, and fresh data for each test."""

import unittest

import boto3

from dynafault import Emulator

SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: throttle-once, when: {operation: PutItem, attempt: 1}, fault: ThrottlingException}
"""


class TestOrders(unittest.TestCase):
    emulator: Emulator

    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = Emulator().start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self) -> None:
        self.emulator.reset()  # data, counters, journal, and the scenario before
        self.emulator.load(SCENARIO)
        self.client = boto3.client("dynamodb", **self.emulator.boto3_kwargs())
        self.addCleanup(self.client.close)

    def test_an_order_is_saved_once(self) -> None:
        self.client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        (call,) = self.emulator.calls()
        assert (call.attempts, call.applied) == (2, 1)
        assert self.emulator.report().passed

    def test_each_test_begins_empty(self) -> None:
        assert self.client.scan(TableName="orders")["Count"] == 0


if __name__ == "__main__":
    unittest.main()
