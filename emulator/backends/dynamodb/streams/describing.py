"""Streams, shards and their records as the service describes them (shapes: service model; values: API reference)."""

from __future__ import annotations

from hashlib import md5
from typing import Any

from emulator.aws.values import item_size
from emulator.backends.dynamodb.describing import key_schema
from emulator.backends.dynamodb.records import decode, size_of, splice
from emulator.backends.dynamodb.streams.stream import Shard, Stream, StreamEntry

_NEW = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")
_OLD = ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_SERVICE = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def stream_summary(stream: Stream) -> dict[str, str]:
    return {"StreamArn": stream.arn, "TableName": stream.table_name, "StreamLabel": stream.label}


def stream_description(stream: Stream, shards: list[Shard]) -> dict[str, Any]:
    return {
        **stream_summary(stream),
        "StreamStatus": stream.status,
        "StreamViewType": stream.view,
        "CreationRequestDateTime": round(stream.created, 3),
        "KeySchema": key_schema(stream.key),
        "Shards": [_shard(shard) for shard in shards],
    }


def _shard(shard: Shard) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": str(shard.first)}
    if shard.last is not None:
        numbers["EndingSequenceNumber"] = str(shard.last)
    description: dict[str, Any] = {"ShardId": shard.id, "SequenceNumberRange": numbers}
    if shard.parent is not None:
        description["ParentShardId"] = shard.parent
    return description


def creation_second(entry: StreamEntry) -> int:
    """ApproximateCreationDateTime: rounded down to the second."""
    return int(entry.time)


def record_description(stream: Stream, entry: StreamEntry) -> tuple[dict[str, Any], int]:
    """A record, and its SizeBytes: those of the keys, and of the images that it has."""
    stored = entry.old if entry.new is None else entry.new
    assert stored is not None
    item = decode(stored)
    keys = {name: item[name] for name in stream.key.names}
    size = item_size(keys)
    body: dict[str, Any] = {"ApproximateCreationDateTime": creation_second(entry), "Keys": keys}
    if entry.new is not None and stream.view in _NEW:
        body["NewImage"] = splice(entry.new)
        size += size_of(entry.new)
    if entry.old is not None and stream.view in _OLD:
        body["OldImage"] = splice(entry.old)
        size += size_of(entry.old)
    body.update(SequenceNumber=str(entry.sequence), SizeBytes=size, StreamViewType=stream.view)
    record = {
        "eventID": md5(f"{stream.arn}#{entry.sequence}".encode(), usedforsecurity=False).hexdigest(),
        "eventName": "INSERT" if entry.old is None else "REMOVE" if entry.new is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream.region,
        "dynamodb": body,
    }
    if entry.expired:
        record["userIdentity"] = _SERVICE
    return record, size
