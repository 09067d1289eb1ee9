import unittest

import boto3

from dynafault import Emulator


class TestOrders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator().start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()
        self.emulator.load("throttling/first-two-attempts")
        pointed = self.emulator.environment_set()
        pointed.__enter__()
        self.addCleanup(pointed.__exit__, None, None, None)

    def test_an_order_survives_throttling(self):
        client = boto3.client("dynamodb")
        self.addCleanup(client.close)
        client.put_item(TableName="orders", Item={"customer": {"S": "bob"}, "order": {"N": "1"}})
        assert self.emulator.calls()[0].attempts == 3
        assert self.emulator.report().passed
