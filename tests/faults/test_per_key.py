"""`per: key`: each entry of a batch, a transaction or a list of statements counts by itself, whatever it comes with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator

TABLES = [{"name": "orders", "key": {"id": "S"}, "items": [{"id": letter} for letter in "abcdef"]}]


@pytest.fixture
def client(start: Callable[..., Emulator], client_for: Callable[..., Any], no_retries: Config) -> Callable[..., Any]:
    """A client of one rule that counts by key; `emulator` is what it speaks to."""

    def of(when: dict[str, Any], **rule: Any) -> Any:
        scenario = {"version": 1, "seed": 1, "tables": TABLES, "rules": [{"name": "r", "when": {"per": "key", **when}, **rule}]}
        emulator = start(scenario)
        made = client_for(emulator, config=no_retries)
        made.emulator = emulator
        return made

    return of


def put(client: Any, ids: str) -> str:
    """The items that come back, or the error."""
    entries = [{"PutRequest": {"Item": {"id": {"S": one}}}} for one in ids]
    try:
        left = client.batch_write_item(RequestItems={"orders": entries})["UnprocessedItems"]
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "".join(entry["PutRequest"]["Item"]["id"]["S"] for entry in left.get("orders", ()))


def get(client: Any, ids: str) -> str:
    left = client.batch_get_item(RequestItems={"orders": {"Keys": [{"id": {"S": one}} for one in ids]}})["UnprocessedKeys"]
    return "".join(key["id"]["S"] for key in left.get("orders", {}).get("Keys", ()))


FULL = "ProvisionedThroughputExceededException"


def test_each_entry_is_refused_on_its_first_offer(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem", "request": 1}, fault={"unprocessed": {"every": 1}})
    assert [put(c, ids) for ids in ("ab", "ab", "ac", "ca", "d")] == [FULL, "", "c", "", FULL]
    (rule,) = c.emulator.rules.list()
    assert (rule.matched, rule.fired) == (5, 3)


def test_reads_count_in_the_same_way(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchGetItem", "request": 2}, fault={"unprocessed": {"every": 1}})
    assert [get(c, ids) for ids in ("a", "ab", "abc", "bc")] == ["", "a", "b", "c"]


def test_only_entries_that_the_rule_is_about_count(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem", "request": 1, "key": {"id": "[ab]"}}, fault={"unprocessed": {"every": 1}})
    assert [put(c, ids) for ids in ("ac", "abc", "abc")] == ["a", "b", ""]


def test_a_batch_counts_with_single_requests(client: Callable[..., Any]) -> None:
    c = client({"operation": ["BatchWriteItem", "PutItem"], "request": 2}, fault="ThrottlingException")
    c.put_item(TableName="orders", Item={"id": {"S": "a"}})
    assert put(c, "bc") == ""
    assert put(c, "da") == "ThrottlingException"


def test_a_request_is_hit_as_a_whole_if_one_of_its_entries_is_due(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem", "request": 2}, fault="InternalServerError")
    assert [put(c, ids) for ids in ("a", "ab", "b", "abc")] == ["", "InternalServerError", "InternalServerError", ""]


def test_a_sequence_goes_on_for_each_entry(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem"}, sequence=[{"unprocessed": {"every": 1}}, "ok", "InternalServerError"], then="pass")
    assert [put(c, ids) for ids in ("a", "ab", "bc", "ab", "ab", "b")] == [FULL, "b", "c", "InternalServerError", "", ""]


def test_limit_and_call_are_those_of_an_entry(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem"}, limit=1, fault={"unprocessed": {"every": 1}})
    assert [put(c, ids) for ids in ("a", "ab", "abc", "abc")] == [FULL, "b", "c", ""]
    c = client({"operation": "BatchWriteItem", "call": 2}, fault={"unprocessed": {"every": 1}})
    assert [put(c, ids) for ids in ("a", "ab", "abc")] == ["", "a", "b"]


def test_a_try_is_that_of_the_entry(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem", "try": "1..2"}, fault={"unprocessed": {"every": 1}})
    # c and d come later than a and b, so they are behind by one
    assert [put(c, ids) for ids in ("ab", "abcd", "abcd", "cd")] == [FULL, FULL, "cd", ""]


def test_chance_is_drawn_for_each_entry(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem"}, chance=0.5, fault={"unprocessed": {"every": 1}})
    told = [put(c, "abcdef") for _ in range(10)]
    assert len(set(told)) > 3
    again = client({"operation": "BatchWriteItem"}, chance=0.5, fault={"unprocessed": {"every": 1}})
    assert told == [put(again, "abcdef") for _ in range(10)]


def test_transactions_too(client: Callable[..., Any]) -> None:
    c = client({"operation": "TransactWriteItems", "request": 2}, fault={"cancel": {"0": "TransactionConflict"}})

    def write(ids: str) -> str:
        try:
            c.transact_write_items(TransactItems=[{"Put": {"TableName": "orders", "Item": {"id": {"S": one}}}} for one in ids])
        except c.exceptions.TransactionCanceledException:
            return "cancelled"
        return "done"

    assert [write(ids) for ids in ("a", "bc", "ad", "de", "fe")] == ["done", "done", "cancelled", "cancelled", "cancelled"]


def test_and_statements(client: Callable[..., Any]) -> None:
    c = client({"operation": "partiql", "request": 2}, fault="ThrottlingException")

    def read(ids: str) -> str:
        try:
            c.batch_execute_statement(
                Statements=[{"Statement": "SELECT * FROM orders WHERE id = ?", "Parameters": [{"S": one}]} for one in ids]
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "done"

    assert [read(ids) for ids in ("a", "bc", "cd", "e")] == ["done", "done", "ThrottlingException", "done"]
    with pytest.raises(ClientError, match="ThrottlingException"):
        c.execute_statement(Statement="SELECT * FROM orders WHERE id = 'e'")


def test_an_item_that_is_named_twice_counts_once(client: Callable[..., Any]) -> None:
    c = client({"operation": "TransactWriteItems", "request": 2}, fault="InternalServerError")
    check = {"ConditionCheck": {"TableName": "orders", "Key": {"id": {"S": "a"}}, "ConditionExpression": "attribute_exists(id)"}}
    with pytest.raises(ClientError, match="multiple operations on one item"):
        c.transact_write_items(TransactItems=[check, check])
    with pytest.raises(ClientError, match="InternalServerError"):
        c.transact_write_items(TransactItems=[check])


def test_explaining_says_what_kept_the_first(client: Callable[..., Any]) -> None:
    c = client({"operation": "BatchWriteItem", "request": 2}, fault={"unprocessed": {"every": 1}})
    put(c, "ab")
    (why,) = c.emulator.core.explain(c.emulator.journal.entries()[0])
    assert why.text == "request: wanted 2, was 1"
