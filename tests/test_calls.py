"""Which requests are attempts of one call: by id, by token, by guess."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.calls import LONGEST_GAP, CallTracker, group
from emulator.journal import Delivery, Exchange
from emulator.messages import Call, HttpReply, HttpRequest, Written


def call(
    invocation: str = "",
    *,
    at: float = 0.0,
    body: bytes = b"{}",
    operation: str = "PutItem",
    peer: str = "10.0.0.1:5",
    access_key: str = "AKID",
    **params: Any,
) -> Call:
    request = HttpRequest("POST", "/", {"user-agent": "x"}, body, arrived=at, peer=peer)
    return Call("dynamodb", operation, params, ("orders",), "us-east-1", "000000000000", access_key, invocation, request)


def test_an_invocation_id_is_authoritative() -> None:
    tracker = CallTracker()
    first, second = tracker.arrived(call("a")), tracker.arrived(call("b"))
    tracker.ended(call("a"), first, 1.0, retryable=False)
    again = tracker.arrived(call("a", at=1_000.0, body=b"other"))
    assert (first.call_id, first.ordinal, again.call_id, again.ordinal) == ("a", 1, "a", 2)
    assert (second.call_id, second.ordinal) == ("b", 1)


def test_an_idempotency_token_tells_where_there_is_no_id() -> None:
    tracker = CallTracker()
    one = tracker.arrived(call(ClientRequestToken="t"))
    two = tracker.arrived(call(ClientRequestToken="t", body=b"signed anew"))
    other = tracker.arrived(call(ClientRequestToken="u"))
    assert (one.call_id, one.ordinal, two.call_id, two.ordinal) == ("t", 1, "t", 2)
    assert other.call_id == "u"


def test_the_same_request_after_a_failure_is_the_next_attempt() -> None:
    tracker = CallTracker()
    first = tracker.arrived(call(at=0.0))
    tracker.ended(call(), first, 0.1, retryable=True)
    second = tracker.arrived(call(at=1.0, peer="10.0.0.1:6"))
    tracker.ended(call(), second, 1.1, retryable=False)
    third = tracker.arrived(call(at=1.2))
    assert (second.call_id, second.ordinal) == (first.call_id, 2)
    assert third.call_id != first.call_id
    assert third.ordinal == 1


def test_after_too_long_a_silence_it_is_another_call() -> None:
    tracker = CallTracker()
    first = tracker.arrived(call(at=0.0))
    tracker.ended(call(), first, 0.1, retryable=True)
    assert tracker.arrived(call(at=0.2 + LONGEST_GAP)).ordinal == 1


def test_a_long_ladder_may_take_twice_its_last_gap() -> None:
    tracker = CallTracker()
    for arrival, ordinal in ((0.0, 1), (30.0, 2), (85.0, 3), (190.0, 4)):
        attempt = tracker.arrived(call(at=arrival))
        assert attempt.ordinal == ordinal
        tracker.ended(call(), attempt, arrival + 0.1, retryable=True)


def test_concurrent_identical_requests_are_calls_of_their_own() -> None:
    tracker = CallTracker()
    first, second = tracker.arrived(call()), tracker.arrived(call())
    assert first.call_id != second.call_id
    tracker.ended(call(), first, 0.1, retryable=True)
    tracker.ended(call(), second, 0.1, retryable=True)
    again = [tracker.arrived(call(at=0.2)) for _ in range(2)]
    assert sorted(attempt.call_id for attempt in again) == sorted([first.call_id, second.call_id])
    assert [attempt.ordinal for attempt in again] == [2, 2]


def test_calls_that_were_given_up_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.calls.MOST_REMEMBERED", 3)
    tracker = CallTracker()
    for number in range(4):
        asked = call(body=str(number).encode())
        tracker.ended(asked, tracker.arrived(asked), 0.1, retryable=True)
    assert tracker.arrived(call(body=b"0", at=0.2)).ordinal == 1
    assert tracker.arrived(call(body=b"3", at=0.2)).ordinal == 2


def test_other_clients_and_other_requests_are_other_calls() -> None:
    tracker = CallTracker()
    tracker.ended(call(), tracker.arrived(call()), 0.1, retryable=True)
    for other in (call(body=b"x"), call(operation="GetItem"), call(peer="10.0.0.2:5"), call(access_key="OTHER")):
        assert tracker.arrived(other).ordinal == 1


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
    assert first.gaps == [0.5]
    assert (second.id, second.attempts, second.gaps) == ("b", 1, [])


def test_an_attempt_that_began_before_the_last_had_ended_has_no_gap() -> None:
    (hedged,) = group([entry("a", 0.0, 1.0), entry("a", 0.5, 1.1), entry("a", 0.6, None)])
    assert hedged.gaps == [None, None]


def test_a_cut_connection_is_an_outcome() -> None:
    (cut,) = group([entry("a", 0.0, 0.1, how="reset")])
    assert cut.outcome == "connection reset"


def test_what_was_not_understood_belongs_to_no_call() -> None:
    refused = entry("", 0.0, 0.1)._replace(call=None)
    assert group([refused]) == []
