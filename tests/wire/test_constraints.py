"""Broken constraints in the service's words and order, in both cohorts."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.aws.errors import SERVICES, ServiceError
from emulator.aws.services import load_service
from emulator.wire.constraints import compile_check

MISSING = "failed to satisfy constraint: Member must not be null"
VALUES = "failed to satisfy constraint: Member must satisfy enum value set"


def refusal(operation: str, params: dict[str, Any], wording: str = "2026") -> str:
    with pytest.raises(ServiceError) as caught:
        compile_check(load_service("dynamodb"), operation, wording)(params)
    assert caught.value.spec.name == "ValidationException"
    return caught.value.message or ""


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("wording", ["2026", "classic"])
def test_every_operation_of_every_model_compiles(service: str, wording: str) -> None:
    model = load_service(service)
    for operation in model.operations.values():
        check = compile_check(model, operation.name, wording)
        required = operation.input and model.shape(operation.input).required
        if required:
            with pytest.raises(ServiceError):
                check({})


def test_violations_are_joined_in_the_service_s_order() -> None:
    message = refusal("GetItem", {"TableName": "", "ReturnConsumedCapacity": "x"}, "classic")
    assert message == (
        f"3 validation errors detected: Value 'x' at 'returnConsumedCapacity' {VALUES}: [INDEXES, TOTAL, NONE]; "
        "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        f"Value null at 'key' {MISSING}"
    )


def test_the_new_layer_names_the_first_alone() -> None:
    assert refusal("PutItem", {"TableName": "", "Item": {}}) == (
        "1 validation error detected: Value at 'TableName' failed to satisfy constraint: Member must have length greater than or equal to 1"
    )
    assert refusal("PutItem", {"TableName": "orders", "Item": {}, "ReturnValues": "x"}) == (
        "1 validation error detected: Failed to satisfy constraint: "
        "Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
    )


@pytest.mark.parametrize(
    ("operation", "params", "text"),
    [
        ("GetItem", {"TableName": "", "Key": {}}, "Value at 'TableName' failed to satisfy constraint: Member must have length greater"),
        ("Query", {"TableName": "orders", "Limit": 0}, "Value at 'Limit' failed to satisfy constraint: Member must have value greater"),
        (
            "BatchGetItem",
            {"RequestItems": {"orders": {"Keys": []}}},
            "Value at 'RequestItems.orders.member.Keys' failed to satisfy constraint: Member must have length greater",
        ),
        ("GetItem", {"TableName": "orders"}, f"Value null at 'key' {MISSING}"),
    ],
)
def test_reads_say_of_lengths_what_the_new_layer_says(operation: str, params: dict[str, Any], text: str) -> None:
    assert refusal(operation, params).startswith(f"1 validation error detected: {text}")


def test_values_are_printed_with_all_that_the_service_knows_of_them() -> None:
    put = {"PutRequest": {"Item": {"pk": {"S": "k"}, "nu": {"B": "AAEC"}, "ss": {"L": [{"BOOL": True}]}}}}
    message = refusal("BatchWriteItem", {"RequestItems": {"orders": [put] * 26}})
    nulls = "dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, iNTSET=null, dECIMALSET=null, dOUBLESET=null, m=null"
    text = f"AttributeValue(s=k, n=null, b=null, iNT=null, {nulls}, l=null, nULL=null, bOOL=null)"
    binary = (
        f"AttributeValue(s=null, n=null, b=java.nio.HeapByteBuffer[pos=0 lim=3 cap=3], iNT=null, {nulls}, l=null, nULL=null, bOOL=null)"
    )
    flag = f"AttributeValue(s=null, n=null, b=null, iNT=null, {nulls}, l=null, nULL=null, bOOL=true)"
    listed = f"AttributeValue(s=null, n=null, b=null, iNT=null, {nulls}, l=[{flag}], nULL=null, bOOL=null)"
    assert message.startswith(
        "1 validation error detected: Value '{orders=[WriteRequest(putRequest=PutRequest("
        f"item={{ss={listed}, pk={text}, nu={binary}}}, workloadProfileName=null), deleteRequest=null), WriteRequest("
    )
    assert message.endswith("[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]")


def test_the_classic_wording_joins_there_too() -> None:
    message = refusal("PutItem", {"TableName": "orders", "ReturnValues": "x"}, "classic")
    assert message == (
        f"2 validation errors detected: Value null at 'item' {MISSING}; "
        f"Value 'x' at 'returnValues' {VALUES}: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
    )


def test_elements_of_lists_are_counted_from_one_and_printed_as_java_prints_them() -> None:
    key = {"AttributeName": "a", "KeyType": "X"}
    message = refusal("CreateTable", {"TableName": "orders", "KeySchema": [key, key, key]})
    element = "KeySchemaElement(attributeName=a, keyType=X)"
    assert message.startswith(
        f"4 validation errors detected: Value '[{element}, {element}, {element}]' at 'keySchema' "
        "failed to satisfy constraint: Member must have length less than or equal to 2; "
        f"Value 'X' at 'keySchema.1.member.keyType' {VALUES}: [HASH, RANGE]"
    )


def test_global_indexes_come_before_local_ones() -> None:
    message = refusal("CreateTable", {"TableName": "orders", "LocalSecondaryIndexes": [{}], "GlobalSecondaryIndexes": [{}]})
    assert message.index("globalSecondaryIndexes.1.member.indexName") < message.index("localSecondaryIndexes.1.member.indexName")


def test_ten_violations_are_enough() -> None:
    message = refusal("CreateTable", {"TableName": "orders", "AttributeDefinitions": [{}] * 30})
    assert message.startswith("10 validation errors detected: ")
    assert message.count(MISSING) == 10


def test_maps_of_lists_are_reported_at_the_map() -> None:
    message = refusal("BatchWriteItem", {"RequestItems": {"orders": []}})
    assert message == (
        "1 validation error detected: Value '{orders=[]}' at 'requestItems' failed to satisfy constraint: "
        "Map value must satisfy constraint: "
        "[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
    )


def test_structures_in_maps_have_paths_with_their_keys() -> None:
    message = refusal("BatchGetItem", {"RequestItems": {"Orders": {"Keys": []}}}, "classic")
    assert message == (
        "1 validation error detected: Value '[]' at 'requestItems.Orders.member.keys' "
        "failed to satisfy constraint: Member must have length greater than or equal to 1"
    )


@pytest.mark.parametrize("operation", ["DescribeTable", "DeleteTable", "UpdateTable", "DescribeTimeToLive"])
def test_the_control_plane_asks_for_the_table_s_name_first(operation: str) -> None:
    assert refusal(operation, {}) == "The parameter 'TableName' is required but was not present in the request"
    assert refusal(operation, {"TableName": "ab"}) == "TableName must be at least 3 characters long and at most 255 characters long"


def test_a_table_s_name_may_be_an_arn_or_match_the_pattern() -> None:
    check = compile_check(load_service("dynamodb"), "Query", "2026")
    check({"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/orders"})
    assert refusal("Query", {"TableName": "a b!"}) == (
        "1 validation error detected: Value 'a b!' at 'tableName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    )


def test_numbers_have_ranges() -> None:
    assert refusal("ListTables", {"Limit": 101}) == (
        "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100"
    )
    assert "greater than or equal to 0" in refusal("Scan", {"TableName": "orders", "Segment": -1})


def test_a_hostile_value_makes_no_endless_sentence() -> None:
    assert len(refusal("GetItem", {"TableName": "x" * 1_000_000, "Key": {}})) < 100_000
