"""Streams as a real client reads them: discovered, followed from shard to shard, too late, and under a scenario's faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.clock import ManualClock

Start = Callable[..., Emulator]
ClientFor = Callable[..., Any]

SCENARIO = {"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}, "stream": "NEW_AND_OLD_IMAGES"}]}
HOUR = 3600


def _oldest(streams: Any, arn: str) -> str:
    """An iterator of the oldest shard, from its beginning."""
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator: str = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    return iterator


def test_a_consumer_sees_every_change_once_and_in_order(start: Start, client_for: ClientFor) -> None:
    clock = ManualClock()
    emulator = start(SCENARIO, clock=clock)
    client, streams = client_for(emulator), client_for(emulator, "dynamodbstreams")
    for number in range(4):
        client.put_item(TableName="orders", Item={"id": {"S": "a"}, "n": {"N": str(number)}, "bytes": {"B": b"\x00\xff"}})
        clock.advance(5 * HOUR)
    client.delete_item(TableName="orders", Key={"id": {"S": "a"}})
    (stream,) = streams.list_streams(TableName="orders")["Streams"]
    description = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]
    seen = []
    for shard in description["Shards"]:
        place = {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        page = streams.get_records(ShardIterator=streams.get_shard_iterator(**place)["ShardIterator"])
        seen += [(record["eventName"], record["dynamodb"].get("NewImage", {}).get("n", {}).get("N")) for record in page["Records"]]
    assert seen == [("INSERT", "0"), ("MODIFY", "1"), ("MODIFY", "2"), ("MODIFY", "3"), ("REMOVE", None)]
    assert len(description["Shards"]) == 6
    assert page["Records"][0]["dynamodb"]["OldImage"]["bytes"]["B"] == b"\x00\xff"
    assert page["Records"][0]["dynamodb"]["ApproximateCreationDateTime"].timestamp() == clock.now()


def test_who_comes_too_late_is_told_so(start: Start, client_for: ClientFor) -> None:
    clock = ManualClock()
    emulator = start(SCENARIO, clock=clock)
    client, streams = client_for(emulator), client_for(emulator, "dynamodbstreams")
    client.put_item(TableName="orders", Item={"id": {"S": "a"}})
    arn = client.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    iterator = _oldest(streams, arn)
    clock.advance(16 * 60)
    with pytest.raises(streams.exceptions.ExpiredIteratorException):
        streams.get_records(ShardIterator=iterator)
    clock.advance(24 * HOUR - 20 * 60)
    iterator = _oldest(streams, arn)
    clock.advance(5 * 60)
    with pytest.raises(streams.exceptions.TrimmedDataAccessException):
        streams.get_records(ShardIterator=iterator)
    assert streams.get_records(ShardIterator=_oldest(streams, arn))["Records"] == []


def test_a_scenario_s_fault_reaches_the_reader_of_a_stream(start: Start, client_for: ClientFor, no_retries: Config) -> None:
    rules = [{"name": "too-slow", "when": {"service": "streams", "operation": "GetRecords", "request": 1}, "fault": {"expire": "iterator"}}]
    emulator = start({**SCENARIO, "rules": rules})
    client, streams = client_for(emulator), client_for(emulator, "dynamodbstreams", config=no_retries)
    arn = client.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    iterator = _oldest(streams, arn)
    with pytest.raises(streams.exceptions.ExpiredIteratorException):
        streams.get_records(ShardIterator=iterator)
    assert streams.get_records(ShardIterator=iterator)["Records"] == []


@pytest.mark.parametrize(("operation", "most"), [("list_streams", 100), ("describe_stream", 100), ("get_records", 1000)])
def test_pages_have_an_upper_end(start: Start, client_for: ClientFor, no_retries: Config, operation: str, most: int) -> None:
    emulator = start(SCENARIO)
    client, streams = client_for(emulator), client_for(emulator, "dynamodbstreams", config=no_retries)
    arn = client.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    params = {"list_streams": {}, "describe_stream": {"StreamArn": arn}, "get_records": {"ShardIterator": _oldest(streams, arn)}}
    getattr(streams, operation)(**params[operation], Limit=most)
    with pytest.raises(ClientError, match=f"'limit' failed to satisfy constraint: Member must have value less than or equal to {most}"):
        getattr(streams, operation)(**params[operation], Limit=most + 1)
