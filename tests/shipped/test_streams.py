"""scenarios/streams"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Run = Callable[..., Any]


@dataclass
class Consumer:
    """Reads the one shard of a table's stream, from where it was."""

    streams: Any
    arn: str
    shard: str
    reached: str | None = None

    def iterator(self) -> Any:
        place = {"ShardIteratorType": "TRIM_HORIZON"}
        if self.reached is not None:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.reached}
        return self.streams.get_shard_iterator(StreamArn=self.arn, ShardId=self.shard, **place)["ShardIterator"]

    def read(self, turns: int) -> list[str]:
        """The orders that were written, over some turns; a lost iterator is replaced."""
        lost = (self.streams.exceptions.ExpiredIteratorException, self.streams.exceptions.TrimmedDataAccessException)
        found = []
        iterator = self.iterator()
        for _ in range(turns):
            try:
                answer = self.streams.get_records(ShardIterator=iterator, Limit=2)
            except lost:
                iterator = self.iterator()
                continue
            for record in answer["Records"]:
                self.reached = record["dynamodb"]["SequenceNumber"]
                found.append(record["dynamodb"]["Keys"]["order"]["N"])
            iterator = answer["NextShardIterator"]
        return found


def consumer(run: Any, orders: int) -> Consumer:
    """A consumer of a stream with some orders in it."""
    client = run.client
    for number in range(orders):
        client.put_item(TableName="orders", Item={"customer": {"S": "ada"}, "order": {"N": str(number)}})
    arn = client.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    streams = run.client_for(run.emulator, "dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    return Consumer(streams, arn, shard)


def test_expired_iterator(shipped: Run) -> None:
    assert consumer(shipped(), 5).read(4) == ["0", "1", "2", "3", "4"]


def test_trimmed(shipped: Run) -> None:
    assert consumer(shipped(), 2).read(2) == ["0", "1"]


def test_throttled(shipped: Run) -> None:
    assert consumer(shipped(), 5).read(3) == ["0", "1", "2", "3", "4"]
