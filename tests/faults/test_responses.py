"""`response`, `skew`, `headers`, `status`: what goes out instead of the answer, or beside it."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import orjson
import pytest

from emulator.faults import edited
from emulator.messages import Ending, HttpReply

BODY = b'{"Item":{"id":{"S":"a"}}}'
HEADERS = [
    ("Server", "Server"),
    ("Date", "Fri, 20 Nov 2026 23:50:00 GMT"),
    ("Content-Type", "application/x-amz-json-1.0"),
    ("Content-Length", str(len(BODY))),
    ("x-amzn-RequestId", "ABC"),
    ("x-amz-crc32", str(crc32(BODY))),
]


def reply() -> HttpReply:
    return HttpReply(200, list(HEADERS), BODY)


def decide(client: Any, fault: str) -> Any:
    return client(f"rules: [{{name: r, fault: {fault}}}]").decide("GetItem", "t")


def answer(client: Any, fault: str) -> tuple[HttpReply, dict[str, str]]:
    given = reply()
    found = edited(decide(client, fault), given)
    assert given == reply()
    return found, {name.lower(): value for name, value in found.headers}


def is_consistent(found: HttpReply, headers: dict[str, str]) -> bool:
    return headers["content-length"] == str(len(found.body)) and headers.get("x-amz-crc32", str(crc32(found.body))) == str(
        crc32(found.body)
    )


@pytest.mark.parametrize(
    ("name", "body", "changed"),
    [
        ("empty", b"", {"content-length", "x-amz-crc32"}),
        ("not-json", b"this is not JSON", {"content-length", "x-amz-crc32"}),
        ("cut-json", BODY[:12], {"content-length", "x-amz-crc32"}),
        ("no-crc", BODY, {"x-amz-crc32"}),
        ("wrong-content-type", BODY, {"content-type"}),
        ("no-request-id", BODY, {"x-amzn-requestid"}),
        ("bad-gzip", BODY, {"content-encoding"}),
    ],
)
def test_a_ready_response_is_wrong_in_one_way_only(client: Any, name: str, body: bytes, changed: set[str]) -> None:
    found, headers = answer(client, f"{{response: {name}}}")
    assert found.body == body
    assert is_consistent(found, headers)
    before = {name.lower(): value for name, value in HEADERS}
    assert {key for key in before.keys() | headers.keys() if before.get(key) != headers.get(key)} == changed


def test_wrong_crc(client: Any) -> None:
    found, headers = answer(client, "{response: wrong-crc}")
    assert headers["x-amz-crc32"] != str(crc32(BODY))
    assert (found.body, headers["content-length"]) == (BODY, str(len(BODY)))


def test_wrong_length_closes_the_connection_before_the_promised_bytes(client: Any) -> None:
    found, headers = answer(client, "{response: wrong-length}")
    assert int(headers["content-length"]) > len(found.body)
    assert decide(client, "{response: wrong-length}").plan.ending is Ending.CLOSE


def test_html_comes_from_something_that_is_not_the_service(client: Any) -> None:
    found, headers = answer(client, "{response: html, status: 502}")
    assert found.status == 502
    assert found.body.startswith(b"<!DOCTYPE html>")
    assert headers["content-type"].startswith("text/html")
    assert "x-amzn-requestid" not in headers
    assert "x-amz-crc32" not in headers
    assert is_consistent(found, headers)


def test_garbage_is_no_text_and_repeats(client: Any) -> None:
    first, headers = answer(client, "{response: garbage}")
    with pytest.raises(UnicodeDecodeError):
        first.body.decode()
    assert is_consistent(first, headers)
    assert answer(client, "{response: garbage}")[0].body == first.body


def test_a_raw_response(client: Any) -> None:
    fault = "{response: {status: 418, headers: {X-Teapot: short, x-amzn-RequestId: null}, body: {__type: FooException, n: 1}}}"
    found, headers = answer(client, fault)
    assert found.status == 418
    assert orjson.loads(found.body) == {"__type": "FooException", "n": 1}
    assert headers["x-teapot"] == "short"
    assert "x-amzn-requestid" not in headers
    assert is_consistent(found, headers)


def test_a_raw_response_may_be_empty(client: Any) -> None:
    found, headers = answer(client, "{response: {status: 204}}")
    assert (found.status, found.body) == (204, b"")
    assert is_consistent(found, headers)


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        ("{response: wrong-crc}", True),
        ("{response: html}", False),
        ("{response: html, applied: true}", True),
        ("{response: {status: 500}}", False),
        ("{response: {status: 500}, applied: true}", True),
    ],
)
def test_a_damaged_answer_is_one_a_replaced_answer_is_none(client: Any, fault: str, applied: bool) -> None:
    assert decide(client, fault).applied is applied


@pytest.mark.parametrize(("skew", "date"), [("-10m", "Fri, 20 Nov 2026 23:40:00 GMT"), ("1d", "Sat, 21 Nov 2026 23:50:00 GMT")])
def test_skew(client: Any, skew: str, date: str) -> None:
    found, headers = answer(client, f"{{skew: {skew}}}")
    assert headers["date"] == date
    assert found.body == BODY


def test_headers_are_replaced_added_and_removed(client: Any) -> None:
    decision = decide(client, "{headers: {SERVER: me, x-cache: miss, x-amzn-requestid: null}}")
    headers = dict(edited(decision, reply()).headers)
    assert headers["SERVER"] == "me"
    assert headers["x-cache"] == "miss"
    assert "Server" not in headers
    assert "x-amzn-RequestId" not in headers
    assert decision.applied is True


def test_modifiers_of_several_rules_add_up(client: Any) -> None:
    c = client("""
        rules:
          - {name: late, continue: true, fault: {skew: 1m}}
          - {name: marked, continue: true, fault: {headers: {x-mark: "1"}}}
          - {name: error, fault: {error: InternalServerError, skew: 1m}}
    """)
    decision = c.decide("GetItem", "t")
    assert (decision.skew, decision.headers, decision.error.spec.name) == (120.0, [("x-mark", "1")], "InternalServerError")


def test_drip_and_refuse_are_the_servers_business(client: Any) -> None:
    assert decide(client, "{drip: 100B/s}").plan.drip == 100.0
    refused = decide(client, "{refuse: 5s}")
    assert (refused.plan.refuse_for, refused.plan.ending, refused.plan.portion.nothing, refused.applied) == (5.0, Ending.RESET, True, False)


def test_what_only_the_backend_can_do_is_said(client: Any) -> None:
    c = client("""
        rules:
          - {name: old, when: {operation: GetItem}, fault: {stale: 2s}}
          - {name: slow, when: {operation: CreateTable}, fault: {table_status: {CREATING: 10s}}}
    """)
    assert c.decide("GetItem", "t").stale == 2.0
    created = c.decide("CreateTable", "t")
    assert (created.table_delay.status, created.table_delay.seconds, created.applied) == ("CREATING", 10.0, True)


def test_streams(client: Any) -> None:
    c = client("""
        rules:
          - {name: e, when: {service: streams, operation: GetRecords, request: 1}, fault: {expire: iterator}}
          - {name: t, when: {service: streams, operation: GetRecords}, fault: trim}
    """)
    assert [c.fault("GetRecords", service="streams") for _ in range(2)] == ["ExpiredIteratorException", "TrimmedDataAccessException"]
