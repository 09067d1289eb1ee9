"""The expectations of shipped scenarios can fail: clients that do what people do, and what the scenarios are there to find."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from emulator import Emulator
from emulator.clock import EmulatedClock

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}

Client = Callable[..., Any]


@pytest.fixture
def complaints(start: Callable[..., Emulator], client_for: Client, emulated_clock: EmulatedClock) -> Callable[..., list[str]]:
    """What is wrong with what a program does under a scenario."""

    def judged(name: str, program: Callable[[Any], Any], **settings: Any) -> list[str]:
        emulator = start(FOLDER / f"{name}.yaml", clock=emulated_clock)
        client = client_for(emulator, **settings)
        with suppress(client.exceptions.ClientError):
            program(client)
        return [finding.why for finding in emulator.report().expectations if finding.status == "fail"]

    return judged


def test_a_client_without_retries(complaints: Callable[..., list[str]], no_retries: Config) -> None:
    found = complaints("throttling/first-two-attempts", lambda client: client.put_item(TableName="orders", Item=KEY), config=no_retries)
    assert "expected outcome success" in found[-1]


def test_unprocessed_items_are_ignored(complaints: Callable[..., list[str]]) -> None:
    entries = [{"PutRequest": {"Item": {**KEY, "order": {"N": str(number)}}}} for number in range(4)]
    found = complaints("batches/half-written", lambda client: client.batch_write_item(RequestItems={"orders": entries}))
    assert "2 unprocessed entries were never sent again" in found[0]


def test_the_whole_batch_is_sent_again(complaints: Callable[..., list[str]]) -> None:
    entries = [{"PutRequest": {"Item": {**KEY, "order": {"N": str(number)}}}} for number in range(4)]

    def program(client: Any) -> None:
        while client.batch_write_item(RequestItems={"orders": entries})["UnprocessedItems"]:
            pass

    assert "entries that had been done were sent again" in " ".join(complaints("batches/half-written", program))


def test_a_counter_counts_twice(complaints: Callable[..., list[str]]) -> None:
    def program(client: Any) -> None:
        client.update_item(
            TableName="counters",
            Key={"counter": {"S": "visits"}},
            UpdateExpression="ADD visits :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    (found,) = complaints("lost-acknowledgements/update-item", program)
    assert "expected 1 applied writes for each key" in found


def test_a_failed_condition_is_tried_again(complaints: Callable[..., list[str]]) -> None:
    put = {"Put": {"TableName": "accounts", "Item": {"account": {"S": "ada"}}}}
    other = {"Put": {"TableName": "accounts", "Item": {"account": {"S": "bob"}}}}

    def program(client: Any) -> None:
        for _ in range(3):
            try:
                client.transact_write_items(TransactItems=[put, other])
            except client.exceptions.TransactionCanceledException:
                continue

    assert complaints("transactions/condition-and-conflict", program)[0] == "expected 1 firings, saw 3"


def test_the_first_page_is_taken_for_all(complaints: Callable[..., list[str]]) -> None:
    assert complaints("reads/short-pages", lambda client: client.scan(TableName="orders")) != []


def test_nobody_waits_for_the_table(complaints: Callable[..., list[str]], no_retries: Config) -> None:
    def program(client: Any) -> None:
        client.create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client.put_item(TableName="orders", Item=KEY)

    assert "expected outcome success" in complaints("tables/stuck-in-creating", program, config=no_retries)[0]
