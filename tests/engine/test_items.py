"""PutItem, GetItem, UpdateItem, DeleteItem on a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]

A = {"pk": {"S": "a"}}
ENVELOPE = "1 validation error detected: "


def test_what_is_put_is_got_with_numbers_in_normal_form(do: Do, hashed: str) -> None:
    item = {**A, "n": {"N": "0042.1200"}, "deep": {"L": [{"M": {"x": {"NULL": True}}}, {"NS": ["1.0", "2"]}]}, "b": {"B": "AAE="}}
    assert do("PutItem", TableName=hashed, Item=item) == {}
    assert do("GetItem", TableName=hashed, Key=A) == {
        "Item": {**item, "n": {"N": "42.12"}, "deep": {"L": [{"M": {"x": {"NULL": True}}}, {"NS": ["1", "2"]}]}}
    }


def test_a_missing_item_is_an_empty_answer(do: Do, hashed: str) -> None:
    assert do("GetItem", TableName=hashed, Key=A) == {}


def test_numeric_keys_are_equal_by_value(do: Do, sorted_: str) -> None:
    do("PutItem", TableName=sorted_, Item={**A, "sk": {"N": "1.0"}})
    assert do("GetItem", TableName=sorted_, Key={**A, "sk": {"N": "1e0"}}) == {"Item": {**A, "sk": {"N": "1"}}}


def test_a_put_replaces_the_whole_item(do: Do, hashed: str) -> None:
    do("PutItem", TableName=hashed, Item={**A, "x": {"S": "1"}})
    assert do("PutItem", TableName=hashed, Item={**A, "y": {"S": "2"}}, ReturnValues="ALL_OLD") == {"Attributes": {**A, "x": {"S": "1"}}}
    assert do("GetItem", TableName=hashed, Key=A) == {"Item": {**A, "y": {"S": "2"}}}


def test_a_projection_leaves_the_rest_out(do: Do, hashed: str) -> None:
    do("PutItem", TableName=hashed, Item={**A, "x": {"M": {"y": {"S": "1"}, "z": {"S": "2"}}}, "name": {"S": "n"}})
    answer = do("GetItem", TableName=hashed, Key=A, ProjectionExpression="x.y, #n", ExpressionAttributeNames={"#n": "name"})
    assert answer == {"Item": {"x": {"M": {"y": {"S": "1"}}}, "name": {"S": "n"}}}


def test_conditions_decide_whether_a_write_happens(do: Do, hashed: str, fails: Fails) -> None:
    do("PutItem", TableName=hashed, Item=A, ConditionExpression="attribute_not_exists(pk)")
    error = fails("PutItem", TableName=hashed, Item={**A, "x": {"S": "1"}}, ConditionExpression="attribute_not_exists(pk)")
    assert (error.spec.name, error.message, error.members) == ("ConditionalCheckFailedException", "The conditional request failed", {})
    error = fails("DeleteItem", TableName=hashed, Key=A, ConditionExpression="attribute_exists(x)")
    assert error.spec.name == "ConditionalCheckFailedException"
    error = fails("UpdateItem", TableName=hashed, Key={"pk": {"S": "b"}}, ConditionExpression="attribute_exists(pk)")
    assert error.spec.name == "ConditionalCheckFailedException"
    assert do("Scan", TableName=hashed)["Items"] == [A]


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "DeleteItem"])
def test_a_failed_condition_shows_the_item_on_request(do: Do, hashed: str, fails: Fails, operation: str) -> None:
    stored = {**A, "x": {"S": "1"}}
    do("PutItem", TableName=hashed, Item=stored)
    target = {"Item": A} if operation == "PutItem" else {"Key": A}
    params = {"TableName": hashed, "ConditionExpression": "attribute_not_exists(pk)", **target}
    assert fails(operation, ReturnValuesOnConditionCheckFailure="ALL_OLD", **params).members == {"Item": stored}
    assert fails(operation, ReturnValuesOnConditionCheckFailure="NONE", **params).members == {}


def test_an_update_creates_or_changes(do: Do, hashed: str) -> None:
    params = {
        "TableName": hashed,
        "Key": A,
        "UpdateExpression": "SET n = if_not_exists(n, :zero) + :one",
        "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}},
    }
    assert do("UpdateItem", **params) == {}
    assert do("UpdateItem", **params, ReturnValues="ALL_OLD") == {"Attributes": {**A, "n": {"N": "1"}}}
    assert do("UpdateItem", **params, ReturnValues="ALL_NEW") == {"Attributes": {**A, "n": {"N": "3"}}}
    assert do("UpdateItem", **params, ReturnValues="UPDATED_OLD") == {"Attributes": {"n": {"N": "3"}}}
    assert do("UpdateItem", **params, ReturnValues="UPDATED_NEW") == {"Attributes": {"n": {"N": "5"}}}
    assert do("GetItem", TableName=hashed, Key=A) == {"Item": {**A, "n": {"N": "5"}}}


def test_an_update_without_an_expression_makes_sure_of_the_item(do: Do, hashed: str) -> None:
    assert do("UpdateItem", TableName=hashed, Key=A, ReturnValues="ALL_NEW") == {"Attributes": A}
    do("PutItem", TableName=hashed, Item={**A, "x": {"S": "1"}})
    assert do("UpdateItem", TableName=hashed, Key=A, ReturnValues="ALL_OLD") == {"Attributes": {**A, "x": {"S": "1"}}}


@pytest.mark.parametrize("wanted", ["ALL_OLD", "UPDATED_OLD"])
def test_there_is_no_old_image_of_a_new_item(do: Do, hashed: str, wanted: str) -> None:
    values = {":v": {"S": "1"}}
    answer = do("UpdateItem", TableName=hashed, Key=A, UpdateExpression="SET x = :v", ExpressionAttributeValues=values, ReturnValues=wanted)
    assert answer == {}


def test_a_failed_update_changes_nothing(do: Do, hashed: str, refused: Refused) -> None:
    do("PutItem", TableName=hashed, Item={**A, "s": {"S": "text"}})
    values = {":one": {"N": "1"}}
    text = refused("UpdateItem", TableName=hashed, Key=A, UpdateExpression="SET x = :one, s = s + :one", ExpressionAttributeValues=values)
    assert text == "An operand in the update expression has an incorrect data type"
    assert do("GetItem", TableName=hashed, Key=A) == {"Item": {**A, "s": {"S": "text"}}}


def test_a_delete_says_what_was_there(do: Do, hashed: str) -> None:
    do("PutItem", TableName=hashed, Item={**A, "x": {"S": "1"}})
    assert do("DeleteItem", TableName=hashed, Key=A, ReturnValues="ALL_OLD") == {"Attributes": {**A, "x": {"S": "1"}}}
    assert do("DeleteItem", TableName=hashed, Key=A, ReturnValues="ALL_OLD") == {}
    assert do("GetItem", TableName=hashed, Key=A) == {}


PK_INVALID = "One or more parameter values were invalid: "
NO_EMPTY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"
)
MISMATCH = "The provided key element does not match the schema"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"sk": {"N": "1"}}, PK_INVALID + "Missing the key pk in the item"),
        ({**A}, PK_INVALID + "Missing the key sk in the item"),
        ({**A, "sk": {"S": "1"}}, PK_INVALID + "Type mismatch for key sk expected: N actual: S"),
        ({"pk": {"S": ""}, "sk": {"N": "1"}}, NO_EMPTY),
        ({"pk": {"S": "x" * 2049}, "sk": {"N": "1"}}, PK_INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ],
)
def test_items_must_have_the_keys(refused: Refused, sorted_: str, item: dict[str, Any], text: str) -> None:
    assert refused("PutItem", TableName=sorted_, Item=item) == text


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ({}, MISMATCH),
        (A, MISMATCH),
        ({**A, "sk": {"S": "1"}}, MISMATCH),
        ({**A, "sk": {"N": "1"}, "x": {"S": "1"}}, MISMATCH),
        ({**A, "x": {"N": "1"}}, MISMATCH),
        ({"pk": {"S": ""}, "sk": {"N": "1"}}, NO_EMPTY),
    ],
)
@pytest.mark.parametrize("operation", ["GetItem", "UpdateItem", "DeleteItem"])
def test_keys_must_fit_the_schema(refused: Refused, sorted_: str, operation: str, key: dict[str, Any], text: str) -> None:
    assert refused(operation, TableName=sorted_, Key=key) == text


def test_the_longest_keys_are_taken(do: Do, defined: Defined, refused: Refused) -> None:
    do("CreateTable", **defined("text", "pk:S sk:S"))
    key = {"pk": {"S": "x" * 2048}, "sk": {"S": "é" * 512}}
    do("PutItem", TableName="text", Item=key)
    assert do("GetItem", TableName="text", Key=key) == {"Item": key}
    text = refused("PutItem", TableName="text", Item={**key, "sk": {"S": "é" * 512 + "x"}})
    assert text == PK_INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"


def test_key_attributes_cannot_be_updated(refused: Refused, hashed: str) -> None:
    values = {":v": {"S": "1"}}
    text = refused("UpdateItem", TableName=hashed, Key=A, UpdateExpression="SET pk = :v", ExpressionAttributeValues=values)
    assert text == PK_INVALID + "Cannot update attribute pk. This attribute is part of the key"


def test_the_largest_item_is_taken(do: Do, refused: Refused, hashed: str) -> None:
    # "pk" + "a" + "x" leave so many bytes of 400 KB for the value of x
    room = 400 * 1024 - 4
    do("PutItem", TableName=hashed, Item={**A, "x": {"S": "y" * room}})
    assert (
        refused("PutItem", TableName=hashed, Item={**A, "x": {"S": "y" * (room + 1)}}) == "Item size has exceeded the maximum allowed size"
    )
    text = refused("UpdateItem", TableName=hashed, Key=A, UpdateExpression="SET z = :v", ExpressionAttributeValues={":v": {"S": ""}})
    assert text == "Item size to update has exceeded the maximum allowed size"


class TestFrontChecks:
    """What is refused before the table is looked up: on a table that does not exist, so that the order shows."""

    def test_the_envelope_is_for_three_operations(self, refused: Refused) -> None:
        names = {"#unused": "x"}
        text = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}"
        condition = {"ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeNames": names}
        assert refused("PutItem", TableName="nowhere", Item=A, **condition) == ENVELOPE + text
        assert refused("DeleteItem", TableName="nowhere", Key=A, **condition) == ENVELOPE + text
        assert refused("UpdateItem", TableName="nowhere", Key=A, **condition) == ENVELOPE + text
        assert refused("GetItem", TableName="nowhere", Key=A, ProjectionExpression="x", ExpressionAttributeNames=names) == text

    def test_item_size_goes_without_the_envelope(self, refused: Refused) -> None:
        text = refused("PutItem", TableName="nowhere", Item={**A, "x": {"S": "y" * 409_600}})
        assert text == "Item size has exceeded the maximum allowed size"

    def test_statements_are_refused_in_classic_words_too(
        self, clock: ManualClock, caller: Callable[[Engine], Do], defined: Callable[..., dict[str, Any]]
    ) -> None:
        do = caller(Engine(clock, wording="classic"))
        do("CreateTable", **defined("hashed", "pk:S"))
        with pytest.raises(ServiceError, match=r"Input collection \[b, a, b\] contains duplicates"):
            do("ExecuteStatement", Statement="INSERT INTO hashed VALUE {'pk': 'x', 's': <<'b', 'a', 'b'>>}")

    def test_classic_words_have_no_envelope(self, clock: ManualClock, caller: Callable[[Engine], Do]) -> None:
        do = caller(Engine(clock, wording="classic"))
        with pytest.raises(ServiceError) as caught:
            do("PutItem", TableName="nowhere", Item=A, ExpressionAttributeValues={":v": {"S": ""}})
        assert caught.value.message == "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"

    def test_old_and_new_parameters_do_not_mix(self, refused: Refused) -> None:
        text = refused("GetItem", TableName="nowhere", Key=A, ProjectionExpression="x", AttributesToGet=["x"])
        assert text == (
            "Can not use both expression and non-expression parameters in the same request: "
            "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"
        )

    def test_names_and_values_need_an_expression(self, refused: Refused) -> None:
        names, values = {"ExpressionAttributeNames": {"#x": "x"}}, {"ExpressionAttributeValues": {":x": {"S": "x"}}}
        assert (
            refused("GetItem", TableName="nowhere", Key=A, **names)
            == "ExpressionAttributeNames can only be specified when using expressions"
        )
        text = refused("UpdateItem", TableName="nowhere", Key=A, **values)
        assert text == ENVELOPE + "ExpressionAttributeValues can only be specified when using expressions"

    def test_only_the_old_item_can_be_returned(self, refused: Refused) -> None:
        text = ENVELOPE + "ReturnValues can only be ALL_OLD or NONE"
        assert refused("PutItem", TableName="nowhere", Item=A, ReturnValues="ALL_NEW") == text
        assert refused("DeleteItem", TableName="nowhere", Key=A, ReturnValues="UPDATED_NEW") == text

    def test_values_come_before_return_values_and_those_before_sizes(self, refused: Refused) -> None:
        bad = {**A, "n": {"N": "one"}, "x": {"S": "y" * 409_600}}
        assert "cannot be converted" in refused("PutItem", TableName="nowhere", Item=bad, ReturnValues="ALL_NEW")
        large = {**A, "x": {"S": "y" * 409_600}}
        assert "ReturnValues" in refused("PutItem", TableName="nowhere", Item=large, ReturnValues="ALL_NEW")
        assert "Item size" in refused("PutItem", TableName="nowhere", Item=large, ConditionExpression="(")


class TestCapacity:
    def test_reads_cost_half_unless_consistent(self, do: Do, hashed: str) -> None:
        do("PutItem", TableName=hashed, Item={**A, "x": {"S": "y" * 5000}})

        def units(key: str, **params: Any) -> float:
            answer = do("GetItem", TableName=hashed, Key={"pk": {"S": key}}, ReturnConsumedCapacity="TOTAL", **params)
            assert answer["ConsumedCapacity"].keys() == {"TableName", "CapacityUnits"}
            found: float = answer["ConsumedCapacity"]["CapacityUnits"]
            return found

        assert [units("a"), units("a", ConsistentRead=True)] == [1.0, 2.0]
        assert [units("missing"), units("missing", ConsistentRead=True)] == [0.5, 1.0]
        assert units("a", ProjectionExpression="pk") == 1.0

    def test_writes_cost_the_larger_image(self, do: Do, hashed: str) -> None:
        large, small = {**A, "x": {"S": "y" * 2500}}, A
        units = [
            do("PutItem", TableName=hashed, Item=item, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"]
            for item in (small, large, small)
        ]
        assert units == [1.0, 3.0, 3.0]
        do("PutItem", TableName=hashed, Item=large)
        answer = do("DeleteItem", TableName=hashed, Key=A, ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"] == {"TableName": hashed, "CapacityUnits": 3.0}
        answer = do("DeleteItem", TableName=hashed, Key=A, ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 1.0

    def test_a_breakdown_shows_the_table(self, do: Do, hashed: str) -> None:
        answer = do("UpdateItem", TableName=hashed, Key=A, ReturnConsumedCapacity="INDEXES")
        assert answer["ConsumedCapacity"] == {"TableName": hashed, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}
        assert do("UpdateItem", TableName=hashed, Key=A, ReturnConsumedCapacity="NONE") == {}

    def test_the_report_names_the_table_as_the_request_does(self, do: Do, hashed: str) -> None:
        arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/hashed"
        assert do("GetItem", TableName=arn, Key=A, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["TableName"] == arn
