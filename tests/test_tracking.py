"""Which requests are attempts of one call, by id, by token, by guess; and which are tries of one piece of work."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from emulator.journal.outcomes import ResponseClass
from emulator.journal.tracking import MAX_CHAINS, MAX_GAP, MAX_REMEMBERED, CallTracker
from emulator.messages import Attempt, Call, HttpRequest

GO = "aws-sdk-go/1.55.8 (go1.26.8; linux; amd64)"


def call(
    invocation: str = "",
    *,
    at: float = 0.0,
    body: bytes = b"{}",
    operation: str = "PutItem",
    peer: str = "10.0.0.1:5",
    connection: int = 0,
    access_key: str = "AKID",
    agent: str = "x",
    **params: Any,
) -> Call:
    request = HttpRequest("POST", "/", {"user-agent": agent}, body, connection=connection, arrived=at, peer=peer)
    return Call("dynamodb", operation, params, ("orders",), "us-east-1", "000000000000", access_key, invocation, request)


def test_an_invocation_id_is_authoritative() -> None:
    tracker = CallTracker()
    first, second = tracker.arrived(call("a")), tracker.arrived(call("b"))
    tracker.end(call("a"), first, 1.0, ResponseClass.SUCCESS)
    again = tracker.arrived(call("a", at=1_000.0, body=b"other"))
    assert (first.call_id, first.ordinal, again.call_id, again.ordinal) == ("a", 1, "a", 2)
    assert (second.call_id, second.ordinal) == ("b", 1)


def test_an_idempotency_token_tells_where_there_is_no_id() -> None:
    tracker = CallTracker()
    one = tracker.arrived(call(operation="TransactWriteItems", ClientRequestToken="t"))
    two = tracker.arrived(call(operation="TransactWriteItems", ClientRequestToken="t", body=b"signed anew"))
    other = tracker.arrived(call(operation="TransactWriteItems", ClientRequestToken="u"))
    assert (one.call_id, one.ordinal, two.call_id, two.ordinal) == ("t", 1, "t", 2)
    assert other.call_id == "u"


def test_the_same_request_after_a_failure_is_the_next_attempt() -> None:
    tracker = CallTracker()
    first = tracker.arrived(call(at=0.0))
    tracker.end(call(), first, 0.1, ResponseClass.THROTTLED)
    second = tracker.arrived(call(at=1.0, peer="10.0.0.1:6"))
    tracker.end(call(), second, 1.1, ResponseClass.SUCCESS)
    third = tracker.arrived(call(at=1.2))
    assert (second.call_id, second.ordinal) == (first.call_id, 2)
    assert third.call_id != first.call_id
    assert third.ordinal == 1


def test_after_too_long_a_silence_it_is_another_call() -> None:
    tracker = CallTracker()
    first = tracker.arrived(call(at=0.0))
    tracker.end(call(), first, 0.1, ResponseClass.THROTTLED)
    assert tracker.arrived(call(at=0.2 + MAX_GAP)).ordinal == 1


def test_a_long_ladder_may_take_twice_its_last_gap() -> None:
    tracker = CallTracker()
    for arrival, ordinal in ((0.0, 1), (30.0, 2), (85.0, 3), (190.0, 4)):
        attempt = tracker.arrived(call(at=arrival))
        assert attempt.ordinal == ordinal
        tracker.end(call(), attempt, arrival + 0.1, ResponseClass.THROTTLED)


def test_concurrent_identical_requests_are_told_apart_by_their_connections() -> None:
    tracker = CallTracker()
    first, second = (tracker.arrived(call(connection=number)) for number in (1, 2))
    assert first.call_id != second.call_id
    for attempt, number in ((first, 1), (second, 2)):
        tracker.end(call(connection=number), attempt, 0.1, ResponseClass.THROTTLED)
    again = [tracker.arrived(call(at=0.2, connection=number)) for number in (2, 1)]
    assert [attempt[:2] for attempt in again] == [(second.call_id, 2), (first.call_id, 2)]
    assert [attempt.tries for attempt in again] == [2, 2]


def test_what_nothing_tells_apart_is_ambiguous() -> None:
    tracker = CallTracker()
    for attempt in [tracker.arrived(call()), tracker.arrived(call())]:
        tracker.end(call(), attempt, 0.1, ResponseClass.THROTTLED)
    again = tracker.arrived(call(at=0.2))
    assert again.is_ambiguous
    assert (again.ordinal, again.work) == (0, "")


def test_identical_requests_of_an_sdk_are_anybodys_since_connections_of_a_pool_are() -> None:
    tracker = CallTracker()
    asked = [call(connection=number, agent=GO) for number in (1, 2)]
    places = [tracker.arrived(one) for one in asked]
    for one, place in zip(asked, places, strict=True):
        tracker.end(one, place, 0.1, ResponseClass.THROTTLED)
    assert tracker.arrived(call(at=0.2, connection=2, agent=GO)).is_ambiguous


def test_a_worker_whose_connection_is_gone_may_be_anybody_where_there_are_several() -> None:
    tracker = CallTracker()
    for number in (1, 2):
        tracker.end(call(connection=number), tracker.arrived(call(connection=number)), 0.1, ResponseClass.LOST)
    tracker.disconnected(1)
    assert tracker.arrived(call(at=0.2, connection=2)).tries == 2
    assert tracker.arrived(call(at=0.2, connection=3)).is_ambiguous


def test_a_lone_worker_may_come_back_on_another_connection() -> None:
    tracker = CallTracker()
    tracker.end(call(connection=1), tracker.arrived(call(connection=1)), 0.1, ResponseClass.LOST)
    tracker.disconnected(1)
    again = tracker.arrived(call(at=0.2, connection=2))
    assert (again.ordinal, again.tries) == (2, 2)


@pytest.mark.parametrize(("agent", "tries"), [(GO, 2), ("x", 1)])
def test_an_sdk_goes_on_with_any_connection_of_its_pool(agent: str, tries: int) -> None:
    tracker = CallTracker()
    for connection, key in ((1, b"a"), (2, b"b")):
        asked = call(body=key, connection=connection, agent=agent, Table=key.decode())
        tracker.end(asked, tracker.arrived(asked), 0.1, ResponseClass.THROTTLED)
    assert tracker.arrived(call(at=0.2, body=b"a", connection=2, agent=agent, Table="a")).tries == tries


@pytest.mark.parametrize(("agent", "tries"), [(GO, 2), ("x", 1)])
def test_an_sdk_that_has_lent_a_connection_opens_another(agent: str, tries: int) -> None:
    tracker = CallTracker()
    first = call(body=b"a", connection=1, agent=agent, Table="a")
    tracker.end(first, tracker.arrived(first), 0.1, ResponseClass.THROTTLED)
    tracker.arrived(call(at=0.2, body=b"b", connection=1, agent=agent, Table="b"))
    assert tracker.arrived(call(at=0.3, body=b"a", connection=2, agent=agent, Table="a")).tries == tries


def test_a_worker_of_an_sdk_that_is_done_with_one_thing_begins_another() -> None:
    tracker = CallTracker()
    for connection, key in ((1, b"a"), (2, b"b")):
        asked = call(body=key, connection=connection, agent=GO, Table=key.decode())
        tracker.end(asked, tracker.arrived(asked), 0.1, ResponseClass.THROTTLED)
    again = call(at=0.2, body=b"b", connection=2, agent=GO, Table="b")
    tracker.end(again, tracker.arrived(again), 0.3, ResponseClass.SUCCESS)
    assert tracker.arrived(call(at=0.4, body=b"a", connection=2, agent=GO, Table="a")).tries == 1


def test_who_has_another_connection_open_is_another_worker() -> None:
    tracker = CallTracker()
    tracker.end(call(connection=1), tracker.arrived(call(connection=1)), 0.1, ResponseClass.THROTTLED)
    other = tracker.arrived(call(at=0.2, connection=2))
    assert (other.ordinal, other.tries) == (1, 1)
    assert tracker.arrived(call(at=0.3, connection=1)).tries == 2


def test_a_crowd_is_forgotten_in_silence() -> None:
    tracker = CallTracker()
    for attempt in [tracker.arrived(call()), tracker.arrived(call())]:
        tracker.end(call(), attempt, 0.1, ResponseClass.THROTTLED)
    assert tracker.arrived(call(at=0.2 + MAX_GAP)).tries == 1


def test_calls_that_were_given_up_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.journal.tracking.MAX_REMEMBERED", 3)
    tracker = CallTracker()
    for number in range(4):
        tracker.end(call(n=number), tracker.arrived(call(n=number)), 0.1, ResponseClass.THROTTLED)
    assert tracker.arrived(call(n=0, at=0.2)).ordinal == 1
    assert tracker.arrived(call(n=3, at=0.2)).ordinal == 2


def test_other_clients_and_other_requests_are_other_calls() -> None:
    tracker = CallTracker()
    tracker.end(call(), tracker.arrived(call()), 0.1, ResponseClass.THROTTLED)
    for other in (call(body=b"x"), call(operation="GetItem"), call(peer="10.0.0.2:5"), call(access_key="OTHER")):
        assert tracker.arrived(other).ordinal == 1


# --- tries of a piece of work


def put(name: str, at: float = 0.0, invocation: str = "", **more: Any) -> Call:
    return call(invocation, at=at, body=repr((name, more)).encode(), TableName="orders", Key={"id": {"S": name}}, **more)


def tried(tracker: CallTracker, *requests: tuple[Call, ResponseClass]) -> list[int]:
    """The tries that requests are, one after the other."""
    found = []
    for asked, outcome in requests:
        attempt = tracker.arrived(asked)
        tracker.end(asked, attempt, asked.request.arrived + 0.1, outcome)
        found.append(attempt.tries)
    return found


THROTTLED, LOST, REFUSED, SUCCESS = ResponseClass.THROTTLED, ResponseClass.LOST, ResponseClass.REFUSED, ResponseClass.SUCCESS


def test_for_a_lone_call_of_an_sdk_a_try_is_an_attempt() -> None:
    tracker = CallTracker()
    requests = [(put("a", at=float(number), invocation="i"), THROTTLED) for number in range(3)]
    assert tried(tracker, *requests, (put("a", at=4.0, invocation="i"), SUCCESS)) == [1, 2, 3, 4]
    assert tried(tracker, (put("a", at=5.0, invocation="j"), SUCCESS)) == [1]


def test_a_loop_around_the_sdk_goes_on_counting_whatever_else_it_says() -> None:
    tracker = CallTracker()
    requests = [(put("a", at=float(number), invocation=f"i{number}", stamp=number), THROTTLED) for number in range(3)]
    assert tried(tracker, *requests) == [1, 2, 3]
    assert tried(tracker, (put("a", at=1000.0, invocation="late"), SUCCESS), (put("a", at=1001.0), SUCCESS)) == [4, 1]


def test_neither_a_lost_acknowledgement_nor_a_refusal_is_a_success() -> None:
    assert tried(CallTracker(), (put("a"), LOST), (put("a", at=1.0), REFUSED), (put("a", at=2.0), SUCCESS)) == [1, 2, 3]


def test_other_keys_and_other_operations_are_other_work() -> None:
    tracker = CallTracker()
    get = call(operation="GetItem", at=2.0, TableName="orders", Key={"id": {"S": "a"}})
    assert tried(tracker, (put("a"), THROTTLED), (put("b", at=1.0), THROTTLED), (get, THROTTLED), (put("a", at=3.0), SUCCESS)) == [
        1,
        1,
        1,
        2,
    ]


def test_an_attempt_whose_time_out_the_server_has_not_seen_is_the_next_all_the_same() -> None:
    tracker = CallTracker()
    first, second = tracker.arrived(put("a", invocation="i")), tracker.arrived(put("a", at=1.0, invocation="i"))
    assert (first.tries, second.tries) == (1, 2)
    tracker.end(put("a", invocation="i"), first, 1.1, LOST)
    assert tracker.arrived(put("a", at=2.0, invocation="i")).tries == 3


def test_overlapping_calls_never_share_a_chain() -> None:
    tracker = CallTracker()
    assert tried(tracker, (put("a", invocation="i"), THROTTLED)) == [1]
    retry = tracker.arrived(put("a", at=1.0, invocation="i"))
    beside = tracker.arrived(put("a", at=1.0, invocation="j"))
    assert (retry.tries, beside.tries) == (2, 1)
    assert retry.work != beside.work


def test_numbered_calls_in_a_crowd_are_ambiguous_as_tries_and_certain_as_attempts() -> None:
    tracker = CallTracker()
    both = [put("a", invocation=name) for name in "ij"]
    for asked, attempt in [(asked, tracker.arrived(asked)) for asked in both]:
        tracker.end(asked, attempt, 0.1, THROTTLED)
    anew = tracker.arrived(put("a", at=0.2, invocation="k"))
    assert (anew.ordinal, anew.is_ambiguous) == (1, True)
    again = tracker.arrived(put("a", at=0.2, invocation="i"))
    assert (again.ordinal, again.tries) == (2, 2)


def batch(*names: str, at: float = 0.0) -> Call:
    puts = [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in names]
    return call(operation="BatchWriteItem", at=at, body=repr(names).encode(), RequestItems={"orders": puts})


def test_what_a_batch_leaves_undone_goes_on_in_the_batch_that_takes_it_up() -> None:
    tracker = CallTracker(lambda asked, table: ("id",))
    first = tracker.arrived(batch("a", "b", "c"))
    tracker.end(batch("a", "b", "c"), first, 0.1, SUCCESS, left=batch("b", "c"))
    second = tracker.arrived(batch("b", "c", "d", at=1.0))
    assert (first.tries, second.tries, second.work) == (1, 2, first.work)
    tracker.end(batch("b", "c", "d"), second, 1.1, SUCCESS, left=batch("c"))
    assert tracker.arrived(batch("a", "d", at=2.0)).tries == 1
    third = tracker.arrived(batch("c", at=3.0))
    assert (third.tries, third.work) == (3, first.work)


def test_a_batch_that_was_throttled_as_a_whole_is_tried_again_as_a_whole() -> None:
    tracker = CallTracker(lambda asked, table: ("id",))
    assert tried(tracker, (batch("a", "b"), THROTTLED), (batch("b", "a", at=1.0), SUCCESS), (batch("a", "b", at=2.0), SUCCESS)) == [1, 2, 1]


def test_calls_that_never_succeed_do_not_pile_up() -> None:
    tracker = CallTracker()
    names = [f"i{number}" for number in range(2 * MAX_CHAINS)]
    # Each is known before anything has failed, so each second attempt is the beginning of what is remembered of its call
    for name in names:
        tracker.arrived(put("a", invocation=name))
    for name in names:
        asked = put("a", at=1.0, invocation=name)
        tracker.end(asked, tracker.arrived(asked), 1.1, THROTTLED)
    (piece,) = tracker._pieces.values()
    assert len(piece.chains) == len(tracker._by_call) == MAX_CHAINS
    last = put("a", at=1.2, invocation=names[-1])
    assert (tracker.arrived(last).ordinal, len(tracker._chains)) == (3, 1)
    tracker.end(last, tracker.arrived(last), 1.3, SUCCESS)
    assert names[-1] not in tracker._by_call


def test_what_is_forgotten_of_a_call_is_forgotten_everywhere() -> None:
    tracker = CallTracker(lambda asked, table: ("id",))
    for number in range(MAX_REMEMBERED // 2):
        asked = batch(f"a{number}", f"b{number}", f"c{number}")
        tracker.end(asked, tracker.arrived(asked), 1.0, THROTTLED)
    assert len(tracker._pieces) == MAX_REMEMBERED
    assert len(tracker._by_call) <= MAX_REMEMBERED // 3 + 1
    assert len(tracker._chains) == 0


class Everything(dict[str, int]):
    """Any operation may have work left: each request is looked at."""

    def __contains__(self, operation: object) -> bool:
        return True


@pytest.mark.parametrize("seed", range(30))
def test_requests_for_operations_that_have_no_work_left_are_placed_without_a_look(seed: int) -> None:
    random = Random(seed)
    tracker, thorough = CallTracker(), CallTracker()
    thorough._undone = Everything()
    under_way: list[tuple[Call, Attempt]] = []
    outcomes = (ResponseClass.SUCCESS, ResponseClass.SUCCESS, ResponseClass.THROTTLED, ResponseClass.TRANSIENT)
    for step in range(200):
        operation = random.choice(["GetItem", "PutItem", "BatchGetItem"])
        keys = [{"id": {"S": random.choice("abc")}} for _ in range(2)]
        asked: dict[str, Any] = {"TableName": "orders", "Key": keys[0]}
        if operation == "PutItem":
            asked = {"TableName": "orders", "Item": keys[0]}
        elif operation == "BatchGetItem":
            asked = {"RequestItems": {"orders": {"Keys": keys}}}
        one = call(
            random.choice(["", "", f"id-{random.randrange(5)}"]),
            at=step / 10,
            operation=operation,
            connection=random.randrange(1, 4),
            agent=random.choice([GO, "x"]),
            **asked,
        )
        attempt = tracker.arrived(one)
        assert attempt == thorough.arrived(one)
        under_way.append((one, attempt))
        if random.random() < 0.8:
            done, place = under_way.pop(random.randrange(len(under_way)))
            outcome = random.choice(outcomes)
            for either in (tracker, thorough):
                either.end(done, place, step / 10 + 0.01, outcome)
        if random.random() < 0.05:
            gone = random.randrange(1, 4)
            for either in (tracker, thorough):
                either.disconnected(gone)
        counted: dict[str, int] = {}
        for piece in tracker._pieces:
            assert isinstance(piece, tuple)
            counted[piece[4]] = counted.get(piece[4], 0) + 1
        assert tracker._undone == counted
