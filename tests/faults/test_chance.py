"""Chance that repeats."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from emulator.faults.chance import content_of
from emulator.messages import Call

RULE = "{name: r, when: {operation: GetItem}, chance: 0.3, fault: InternalServerError}"


def draws(client: Any, body: str, seed: int = 1, order: list[int] | None = None) -> dict[tuple[int, int], bool]:
    """For each (content, how often seen): did the rule r fire?"""
    c = client(body, seed=seed)
    found: dict[tuple[int, int], bool] = {}
    seen: dict[int, int] = {}
    for number in order or [number for _ in range(5) for number in range(100)]:
        decision = c.decide("GetItem", "t", Key={"id": {"N": str(number)}})
        found[number, seen.get(number, 0)] = decision is not None and "r" in decision.rules
        seen[number] = seen.get(number, 0) + 1
    return found


def test_one_seed_repeats_and_another_differs(client: Any) -> None:
    first = draws(client, f"rules: [{RULE}]")
    assert first == draws(client, f"rules: [{RULE}]")
    assert first != draws(client, f"rules: [{RULE}]", seed=2)


def test_the_order_of_requests_does_not_matter(client: Any) -> None:
    order = [number for _ in range(5) for number in range(100)]
    random.Random(7).shuffle(order)
    assert draws(client, f"rules: [{RULE}]", order=order) == draws(client, f"rules: [{RULE}]")


def test_other_rules_do_not_matter(client: Any) -> None:
    other = "{name: other, continue: true, chance: 0.5, fault: {delay: 1s}}"
    assert draws(client, f"rules: [{other}, {RULE}, {{name: last, chance: 0.5, fault: ok}}]") == draws(client, f"rules: [{RULE}]")


def test_threads_do_not_matter(client: Any) -> None:
    c = client(f"rules: [{RULE}]")
    fired: set[int] = set()

    def work(numbers: range) -> None:
        for number in numbers:
            if c.decide("GetItem", "t", Key={"id": {"N": str(number)}}) is not None:
                fired.add(number)

    threads = [threading.Thread(target=work, args=(range(start, 400, 4),)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = client(f"rules: [{RULE}]")
    assert fired == {number for number in range(400) if alone.decide("GetItem", "t", Key={"id": {"N": str(number)}}) is not None}


def test_a_retry_is_drawn_anew(client: Any) -> None:
    found = draws(client, f"rules: [{RULE}]")
    assert len({tuple(found[number, turn] for turn in range(5)) for number in range(100)}) > 5


def test_the_share_is_as_told(client: Any) -> None:
    found = draws(client, f"rules: [{RULE}]", order=list(range(3000)))
    assert 0.27 < sum(found.values()) / len(found) < 0.33


def test_never_and_always(client: Any) -> None:
    for chance, expected in (("0", {False}), ("1", {True})):
        assert set(draws(client, f"rules: [{RULE.replace('0.3', chance)}]").values()) == expected


def test_a_request_that_is_not_due_is_not_drawn_for(client: Any) -> None:
    body = "rules: [{name: r, when: {attempt: 1}, chance: 0.5, fault: InternalServerError}]"
    plain, retried = client(body), client(body)
    without = [plain.fault("GetItem", "t", attempt=1) for _ in range(50)]
    with_retries = []
    for _ in range(50):
        with_retries.append(retried.fault("GetItem", "t", attempt=1))
        retried.fault("GetItem", "t", attempt=2)
    assert without == with_retries


def test_idempotency_tokens_are_not_content(call: Callable[..., Call]) -> None:
    items = [{"Put": {"TableName": "t", "Item": {"id": {"S": "a"}}}}]
    one = call("TransactWriteItems", "t", TransactItems=items, ClientRequestToken="1")
    two = call("TransactWriteItems", "t", TransactItems=items, ClientRequestToken="2")
    assert content_of(one) == content_of(two)
    assert content_of(one) != content_of(call("TransactWriteItems", "t", TransactItems=[*items, *items]))


def test_content_is_what_is_asked_not_how_it_is_written(call: Callable[..., Call]) -> None:
    one = call("GetItem", "t", TableName="t", Key={"a": {"S": "x"}, "b": {"B": b"\xff"}})
    two = call("GetItem", "t", Key={"b": {"B": b"\xff"}, "a": {"S": "x"}}, TableName="t")
    assert content_of(one) == content_of(two)
    assert content_of(one) != content_of(call("GetItem", "t", TableName="t", Key={"a": {"S": "x"}, "b": {"B": b"\xfe"}}))


def test_content_that_json_has_no_words_for(call: Callable[..., Call]) -> None:
    strange = call("Scan", "t", Limit=10**30, Start=b"\xff")
    assert content_of(strange) == content_of(call("Scan", "t", Start=b"\xff", Limit=10**30))
    assert content_of(strange) != content_of(call("Scan", "t", Start=b"\xff", Limit=10**31))
