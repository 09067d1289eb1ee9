"""Time that a test moves: the service's, and the client's own waits."""

import time
from unittest.mock import patch

import boto3

from dynafault import EmulatedClock, Emulator

SESSIONS = """
version: 1
tables: [{name: sessions, key: {id: S}, ttl: expires}]
"""
THROTTLED = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules:
  - {name: throttle, when: {operation: PutItem, attempt: 1..2}, fault: ThrottlingException}
"""
DAY = 24 * 60 * 60.0


def test_an_item_expires() -> None:
    with Emulator(SESSIONS) as emulator:
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())
        client.put_item(TableName="sessions", Item={"id": {"S": "a"}, "expires": {"N": str(int(time.time() + 60))}})
        emulator.clock.advance(3 * DAY)  # seconds
        assert client.scan(TableName="sessions")["Count"] == 0
        client.close()


def test_waits_take_no_time_and_are_exact() -> None:
    clock = EmulatedClock()
    with Emulator(THROTTLED, clock=clock) as emulator, patch("botocore.endpoint.time", clock):  # where boto3 waits before a retry
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())
        client.put_item(TableName="orders", Item={"id": {"S": "a"}})
        client.close()
        (call,) = emulator.calls()
        waited_ms = sum(gap for gap in call.gaps_ms if gap is not None)
        assert round(waited_ms / 1000, 3) == round(clock.elapsed(), 3)
