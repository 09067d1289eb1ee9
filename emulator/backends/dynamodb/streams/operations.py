"""ListStreams, DescribeStream, GetShardIterator, GetRecords.

Sentences of ResourceNotFoundException: as answered by the live service (amazon-archives/logstash-input-dynamodb#4,
ironSource/node-dynamodb-stream#16); those of ValidationException have not been seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.limits import STREAM_PAGE_BYTES, STREAM_RECORDS
from emulator.backends.dynamodb.refusals import refusal
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.streams import iterators
from emulator.backends.dynamodb.streams.describing import creation_second, record_description, stream_description, stream_summary
from emulator.backends.dynamodb.streams.iterators import ShardIterator
from emulator.backends.dynamodb.streams.stream import Shard, Stream
from emulator.messages import Call

_MAX_LISTED = 100
_ARN = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/[^/]+/stream/[^/]+")
_NUMBER = re.compile(r"[0-9]+")


def list_streams(state: State, call: Call) -> dict[str, Any]:
    """In the order of their ARNs; the start need not exist, so that a page goes on where a stream has gone."""
    params = call.params
    start, limit, table = params.get("ExclusiveStartStreamArn", ""), params.get("Limit", _MAX_LISTED), params.get("TableName")
    with state.lock:
        now = state.clock.now()
        for _ in state.catalog.tables(call, now):
            pass  # looking at a table ends what has come to its end: itself, and with it its stream
        streams = state.streams.all(call, now)
    found = [stream for stream in streams if stream.arn > start and table in (None, stream.table_name)]
    answer: dict[str, Any] = {"Streams": [stream_summary(stream) for stream in found[:limit]]}
    if len(found) > limit:
        answer["LastEvaluatedStreamArn"] = found[limit - 1].arn
    return answer


def describe_stream(state: State, call: Call) -> dict[str, Any]:
    params = call.params
    limit = params.get("Limit", _MAX_LISTED)
    start = params.get("ExclusiveStartShardId", "")
    with state.lock:
        stream = _stream(state, call, params["StreamArn"])
        shards = stream.shards(state.clock.now())
        if "ShardFilter" in params:
            shards = _children(shards, params["ShardFilter"])
        # Shards are named after the time of their opening
        shards = [shard for shard in shards if shard.id > start]
        description = stream_description(stream, shards[:limit])
    if len(shards) > limit:
        description["LastEvaluatedShardId"] = shards[limit - 1].id
    return {"StreamDescription": description}


def get_shard_iterator(state: State, call: Call) -> dict[str, Any]:
    params = call.params
    with state.lock:
        now = state.clock.now()
        stream = _stream(state, call, params["StreamArn"])
        shard = next((shard for shard in stream.shards(now) if shard.id == params["ShardId"]), None)
        if shard is None:
            raise _no_shard()
        sequence = _start(stream, shard, params, now)
    return {"ShardIterator": str(ShardIterator(stream.arn, shard.id, sequence, state.clock.elapsed()))}


def get_records(state: State, call: Call) -> dict[str, Any]:
    iterator = iterators.parse(call.params["ShardIterator"])
    limit = call.params.get("Limit", STREAM_RECORDS)
    with state.lock:
        now = state.clock.now()
        stream = _stream(state, call, iterator.stream)
        iterators.check_age(iterator, state.clock.elapsed())
        shard = next((shard for shard in stream.shards(now) if shard.id == iterator.shard), None)
        if shard is None or iterator.sequence <= shard.trimmed:
            raise ServiceError("TrimmedDataAccessException", service="streams")
        return _page(stream, shard, iterator.sequence, limit, state.clock.elapsed())


def _stream(state: State, call: Call, arn: str) -> Stream:
    """The stream, with what its table's time to live has deleted by now. Raises ServiceError. Hold the lock."""
    if not _ARN.fullmatch(arn):
        raise refusal("Invalid StreamArn")
    now = state.clock.now()
    state.catalog.find(call, arn.split("/")[1], now)
    stream = state.streams.find(call, arn, now)
    if stream is None:
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found", service="streams")
    return stream


def _children(shards: list[Shard], wanted: Mapping[str, Any]) -> list[Shard]:
    if "Type" not in wanted or "ShardId" not in wanted:
        raise refusal("Both Type and ShardId must be specified in ShardFilter")
    parent = wanted["ShardId"]
    found = [shard for shard in shards if shard.parent == parent]
    if not found and all(shard.id != parent for shard in shards):
        raise _no_shard()
    return found


def _start(stream: Stream, shard: Shard, params: Mapping[str, Any], now: float) -> int:
    """The sequence number from which on an iterator of the requested type reads."""
    kind = params["ShardIteratorType"]
    if kind == "LATEST":
        return _end(stream, shard)
    if kind == "TRIM_HORIZON":
        return shard.entries[0].sequence if shard.entries else _end(stream, shard)
    if kind == "AT_TIMESTAMP":
        return _at_timestamp(stream, shard, params.get("Timestamp"), now)
    number = _sequence_number(stream, shard, params.get("SequenceNumber"), kind)
    start = number if kind == "AT_SEQUENCE_NUMBER" else number + 1
    if start <= shard.trimmed:
        raise ServiceError("TrimmedDataAccessException", service="streams")
    return start


def _end(stream: Stream, shard: Shard) -> int:
    """Behind all that is in the shard by now."""
    return (stream.latest if shard.last is None else shard.last) + 1


def _at_timestamp(stream: Stream, shard: Shard, moment: float | None, now: float) -> int:
    if moment is None:
        raise refusal("Timestamp must be specified for ShardIteratorType AT_TIMESTAMP")
    if moment > now:
        raise refusal("Timestamp must not be in the future")
    return next((entry.sequence for entry in shard.entries if creation_second(entry) >= moment), _end(stream, shard))


def _sequence_number(stream: Stream, shard: Shard, text: str | None, kind: str) -> int:
    if text is None:
        raise refusal(f"SequenceNumber must be specified for ShardIteratorType {kind}")
    if not _NUMBER.fullmatch(text) or not shard.first <= int(text) < _end(stream, shard):
        raise refusal(f"Invalid SequenceNumber: {text} is not in the range of shard {shard.id}")
    return int(text)


def _page(stream: Stream, shard: Shard, start: int, limit: int, elapsed: float) -> dict[str, Any]:
    records: list[dict[str, Any]] = []
    total = 0
    for entry in shard.since(start):
        record, size = record_description(stream, entry)
        if len(records) == limit or (records and total + size > STREAM_PAGE_BYTES):
            break
        records.append(record)
        total += size
        start = entry.sequence + 1
    else:
        start = _end(stream, shard)
    answer: dict[str, Any] = {"Records": records}
    # A closed shard that has been read to its end has no next iterator
    if shard.last is None or start <= shard.last:
        answer["NextShardIterator"] = str(ShardIterator(stream.arn, shard.id, start, elapsed))
    return answer


def _no_shard() -> ServiceError:
    return ServiceError("ResourceNotFoundException", "Requested resource not found: Shard does not exist", service="streams")
