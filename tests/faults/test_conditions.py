"""Failed conditions that are scripted: only where there is a condition, and with the item only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.scenario import load_scenario

Start = Callable[..., Emulator]
ClientFor = Callable[..., Any]

STORED = {"id": {"S": "a"}, "v": {"N": "7"}}
TABLES = [{"name": "orders", "key": {"id": "S"}, "items": [{"id": "a", "v": 7}]}]
KEY: dict[str, Any] = {"TableName": "orders", "Key": {"id": {"S": "a"}}}
PUT: dict[str, Any] = {"TableName": "orders", "Item": {"id": {"S": "a"}}}
CONDITION = {"ConditionExpression": "attribute_exists(id)"}
EXPECTED = {"Expected": {"id": {"Exists": True, "Value": {"S": "a"}}}}
ALL_OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
UPDATE: dict[str, Any] = {"Statement": "UPDATE orders SET v = 8 WHERE id = 'a'"}


@pytest.fixture
def ask(start: Start, client_for: ClientFor, no_retries: Config) -> Callable[..., Any]:
    """(fault, operation, parameters) -> (what the client is told, how often the rule matched and fired)."""

    def of(fault: Any, operation: str, **params: Any) -> tuple[Any, tuple[int, int]]:
        rule = {"name": "r", "when": {"operation": "writes" if operation not in STATEMENTS else "partiql"}, "fault": fault}
        if "cancel" in fault:
            rule["when"] = {"operation": "transactions"}
        emulator = start({"version": 1, "tables": TABLES, "rules": [rule]})
        client = client_for(emulator, config=no_retries)
        try:
            told = client._make_api_call(operation, params)
        except ClientError as error:
            told = error.response
        told.pop("ResponseMetadata")
        (report,) = emulator.rules.list()
        return told, (report.matched, report.fired)

    return of


STATEMENTS = ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")
FAILED = "ConditionalCheckFailedException"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutItem", {**PUT, **CONDITION}),
        ("PutItem", {**PUT, **EXPECTED}),
        ("DeleteItem", {**KEY, **CONDITION}),
        ("UpdateItem", {**KEY, **CONDITION, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"N": "9"}}}),
        ("ExecuteStatement", UPDATE),
        ("ExecuteStatement", {"Statement": "DELETE FROM orders WHERE id = ? AND v = 7", "Parameters": [{"S": "a"}]}),
    ],
)
def test_the_stored_item_is_shown_to_who_asks_for_it(ask: Callable[..., Any], operation: str, params: dict[str, Any]) -> None:
    told, counted = ask({"error": FAILED}, operation, **params)
    assert (told["Error"]["Code"], "Item" in told, counted) == (FAILED, False, (1, 1))
    told, _ = ask({"error": FAILED}, operation, **params, **ALL_OLD)
    assert (told["Error"]["Code"], told["Item"]) == (FAILED, STORED)


def test_an_item_of_the_scenario_takes_its_place(ask: Callable[..., Any]) -> None:
    fault = {"error": FAILED, "item": {"id": "a", "v": 8}}
    assert "Item" not in ask(fault, "PutItem", **PUT, **CONDITION)[0]
    assert ask(fault, "PutItem", **PUT, **CONDITION, **ALL_OLD)[0]["Item"] == {"id": {"S": "a"}, "v": {"N": "8"}}


def test_no_item_no_show(ask: Callable[..., Any]) -> None:
    other = {"TableName": "orders", "Item": {"id": {"S": "b"}}}
    told, _ = ask({"error": FAILED}, "PutItem", **other, **CONDITION, **ALL_OLD)
    assert (told["Error"]["Code"], "Item" in told) == (FAILED, False)


def test_after_it_was_carried_out_the_item_is_the_new_one(ask: Callable[..., Any]) -> None:
    told, _ = ask({"error": FAILED, "applied": True}, "PutItem", **PUT, **CONDITION, **ALL_OLD)
    assert told["Item"] == PUT["Item"]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutItem", PUT),
        ("DeleteItem", KEY),
        ("UpdateItem", KEY),
        ("BatchWriteItem", {"RequestItems": {"orders": [{"PutRequest": {"Item": {"id": {"S": "b"}}}}]}}),
        ("TransactWriteItems", {"TransactItems": [{"Put": PUT}]}),
        ("ExecuteStatement", {"Statement": "INSERT INTO orders VALUE {'id': 'b'}"}),
        ("ExecuteStatement", {"Statement": "SELECT * FROM orders WHERE id = 'a'"}),
        ("ExecuteStatement", {"Statement": "DELETE FROM orders WHERE id = 'a'"}),
    ],
)
def test_without_a_condition_none_fails(ask: Callable[..., Any], operation: str, params: dict[str, Any]) -> None:
    told, counted = ask({"error": FAILED}, operation, **params)
    assert ("Error" in told, counted) == (False, (0, 0))


def test_it_uses_nothing_up_and_says_why(start: Start, client_for: ClientFor, no_retries: Config) -> None:
    rule = {"name": "r", "when": {"operation": "PutItem", "request": 2}, "sequence": [FAILED, "InternalServerError"], "then": "pass"}
    emulator = start({"version": 1, "tables": TABLES, "rules": [rule]})
    client = client_for(emulator, config=no_retries)
    client.put_item(**PUT)
    client.put_item(**PUT, **CONDITION)
    client.put_item(**PUT)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(**PUT, **CONDITION)
    why = [emulator.core.explain(exchange)[0].text for exchange in emulator.journal]
    missing = "condition: wanted a request that can fail a condition, was none"
    assert why == [missing, "request: wanted 2, was 1", missing, "fired"]


def test_transactions_fail_the_conditions_that_they_have(ask: Callable[..., Any]) -> None:
    guarded = {"Put": {**PUT, **CONDITION, **ALL_OLD}}
    items = [
        guarded,
        {"Put": {"TableName": "orders", "Item": {"id": {"S": "b"}}}},
        {"ConditionCheck": {**KEY, "Key": {"id": {"S": "c"}}, **CONDITION}},
    ]
    every = {"cancel": {"0": "ConditionalCheckFailed", "1": "ConditionalCheckFailed", "2": "ConditionalCheckFailed"}}
    told, counted = ask(every, "TransactWriteItems", TransactItems=items)
    failed = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    assert told["CancellationReasons"] == [{**failed, "Item": STORED}, {"Code": "None"}, failed]
    assert counted == (1, 1)
    assert "[ConditionalCheckFailed, None, ConditionalCheckFailed]" in told["Error"]["Message"]


def test_a_transaction_without_any_condition_goes_through(ask: Callable[..., Any]) -> None:
    told, counted = ask({"cancel": {"0": "ConditionalCheckFailed"}}, "TransactWriteItems", TransactItems=[{"Put": PUT}])
    assert ("Error" in told, counted) == (False, (0, 0))
    gets = [{"Get": KEY}]
    assert ask({"cancel": {"0": "ConditionalCheckFailed"}}, "TransactGetItems", TransactItems=gets)[1] == (0, 0)
    assert ask({"cancel": {"0": "TransactionConflict"}}, "TransactGetItems", TransactItems=gets)[1] == (1, 1)


def test_statements_in_a_transaction(ask: Callable[..., Any]) -> None:
    statements = [
        {**UPDATE, **ALL_OLD},
        {"Statement": "INSERT INTO orders VALUE {'id': 'b'}"},
        {"Statement": "EXISTS(SELECT * FROM orders WHERE id = 'c')"},
    ]
    every = {"cancel": {"0": "ConditionalCheckFailed", "1": "ConditionalCheckFailed", "2": "ConditionalCheckFailed"}}
    told, _ = ask(every, "ExecuteTransaction", TransactStatements=statements)
    assert [reason["Code"] for reason in told["CancellationReasons"]] == ["ConditionalCheckFailed", "None", "ConditionalCheckFailed"]
    assert [reason.get("Item") for reason in told["CancellationReasons"]] == [STORED, None, None]


@pytest.mark.parametrize("all_old", [True, False])
@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutItem", {**PUT, "ConditionExpression": "v = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}),
        ("DeleteItem", {**KEY, "ConditionExpression": "attribute_not_exists(id)"}),
        ("UpdateItem", {**KEY, "ConditionExpression": "attribute_not_exists(id)"}),
        ("ExecuteStatement", {"Statement": "UPDATE orders SET v = 8 WHERE id = 'a' AND v = 1"}),
        ("ExecuteStatement", {"Statement": "DELETE FROM orders WHERE id = 'a' AND v = 1"}),
    ],
)
def test_real_failures_show_it_in_the_same_way(ask: Callable[..., Any], operation: str, params: dict[str, Any], all_old: bool) -> None:
    told, _ = ask({"delay": "0s"}, operation, **params, **(ALL_OLD if all_old else {}))
    assert (told["Error"]["Code"], told.get("Item")) == (FAILED, STORED if all_old else None)


def test_a_duplicate_is_no_failed_condition(ask: Callable[..., Any]) -> None:
    told, _ = ask({"delay": "0s"}, "ExecuteStatement", Statement="INSERT INTO orders VALUE {'id': 'a'}", **ALL_OLD)
    assert (told["Error"]["Code"], "Item" in told) == ("DuplicateItemException", False)


def test_a_check_warns_of_conditions_that_cannot_fail() -> None:
    rules = "rules: [{name: r, when: {operation: TransactGetItems}, fault: {cancel: {0: ConditionalCheckFailed}}}]"
    (warning,) = load_scenario(f"version: 1\n{rules}").warnings
    assert warning.message == "no action of these operations has a condition that could fail"
    rules = rules.replace("TransactGetItems", "transactions")
    assert not load_scenario(f"version: 1\n{rules}").warnings
