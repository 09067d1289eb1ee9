from __future__ import annotations

import threading

from emulator.journal import Delivery, Exchange, Journal, readable
from emulator.messages import HttpReply, HttpRequest, Written


def entry(number: int, body: bytes = b"{}") -> Exchange:
    request = HttpRequest("POST", "/", {"user-agent": "Boto3/1.44.5 md/Botocore#1.44.5"}, body, arrived=1.0)
    return Exchange(number, 1_800_000_000.0, request, None, HttpReply(200, [("X", "y")], b'{"a":1}'), Delivery())


def added(journal: Journal, body: bytes = b"{}") -> Exchange:
    exchange = entry(journal.next_id(), body)
    journal.add(exchange)
    return exchange


def test_entries_are_numbered_in_order_and_found_by_number() -> None:
    journal = Journal()
    entries = [added(journal) for _ in range(3)]
    assert [one.id for one in journal] == [1, 2, 3]
    assert journal.find(2) is entries[1]
    assert journal.find(4) is None


def test_the_oldest_fall_out_and_are_counted() -> None:
    journal = Journal(most_entries=10)
    for _ in range(25):
        added(journal)
    assert (next(one.id for one in journal), len(journal), journal.dropped) == (16, 10, 15)
    journal.clear()
    assert (len(journal), journal.dropped) == (0, 0)
    added(journal)
    assert [one.id for one in journal] == [26]


def test_large_bodies_make_room_too() -> None:
    journal = Journal(most_bytes=1_000_000)
    for _ in range(20):
        added(journal, b"x" * 100_000)
    assert len(journal) == 9


def test_threads_do_not_lose_entries() -> None:
    journal = Journal()
    threads = [threading.Thread(target=lambda: [added(journal) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.id for one in journal) == list(range(1, 4001))


def test_the_published_form_says_what_happened() -> None:
    written = Written((("orders", '{"id":{"S":"a"}}'),))
    one = entry(1)._replace(rule="r", fault="connection reset", written=written)
    one.delivery.ended, one.delivery.how = 1.25, "reset"
    record = one.to_json()
    assert record["client"] == "Boto3/1.44.5"
    assert (record["rule"], record["fault"], record["error"], record["applied"]) == ("r", "connection reset", None, True)
    assert (record["delivery"], record["duration_ms"]) == ("reset", 250.0)
    assert record["request"]["body"] == {}
    assert record["response"] == {"status": 200, "headers": {"X": "y"}, "body": {"a": 1}}
    assert record["written"] == {"items": {"orders": [{"id": {"S": "a"}}]}, "other": False, "replayed": False}
    assert "request" not in one.to_json(bodies=False)


def test_bodies_that_are_no_text_can_be_read_all_the_same() -> None:
    assert readable(b"plain") == "plain"
    assert readable(b"\xff\x00a") == "\\xff\x00a"
