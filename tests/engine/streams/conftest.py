"""A table with a stream, a short way to ask the streams' service, and one to read all that it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.messages import Call, HttpRequest

Do = Callable[..., dict[str, Any]]


def _asker(engine: Engine) -> Do:
    def ask(operation: str, *, region: str = "eu-west-1", account: str = "000000000000", **params: Any) -> dict[str, Any]:
        call = Call("streams", operation, params, (), region, account, "AKID", "", HttpRequest("POST", "/", {}, b""))
        answer: dict[str, Any] = orjson.loads(orjson.dumps(engine.streams.execute(call).output))
        return answer

    return ask


@pytest.fixture
def ask(engine: Engine) -> Do:
    """`ask("GetRecords", ShardIterator=...)`."""
    return _asker(engine)


@pytest.fixture
def asker() -> Callable[[Engine], Do]:
    """For tests that make an engine of their own."""
    return _asker


@pytest.fixture
def ask_in_vain(ask: Do) -> Callable[..., ServiceError]:
    """`ask_in_vain("GetRecords", ...)`: the error that it must end in."""

    def ask_in_vain(operation: str, **params: Any) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            ask(operation, **params)
        return caught.value

    return ask_in_vain


@pytest.fixture
def streamed(do: Do, defined: Callable[..., dict[str, Any]]) -> str:
    """The ARN of the stream of a table "streamed" with the key pk:S sk:N, both images in its records."""
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    description = do("CreateTable", **defined("streamed", "pk:S sk:N", StreamSpecification=specification))
    arn: str = description["TableDescription"]["LatestStreamArn"]
    return arn


@pytest.fixture
def shards(ask: Do) -> Callable[[str], list[dict[str, Any]]]:
    """The shards of a stream, oldest first."""

    def shards(arn: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ask("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
        return found

    return shards


@pytest.fixture
def iterator(ask: Do, shards: Callable[[str], list[dict[str, Any]]]) -> Callable[..., str]:
    """An iterator of a stream's newest shard, or of the one that is named."""

    def iterator(arn: str, kind: str = "TRIM_HORIZON", *, shard: str | None = None, **params: Any) -> str:
        shard = shards(arn)[-1]["ShardId"] if shard is None else shard
        found: str = ask("GetShardIterator", StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **params)["ShardIterator"]
        return found

    return iterator


@pytest.fixture
def records(ask: Do, shards: Callable[[str], list[dict[str, Any]]], iterator: Callable[..., str]) -> Callable[[str], list[dict[str, Any]]]:
    """All records of a stream that are left, shard by shard."""

    def records(arn: str) -> list[dict[str, Any]]:
        found = []
        for shard in shards(arn):
            page = ask("GetRecords", ShardIterator=iterator(arn, shard=shard["ShardId"]))
            found += page["Records"]
            while page["Records"] and "NextShardIterator" in page:
                page = ask("GetRecords", ShardIterator=page["NextShardIterator"])
                found += page["Records"]
        return found

    return records
