"""Logical calls: the exchanges of a journal, put together again."""

from __future__ import annotations

import pytest

from emulator.journal import Delivery, Exchange
from emulator.journal.invocations import group
from emulator.messages import Call, HttpReply, HttpRequest, Written


def call(invocation: str) -> Call:
    request = HttpRequest("POST", "/", {"user-agent": "x"}, b"{}")
    return Call("dynamodb", "PutItem", {}, ("orders",), "us-east-1", "000000000000", "AKID", invocation, request)


def entry(
    call_id: str, arrived: float, ended: float | None, *, error: str = "", how: str = "sent", applied: bool | None = None
) -> Exchange:
    request = HttpRequest("POST", "/", {}, b"", arrived=arrived)
    written = None if applied is None else Written(other=applied)
    delivery = Delivery(ended=ended, how=how)
    return Exchange(0, 0.0, request, call(call_id), HttpReply(200, [], b""), delivery, call_id=call_id, error=error, written=written)


def test_a_journal_falls_into_calls_in_order_of_their_first_attempts() -> None:
    entries = [entry("a", 0.0, 0.1, error="X"), entry("b", 0.05, 0.2), entry("a", 0.6, 0.7, applied=True)]
    first, second = group(entries)
    assert (first.id, first.attempts, first.outcome, first.applied) == ("a", 2, "success", 1)
    assert first.gaps_ms == [500.0]
    assert (second.id, second.attempts, second.gaps_ms) == ("b", 1, [])


def test_an_attempt_that_began_before_the_last_had_ended_has_no_gap() -> None:
    (hedged,) = group([entry("a", 0.0, 1.0), entry("a", 0.5, 1.1), entry("a", 0.6, None)])
    assert hedged.gaps_ms == [None, None]


def test_a_cut_connection_is_an_outcome() -> None:
    (cut,) = group([entry("a", 0.0, 0.1, how="reset")])
    assert cut.outcome == "connection reset"


def test_what_was_not_understood_belongs_to_no_call() -> None:
    refused = entry("", 0.0, 0.1)._replace(call=None)
    assert group([refused]) == []


def test_gaps_in_seconds_are_on_their_way_out() -> None:
    (made,) = group([entry("a", 0.0, 0.1), entry("a", 0.6, 0.7)])
    with pytest.warns(DeprecationWarning, match="use gaps_ms"):
        assert made.gaps == [0.5]
