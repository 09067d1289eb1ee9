"""Why a request is not one that a rule speaks of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emulator.faults import Difference, differences
from emulator.messages import Call
from emulator.scenario import When, load_rule


@dataclass
class Try:
    call_id: str = "c"
    ordinal: int = 1


def when(**keys: object) -> When:
    return load_rule({"name": "r", "fault": "ok", "when": keys}).when


def test_no_difference_is_a_match(call: Callable[..., Call]) -> None:
    asked = when(operation="writes", table=["users", "ord*"], attempt=1)
    assert differences(asked, call("PutItem", "orders"), Try()) == ()


def test_every_key_that_does_not_hold_is_named(call: Callable[..., Call]) -> None:
    asked = when(operation="Query", table="users", index="by-day", attempt="2..")
    found = differences(asked, call("PutItem", "orders"), Try())
    assert found == (
        Difference("operation", "Query", "PutItem"),
        Difference("table", "users", "orders"),
        Difference("index", "by-day", "no index"),
        Difference("attempt", "2..", "1"),
    )
    assert str(found[1]) == "table: wanted users, was orders"


def test_another_service_is_a_difference(call: Callable[..., Call]) -> None:
    (found,) = differences(when(), call("GetRecords", service="streams"), Try())
    assert (found.wanted, found.seen) == ("any operation of dynamodb", "GetRecords of streams")
