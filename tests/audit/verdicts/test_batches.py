"""V26 to V28: what batches leave undone."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from emulator.audit import Status

RESOURCE = "Boto3/1.44.5 md/Botocore#1.44.5 m/E cfg/retry-mode#standard Botocore/1.44.5 Resource"


def puts(names: Iterable[str]) -> dict[str, Any]:
    return {"orders": [{"PutRequest": {"Item": {"id": {"S": name}, "n": {"N": "1"}}}} for name in names]}


@pytest.fixture
def batch(call: Any, attempt: Any) -> Any:
    """A BatchWriteItem of these items, of which some come back."""

    def make(call_id: str, names: str, left: str = "", at: float = 0.0, agent: str = "") -> Any:
        answer = attempt("ok", applied=True, body=orjson.dumps({"UnprocessedItems": puts(left) if left else {}}))
        return call(call_id, answer, operation="BatchWriteItem", params={"RequestItems": puts(names)}, at=at, agent=agent)

    return make


def test_what_was_left_comes_again(judge: Any, batch: Any) -> None:
    first = batch("a", "abcd", "bd")
    assert judge("V26", first, batch("b", "bd", at=1.0)).status is Status.PASS
    assert judge("V26", batch("a", "abcd")).status is Status.NOTHING
    ruling = judge("V26", first, batch("b", "b", at=1.0))
    assert (ruling.status, ruling.calls) == (Status.FAIL, ("a",))
    assert 'orders {"id":{"S":"d"}}' in ruling.why


def test_it_may_come_again_in_another_batch_or_alone(judge: Any, batch: Any, call: Any) -> None:
    first = batch("a", "abcd", "bd")
    rest = call("c", "ok", params={"TableName": "orders", "Item": {"id": {"S": "d"}}}, at=3.0)
    assert judge("V26", first, batch("b", "bxyz", at=1.0), rest).status is Status.PASS


def test_keys_that_were_not_read_are_entries_too(judge: Any, call: Any, attempt: Any) -> None:
    def keys(*names: str) -> dict[str, Any]:
        return {"orders": {"Keys": [{"id": {"S": name}} for name in names]}}

    answer = attempt("ok", body=orjson.dumps({"Responses": {}, "UnprocessedKeys": keys("b")}))
    first = call("a", answer, operation="BatchGetItem", params={"RequestItems": keys("a", "b")})
    again = call("b", "ok", operation="BatchGetItem", params={"RequestItems": keys("b")}, at=1.0)
    assert judge("V26", first, again).status is Status.PASS
    assert judge("V26", first).status is Status.FAIL


def test_only_what_was_left_comes_again(judge: Any, batch: Any) -> None:
    first = batch("a", "abcd", "bd")
    assert judge("V27", first, batch("b", "bd", at=1.0)).status is Status.PASS
    assert judge("V27", first, batch("b", "bdxyz", at=1.0)).status is Status.PASS
    ruling = judge("V27", first, batch("b", "abcd", at=1.0))
    assert (ruling.status, "2 entries that had been done" in ruling.why) == (Status.WARN, True)
    assert judge("V27", first).status is Status.NOTHING


def rounds(batch: Any, count: int, gap: float, agent: str = "") -> list[Any]:
    return [batch(f"b{number}", "ab", "a" if number < count else "", at=number * (gap + 0.01), agent=agent) for number in range(count + 1)]


def test_batches_wait(judge: Any, batch: Any) -> None:
    assert judge("V28", *rounds(batch, 3, 0.2)).status is Status.PASS
    assert judge("V28", *rounds(batch, 1, 0.001)).status is Status.INFO
    assert judge("V28", *rounds(batch, 4, 0.001)).status is Status.WARN
    assert judge("V28", *rounds(batch, 6, 0.001)).status is Status.FAIL
    assert judge("V28", batch("a", "ab")).status is Status.NOTHING


def test_the_first_round_at_once_is_warned_and_jitter_is_not(judge: Any, batch: Any) -> None:
    at_once = [one for number in range(16) for one in growing(batch, 2, 0.0005, 300.0, f"loop{number}", begin=number * 9.0)]
    ruling = judge("V28", *at_once)
    assert (ruling.status, "16 of 32 resubmissions came within 1 ms" in ruling.why) == (Status.WARN, True)
    for seed in range(20):
        dice = random.Random(seed)
        jittered = [one for number in range(16) for one in growing(batch, 2, 0.05 * dice.random(), 2.0, f"{number}", begin=number * 9.0)]
        assert judge("V28", *jittered).status in (Status.INFO, Status.PASS)


def test_batch_writer_is_named(judge: Any, batch: Any) -> None:
    ruling = judge("V28", *rounds(batch, 3, 0.001, RESOURCE))
    assert (ruling.status, "batch_writer" in ruling.why) == (Status.WARN, True)


def growing(batch: Any, count: int, first: float, growth: float, name: str = "b", spread: float = 0.0, begin: float = 0.0) -> list[Any]:
    """A loop of so many rounds, each of which waits so many times as long as the one before."""
    dice = random.Random(name)
    at, gap, found = begin, first, []
    for number in range(count + 1):
        found.append(batch(f"{name}{number}", [f"{name}-a", f"{name}-b"], [f"{name}-a"] if number < count else [], at=at))
        at += 0.01 + gap * (1 + spread * dice.random())
        gap = min(20.0, gap * growth)
    return found


def test_batches_do_not_go_on_for_ever(judge: Any, batch: Any) -> None:
    assert judge("V28", *growing(batch, 20, 0.03, 2.0)).status is Status.PASS
    ruling = judge("V28", *growing(batch, 21, 0.03, 2.0))
    assert (ruling.status, "in a row, and still sending" in ruling.why) == (Status.FAIL, True)


def test_waits_between_batches_grow(judge: Any, batch: Any) -> None:
    constant = [growing(batch, 12, 0.025, 1.0, name, 0.2) for name in "xyz"]
    ruling = judge("V28", *(call for loop in constant for call in loop))
    assert (ruling.status, "never grow" in ruling.why) == (Status.FAIL, True)
    assert judge("V28", *growing(batch, 9, 0.025, 1.0)).status is Status.WARN
    assert judge("V28", *growing(batch, 6, 0.05, 1.0)).status is Status.PASS
    for growth in (1.5, 2.0, 3.0):
        assert judge("V28", *growing(batch, 12, 0.025, growth)).status is Status.PASS


def test_giving_up_after_some_rounds_is_no_loss_unseen(judge: Any, batch: Any) -> None:
    given_up = growing(batch, 6, 0.05, 2.0)[:-1]
    ruling = judge("V26", *given_up)
    assert (ruling.status, "given up after 6 rounds" in ruling.why) == (Status.WARN, True)
    assert judge("V26", *given_up[:1]).status is Status.FAIL
