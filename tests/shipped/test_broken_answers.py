"""scenarios/broken-answers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]

KEY = {"customer": {"S": "ada"}, "order": {"N": "1"}}
ITEM = {**KEY, "status": {"S": "open"}}


def test_every_kind(shipped: Run) -> None:
    """boto3 asks again, or fails, or gets through; what it takes for success is the item."""
    run = shipped()
    client = run.client
    answers: list[Any] = []
    while not answers or run.emulator.journal.entries()[-1].fault != "ok":
        answers.append(run.trying(client.get_item, TableName="orders", Key=KEY))
    assert answers[-1]["Item"] == ITEM
    # Without a checksum, a request id or the usual content type it is still the right answer
    assert {str(answer["Item"]) for answer in answers if answer is not None and "Item" in answer} == {str(ITEM)}


def test_wrong_checksum(shipped: Run) -> None:
    assert shipped().client.get_item(TableName="orders", Key=KEY)["Item"] == ITEM


def test_sign_in_page(shipped: Run) -> None:
    run = shipped()
    client = run.client
    answer = run.trying(client.get_item, TableName="orders", Key=KEY)
    assert answer is None or answer.get("Item") in (None, ITEM)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == ITEM


def test_bad_gateway(shipped: Run) -> None:
    client = shipped().client
    client.put_item(TableName="orders", Item=ITEM)
    assert client.get_item(TableName="orders", Key=KEY)["Item"] == ITEM
