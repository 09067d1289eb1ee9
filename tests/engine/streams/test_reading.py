"""Streams described and read: lists, shards and their generations, iterators of every type, pages, what is too old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Ask = Callable[..., dict[str, Any]]
AskInVain = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]
Records = Callable[[str], list[dict[str, Any]]]
Shards = Callable[[str], list[dict[str, Any]]]
Iterator = Callable[..., str]

HOUR = 3600
SPECIFICATION = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}


@pytest.fixture
def put(do: Do) -> Callable[..., None]:
    """`put(1, 2)`: items with these sort keys, into the table "streamed"."""

    def put(*numbers: int, **attributes: Any) -> None:
        for number in numbers:
            do("PutItem", TableName="streamed", Item={"pk": {"S": "a"}, "sk": {"N": str(number)}, **attributes})

    return put


@pytest.fixture
def read(ask: Ask) -> Callable[..., list[int]]:
    """The sort keys of the records of one page."""

    def read(iterator: str, **params: Any) -> list[int]:
        return _numbers(ask("GetRecords", ShardIterator=iterator, **params))

    return read


def _numbers(page: dict[str, Any]) -> list[int]:
    return [int(record["dynamodb"]["Keys"]["sk"]["N"]) for record in page["Records"]]


def _sequences(records: list[dict[str, Any]]) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in records]


# --- which streams there are


def test_a_stream_is_described(do: Do, ask: Ask, streamed: str, clock: ManualClock) -> None:
    table = do("DescribeTable", TableName="streamed")["Table"]
    label = "2027-01-15T08:00:00.000"
    assert table["LatestStreamLabel"] == label
    assert streamed == table["LatestStreamArn"] == f"{table['TableArn']}/stream/{label}"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    description = ask("DescribeStream", StreamArn=streamed)["StreamDescription"]
    (shard,) = description.pop("Shards")
    assert description == {
        "StreamArn": streamed,
        "StreamLabel": label,
        "StreamStatus": "ENABLED",
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        "CreationRequestDateTime": clock.now(),
        "TableName": "streamed",
        "KeySchema": table["KeySchema"],
    }
    assert shard.keys() == {"ShardId", "SequenceNumberRange"}
    assert shard["ShardId"].startswith("shardId-00000001800000000000-")
    assert shard["SequenceNumberRange"].keys() == {"StartingSequenceNumber"}


def test_streams_are_listed_by_table_and_in_pages(do: Do, ask: Ask, defined: Defined, clock: ManualClock) -> None:
    arns = []
    for name in ("one", "two", "three"):
        arns.append(do("CreateTable", **defined(name, "pk:S", StreamSpecification=SPECIFICATION))["TableDescription"]["LatestStreamArn"])
    do("CreateTable", **defined("plain", "pk:S"))
    listed = ask("ListStreams")["Streams"]
    assert [stream["StreamArn"] for stream in listed] == sorted(arns)
    assert listed[0] == {"StreamArn": arns[0], "TableName": "one", "StreamLabel": "2027-01-15T08:00:00.000"}
    assert [stream["StreamArn"] for stream in ask("ListStreams", TableName="two")["Streams"]] == [arns[1]]
    assert ask("ListStreams", TableName="plain") == {"Streams": []}
    assert ask("ListStreams", region="us-east-1") == {"Streams": []}
    first = ask("ListStreams", Limit=2)
    assert first["LastEvaluatedStreamArn"] == first["Streams"][1]["StreamArn"]
    second = ask("ListStreams", Limit=2, ExclusiveStartStreamArn=first["LastEvaluatedStreamArn"])
    assert [stream["StreamArn"] for stream in first["Streams"] + second["Streams"]] == sorted(arns)
    assert "LastEvaluatedStreamArn" not in second


def test_a_disabled_stream_is_there_for_a_day(do: Do, ask: Ask, streamed: str, ask_in_vain: AskInVain, clock: ManualClock) -> None:
    do("UpdateTable", TableName="streamed", StreamSpecification={"StreamEnabled": False})
    table = do("DescribeTable", TableName="streamed")["Table"]
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"] == streamed
    description = ask("DescribeStream", StreamArn=streamed)["StreamDescription"]
    assert description["StreamStatus"] == "DISABLED"
    assert "EndingSequenceNumber" in description["Shards"][0]["SequenceNumberRange"]
    clock.advance(24 * HOUR)
    error = ask_in_vain("DescribeStream", StreamArn=streamed)
    assert (error.spec.name, error.message) == (
        "ResourceNotFoundException",
        f"Requested resource not found: Stream: {streamed} not found",
    )
    assert error.spec.service == "streams"
    assert ask("ListStreams") == {"Streams": []}


def test_a_deleted_table_s_stream_can_still_be_read(
    do: Do, ask: Ask, streamed: str, put: Callable[..., None], records: Records, clock: ManualClock, defined: Defined
) -> None:
    put(1, 2)
    do("DeleteTable", TableName="streamed")
    assert len(records(streamed)) == 2
    # A table of the same name, made in the same instant, has a stream of its own
    again = do("CreateTable", **defined("streamed", "pk:S sk:N", StreamSpecification=SPECIFICATION))["TableDescription"]
    assert again["LatestStreamArn"] != streamed
    assert records(again["LatestStreamArn"]) == []
    assert len(ask("ListStreams", TableName="streamed")["Streams"]) == 2
    clock.advance(24 * HOUR)
    assert [stream["StreamArn"] for stream in ask("ListStreams")["Streams"]] == [again["LatestStreamArn"]]


def test_a_stream_ends_with_its_table_although_nobody_looks(
    caller: Callable[[Engine], Do], asker: Callable[[Engine], Ask], clock: ManualClock, defined: Defined
) -> None:
    engine = Engine(clock, table_delay=10)
    do, ask = caller(engine), asker(engine)
    do("CreateTable", **defined("slow", "pk:S", StreamSpecification=SPECIFICATION))
    clock.advance(10)
    do("DeleteTable", TableName="slow")
    clock.advance(24 * HOUR + 10)
    assert ask("ListStreams") == {"Streams": []}


def test_what_is_no_stream_is_refused(ask: Ask, streamed: str, ask_in_vain: AskInVain) -> None:
    strange = ask_in_vain("DescribeStream", StreamArn="arn:aws:dynamodb:eu-west-1:000000000000:table/streamed")
    assert strange.spec.name == "ValidationException"
    for place in ({"region": "us-east-1"}, {"account": "111111111111"}):
        assert ask_in_vain("DescribeStream", StreamArn=streamed, **place).spec.name == "ResourceNotFoundException"


def test_a_fixture_put_in_place_anew_starts_with_a_stream_of_its_own(engine: Engine, ask: Ask, defined: Defined, records: Records) -> None:
    create = defined("fixture", "pk:S", StreamSpecification=SPECIFICATION)
    for _ in range(2):
        engine.load_table("eu-west-1", "000000000000", create, [{"pk": {"S": "a"}}])
    (stream,) = ask("ListStreams")["Streams"]
    assert len(records(stream["StreamArn"])) == 1


# --- shards


def test_shards_roll_and_know_their_parents(
    ask: Ask,
    streamed: str,
    put: Callable[..., None],
    shards: Shards,
    iterator: Iterator,
    read: Callable[..., list[int]],
    clock: ManualClock,
) -> None:
    put(1)
    clock.advance(4 * HOUR)
    put(2)
    clock.advance(4 * HOUR)
    put(3)
    first, second, third = shards(streamed)
    assert "ParentShardId" not in first
    assert second["ParentShardId"] == first["ShardId"]
    assert third["ParentShardId"] == second["ShardId"]
    ranges = [shard["SequenceNumberRange"] for shard in (first, second, third)]
    assert int(ranges[0]["EndingSequenceNumber"]) < int(ranges[1]["StartingSequenceNumber"])
    assert int(ranges[1]["EndingSequenceNumber"]) < int(ranges[2]["StartingSequenceNumber"])
    assert "EndingSequenceNumber" not in ranges[2]
    assert [read(iterator(streamed, shard=shard["ShardId"])) for shard in (first, second, third)] == [[1], [2], [3]]


def test_a_closed_shard_that_is_read_has_no_next_iterator(
    ask: Ask, streamed: str, put: Callable[..., None], shards: Shards, iterator: Iterator, clock: ManualClock
) -> None:
    put(1, 2)
    clock.advance(4 * HOUR)
    shard = shards(streamed)[0]
    start = iterator(streamed, shard=shard["ShardId"])
    page = ask("GetRecords", ShardIterator=start, Limit=1)
    assert _numbers(page) == [1]
    page = ask("GetRecords", ShardIterator=page["NextShardIterator"], Limit=1)
    assert _numbers(page) == [2]
    assert "NextShardIterator" not in page
    for kind in ("LATEST", "AFTER_SEQUENCE_NUMBER"):
        number = shard["SequenceNumberRange"]["EndingSequenceNumber"]
        page = ask("GetRecords", ShardIterator=iterator(streamed, kind, shard=shard["ShardId"], SequenceNumber=number))
        assert page == {"Records": []}


def test_an_empty_closed_shard_ends_at_once(ask: Ask, streamed: str, shards: Shards, iterator: Iterator, clock: ManualClock) -> None:
    clock.advance(4 * HOUR)
    shard = shards(streamed)[0]
    number = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    start = iterator(streamed, "AT_SEQUENCE_NUMBER", shard=shard["ShardId"], SequenceNumber=number)
    assert ask("GetRecords", ShardIterator=start) == {"Records": []}


def test_an_iterator_outlives_the_rolling_of_its_shard(
    ask: Ask, streamed: str, put: Callable[..., None], iterator: Iterator, clock: ManualClock
) -> None:
    clock.advance(4 * HOUR - 60)
    latest = iterator(streamed, "LATEST")
    put(1)
    clock.advance(120)
    put(2)
    page = ask("GetRecords", ShardIterator=latest)
    assert _numbers(page) == [1]
    assert "NextShardIterator" not in page


def test_shards_are_described_in_pages_and_by_parent(
    ask: Ask, streamed: str, shards: Shards, ask_in_vain: AskInVain, clock: ManualClock
) -> None:
    clock.advance(12 * HOUR)
    ids = [shard["ShardId"] for shard in shards(streamed)]
    assert len(ids) == 4

    def page(**params: Any) -> tuple[list[str], str | None]:
        description = ask("DescribeStream", StreamArn=streamed, **params)["StreamDescription"]
        return [shard["ShardId"] for shard in description["Shards"]], description.get("LastEvaluatedShardId")

    assert page(Limit=3) == (ids[:3], ids[2])
    assert page(Limit=3, ExclusiveStartShardId=ids[2]) == (ids[3:], None)
    assert page(Limit=4) == (ids, None)
    assert page(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": ids[1]}) == ([ids[2]], None)
    assert page(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": ids[3]}) == ([], None)
    unknown = ask_in_vain("DescribeStream", StreamArn=streamed, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": "shardId-" + "0" * 30})
    assert (unknown.spec.name, unknown.message) == ("ResourceNotFoundException", "Requested resource not found: Shard does not exist")
    for half in ({"Type": "CHILD_SHARDS"}, {"ShardId": ids[0]}):
        assert ask_in_vain("DescribeStream", StreamArn=streamed, ShardFilter=half).spec.name == "ValidationException"


def test_old_shards_go_and_a_long_time_costs_nothing(
    ask: Ask, streamed: str, put: Callable[..., None], shards: Shards, clock: ManualClock
) -> None:
    put(1)
    first = shards(streamed)[0]["ShardId"]
    clock.advance(28 * HOUR - 1)
    assert shards(streamed)[0]["ShardId"] == first
    clock.advance(1)
    remaining = shards(streamed)
    assert remaining[0]["ParentShardId"] == first
    clock.advance(100 * 365 * 24 * HOUR)
    remaining = shards(streamed)
    assert len(remaining) <= 8
    assert "EndingSequenceNumber" not in remaining[-1]["SequenceNumberRange"]
    assert all("EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in remaining[:-1])
    assert [shard["ParentShardId"] for shard in remaining[1:]] == [shard["ShardId"] for shard in remaining[:-1]]


# --- iterators


def test_every_type_of_iterator_starts_where_it_says(
    streamed: str, put: Callable[..., None], iterator: Iterator, read: Callable[..., list[int]], records: Records, clock: ManualClock
) -> None:
    began = int(clock.now())
    put(1)
    clock.advance(10)
    put(2)
    clock.advance(10)
    put(3)
    numbers = _sequences(records(streamed))
    latest = iterator(streamed, "LATEST")
    assert read(iterator(streamed, "TRIM_HORIZON")) == [1, 2, 3]
    assert read(iterator(streamed, "AT_SEQUENCE_NUMBER", SequenceNumber=numbers[1])) == [2, 3]
    assert read(iterator(streamed, "AFTER_SEQUENCE_NUMBER", SequenceNumber=numbers[1])) == [3]
    assert read(iterator(streamed, "AFTER_SEQUENCE_NUMBER", SequenceNumber=numbers[2])) == []
    assert read(iterator(streamed, "AT_TIMESTAMP", Timestamp=began + 10)) == [2, 3]
    assert read(iterator(streamed, "AT_TIMESTAMP", Timestamp=began + 10.5)) == [3]
    assert read(iterator(streamed, "AT_TIMESTAMP", Timestamp=0)) == [1, 2, 3]
    clock.advance(5)
    assert read(iterator(streamed, "AT_TIMESTAMP", Timestamp=began + 25)) == []
    put(4)
    assert read(latest) == [4]


def test_an_iterator_that_has_read_goes_on_behind(ask: Ask, streamed: str, put: Callable[..., None], iterator: Iterator) -> None:
    put(1, 2, 3)
    page = ask("GetRecords", ShardIterator=iterator(streamed), Limit=2)
    assert _numbers(page) == [1, 2]
    page = ask("GetRecords", ShardIterator=page["NextShardIterator"], Limit=2)
    assert _numbers(page) == [3]
    page = ask("GetRecords", ShardIterator=page["NextShardIterator"])
    assert _numbers(page) == []
    put(4)
    page = ask("GetRecords", ShardIterator=page["NextShardIterator"])
    assert _numbers(page) == [4]


def test_an_iterator_can_be_used_twice(streamed: str, put: Callable[..., None], iterator: Iterator, read: Callable[..., list[int]]) -> None:
    put(1)
    start = iterator(streamed)
    assert start.startswith(f"{streamed}|1|")
    assert read(start) == read(start) == [1]


def test_iterators_expire_after_fifteen_minutes(
    ask: Ask, streamed: str, iterator: Iterator, ask_in_vain: AskInVain, clock: ManualClock
) -> None:
    start = iterator(streamed)
    clock.advance(15 * 60)
    following = ask("GetRecords", ShardIterator=start)["NextShardIterator"]
    clock.advance(1)
    assert ask_in_vain("GetRecords", ShardIterator=start).spec.name == "ExpiredIteratorException"
    # The next one is as new as the answer that brought it
    clock.advance(14 * 60)
    ask("GetRecords", ShardIterator=following)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "a|b",
        "a|1|!!!",
        "a|1|bm9uZQ==",
        "a|1|WzEsMl0=",
        "a|1|eyJhIjoxLCJiIjoyLCJjIjozfQ==",
        "a|2|WyJzIiwiMSIsMS4wXQ==",
        "\u00e9|1|\u00e9",
    ],
)
def test_what_is_no_iterator_is_refused(ask_in_vain: AskInVain, text: str) -> None:
    assert ask_in_vain("GetRecords", ShardIterator=text).spec.name == "ValidationException"


def test_an_iterator_belongs_to_its_region(streamed: str, iterator: Iterator, ask_in_vain: AskInVain) -> None:
    error = ask_in_vain("GetRecords", ShardIterator=iterator(streamed), region="us-east-1")
    assert error.spec.name == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "params",
    [
        {"ShardIteratorType": "AT_SEQUENCE_NUMBER"},
        {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER"},
        {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "x" * 21},
        {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "9" * 40},
        {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "0" * 21},
        {"ShardIteratorType": "AT_TIMESTAMP"},
        {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1_900_000_000.0},
    ],
    ids=["no number", "no number after", "no digits", "too high", "too low", "no time", "in the future"],
)
def test_a_place_that_cannot_be_is_refused(streamed: str, shards: Shards, ask_in_vain: AskInVain, params: dict[str, Any]) -> None:
    shard = shards(streamed)[0]["ShardId"]
    assert ask_in_vain("GetShardIterator", StreamArn=streamed, ShardId=shard, **params).spec.name == "ValidationException"


def test_a_shard_that_is_not_there_is_not_found(streamed: str, ask_in_vain: AskInVain) -> None:
    error = ask_in_vain("GetShardIterator", StreamArn=streamed, ShardId="shardId-" + "0" * 30, ShardIteratorType="LATEST")
    assert (error.spec.name, error.message) == ("ResourceNotFoundException", "Requested resource not found: Shard does not exist")


# --- how much, and how long


def test_a_page_has_a_thousand_records_or_a_megabyte(ask: Ask, streamed: str, put: Callable[..., None], iterator: Iterator) -> None:
    put(*range(1001))
    page = ask("GetRecords", ShardIterator=iterator(streamed))
    assert len(page["Records"]) == 1000
    latest = iterator(streamed, "LATEST")
    put(1, 2, 3, v={"S": "x" * 390_000})
    page = ask("GetRecords", ShardIterator=latest)
    assert _numbers(page) == [1, 2]
    assert sum(record["dynamodb"]["SizeBytes"] for record in page["Records"]) < 1024 * 1024
    assert _numbers(ask("GetRecords", ShardIterator=page["NextShardIterator"])) == [3]


def test_records_are_trimmed_after_a_day(
    streamed: str,
    put: Callable[..., None],
    iterator: Iterator,
    records: Records,
    shards: Shards,
    ask_in_vain: AskInVain,
    clock: ManualClock,
) -> None:
    put(1)
    clock.advance(HOUR)
    put(2)
    first, second = _sequences(records(streamed))
    shard = shards(streamed)[0]["ShardId"]
    clock.advance(23 * HOUR - 60)
    old = iterator(streamed, shard=shard)
    clock.advance(60)
    assert _sequences(records(streamed)) == [second]
    error = ask_in_vain("GetRecords", ShardIterator=old)
    assert (error.spec.name, error.message) == ("TrimmedDataAccessException", "The data you are trying to access has been trimmed.")
    place = {"StreamArn": streamed, "ShardId": shard}
    at = ask_in_vain("GetShardIterator", **place, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=first)
    assert at.spec.name == "TrimmedDataAccessException"
    # Whoever has read the trimmed record misses nothing
    iterator(streamed, "AFTER_SEQUENCE_NUMBER", shard=shard, SequenceNumber=first)
    clock.advance(HOUR)
    assert records(streamed) == []
    after = ask_in_vain("GetShardIterator", **place, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=first)
    assert after.spec.name == "TrimmedDataAccessException"


def test_an_iterator_into_a_shard_that_has_gone_finds_it_trimmed(
    streamed: str, put: Callable[..., None], iterator: Iterator, shards: Shards, ask_in_vain: AskInVain, clock: ManualClock
) -> None:
    put(1)
    shard = shards(streamed)[0]["ShardId"]
    clock.advance(28 * HOUR - 60)
    start = iterator(streamed, shard=shard)
    clock.advance(60)
    assert ask_in_vain("GetRecords", ShardIterator=start).spec.name == "TrimmedDataAccessException"
