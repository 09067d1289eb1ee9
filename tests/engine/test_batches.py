"""BatchGetItem and BatchWriteItem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
TWO_TYPES = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"


def _pk(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}}


def _key(number: int | str) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"N": str(number)}}


def _put(item: dict[str, Any]) -> dict[str, Any]:
    return {"PutRequest": {"Item": item}}


def _delete(key: dict[str, Any]) -> dict[str, Any]:
    return {"DeleteRequest": {"Key": key}}


class TestWrite:
    def test_puts_and_deletes_over_several_tables(self, do: Do, hashed: str, sorted_: str) -> None:
        do("PutItem", TableName=hashed, Item=_pk("old"))
        answer = do("BatchWriteItem", RequestItems={hashed: [_put(_pk("new")), _delete(_pk("old"))], sorted_: [_put(_key("1.0"))]})
        assert answer == {"UnprocessedItems": {}}
        assert do("Scan", TableName=hashed)["Items"] == [_pk("new")]
        assert do("Scan", TableName=sorted_)["Items"] == [_key(1)]

    def test_one_bad_entry_and_nothing_is_written(self, do: Do, refused: Refused, hashed: str) -> None:
        assert refused("BatchWriteItem", RequestItems={hashed: [_put(_pk("a")), _put({**_pk("b"), "n": {"N": "x"}})]})
        assert refused("BatchWriteItem", RequestItems={hashed: [_put(_pk("a")), _put({"x": {"S": "b"}})]})
        assert do("Scan", TableName=hashed)["Count"] == 0

    def test_a_missing_table_fails_the_whole(self, do: Do, fails: Fails, hashed: str) -> None:
        error = fails("BatchWriteItem", RequestItems={hashed: [_put(_pk("a"))], "nowhere": [_put(_pk("a"))]})
        assert (error.spec.name, error.message) == ("ResourceNotFoundException", "Requested resource not found")
        assert do("Scan", TableName=hashed)["Count"] == 0

    @pytest.mark.parametrize(
        ("entries", "text"),
        [
            ([_put(_pk("a")), _delete(_pk("a"))], "Provided list of item keys contains duplicates"),
            ([_put({"x": {"S": "a"}})], "The provided key element does not match the schema"),
            ([_put({"pk": {"N": "1"}})], "The provided key element does not match the schema"),
            ([_delete({"pk": {"N": "1"}})], "The provided key element does not match the schema"),
            (
                [_put(_pk(""))],
                "One or more parameter values are not valid. "
                "The AttributeValue for a key attribute cannot contain an empty string value. Key: pk",
            ),
            ([_put({**_pk("a"), "x": {"S": "y" * 409_600}})], "Item size has exceeded the maximum allowed size"),
            ([{}], TWO_TYPES),
            (
                [{**_put(_pk("a")), **_delete(_pk("a"))}],
                TWO_TYPES,
            ),
        ],
    )
    def test_entries_must_be_right(self, refused: Refused, hashed: str, entries: list[dict[str, Any]], text: str) -> None:
        assert refused("BatchWriteItem", RequestItems={hashed: entries}) == text

    def test_duplicates_are_found_by_value(self, refused: Refused, sorted_: str) -> None:
        text = refused("BatchWriteItem", RequestItems={sorted_: [_put(_key("1")), _put(_key("1.00"))]})
        assert text == "Provided list of item keys contains duplicates"

    def test_twenty_five_entries_at_most(self, do: Do, refused: Refused, hashed: str, sorted_: str) -> None:
        entries = {hashed: [_put(_pk(str(n))) for n in range(20)], sorted_: [_put(_key(n)) for n in range(6)]}
        assert refused("BatchWriteItem", RequestItems=entries) == "Too many items requested for the BatchWriteItem call"
        entries[sorted_].pop()
        assert do("BatchWriteItem", RequestItems=entries) == {"UnprocessedItems": {}}

    def test_capacity_is_added_up_by_table(self, do: Do, hashed: str, sorted_: str) -> None:
        entries = {hashed: [_put({**_pk("a"), "x": {"S": "y" * 1100}}), _put(_pk("b"))], sorted_: [_delete(_key(1))]}
        answer = do("BatchWriteItem", RequestItems=entries, ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"] == [{"TableName": hashed, "CapacityUnits": 3.0}, {"TableName": sorted_, "CapacityUnits": 1.0}]


class TestGet:
    def test_found_items_by_table(self, do: Do, hashed: str, sorted_: str) -> None:
        do("PutItem", TableName=hashed, Item={**_pk("a"), "x": {"S": "1"}})
        do("PutItem", TableName=sorted_, Item={**_key(1), "x": {"S": "2"}})
        answer = do(
            "BatchGetItem",
            RequestItems={
                hashed: {"Keys": [_pk("a"), _pk("missing")]},
                sorted_: {"Keys": [_key(1)], "ProjectionExpression": "#x", "ExpressionAttributeNames": {"#x": "x"}},
            },
        )
        assert answer == {"Responses": {hashed: [{**_pk("a"), "x": {"S": "1"}}], sorted_: [{"x": {"S": "2"}}]}, "UnprocessedKeys": {}}

    @pytest.mark.parametrize("twice", [("1", "1"), ("1", "1.0"), ("100", "1e2")])
    def test_no_key_twice(self, refused: Refused, twice: tuple[str, str]) -> None:
        # Refused before the table is looked up
        text = refused("BatchGetItem", RequestItems={"nowhere": {"Keys": [_key(number) for number in twice]}})
        assert text == "Provided list of item keys contains duplicates"

    def test_a_hundred_keys_at_most(self, do: Do, refused: Refused, hashed: str, sorted_: str) -> None:
        wanted = {hashed: {"Keys": [_pk(str(n)) for n in range(51)]}, sorted_: {"Keys": [_key(n) for n in range(50)]}}
        assert refused("BatchGetItem", RequestItems=wanted) == "Too many items requested for the BatchGetItem call"
        wanted[hashed]["Keys"].pop()
        assert do("BatchGetItem", RequestItems=wanted)["Responses"] == {hashed: [], sorted_: []}

    def test_sixteen_megabytes_at_most_and_the_rest_is_handed_back(self, do: Do, sorted_: str) -> None:
        for number in range(42):
            do("PutItem", TableName=sorted_, Item={**_key(number), "x": {"S": "y" * 400_000}})
        params = {"Keys": [_key(n) for n in range(42)], "ConsistentRead": True}
        answer = do("BatchGetItem", RequestItems={sorted_: params}, ReturnConsumedCapacity="TOTAL")
        assert [item["sk"]["N"] for item in answer["Responses"][sorted_]] == [str(n) for n in range(41)]
        assert answer["UnprocessedKeys"] == {sorted_: {"Keys": [_key(41)], "ConsistentRead": True}}
        assert answer["ConsumedCapacity"] == [{"TableName": sorted_, "CapacityUnits": 41 * 98.0}]
        answer = do("BatchGetItem", RequestItems=answer["UnprocessedKeys"])
        assert (len(answer["Responses"][sorted_]), answer["UnprocessedKeys"]) == (1, {})

    def test_capacity_is_rounded_item_by_item(self, do: Do, hashed: str) -> None:
        do("PutItem", TableName=hashed, Item={**_pk("a"), "x": {"S": "y" * 5000}})
        answer = do("BatchGetItem", RequestItems={hashed: {"Keys": [_pk("a"), _pk("missing")]}}, ReturnConsumedCapacity="INDEXES")
        assert answer["ConsumedCapacity"] == [{"TableName": hashed, "CapacityUnits": 1.5, "Table": {"CapacityUnits": 1.5}}]

    @pytest.mark.parametrize(
        ("params", "text"),
        [
            ({"Keys": [{"x": {"S": "a"}}]}, "The provided key element does not match the schema"),
            ({"Keys": [{"pk": {"SS": ["a"]}}]}, "The provided key element does not match the schema"),
            ({"Keys": [{"pk": {"L": [{"M": {}}]}}] * 2}, "Provided list of item keys contains duplicates"),
            ({"Keys": [_pk("")]}, "cannot contain an empty string value. Key: pk"),
            ({"Keys": [_pk("a")], "ExpressionAttributeNames": {"#x": "x"}}, "can only be specified when using expressions"),
            ({"Keys": [_pk("a")], "ProjectionExpression": "x", "AttributesToGet": ["x"]}, "Can not use both expression"),
        ],
    )
    def test_every_table_is_checked(self, refused: Refused, hashed: str, params: dict[str, Any], text: str) -> None:
        assert text in refused("BatchGetItem", RequestItems={hashed: params})
