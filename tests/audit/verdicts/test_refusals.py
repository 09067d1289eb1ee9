"""V4, V36, V38, V39: what a client must leave alone, and how it tells."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.audit import Status
from emulator.journal import Delivery, Exchange
from emulator.messages import HttpReply, HttpRequest

RUBY = "aws-sdk-ruby3/3.171.0 ruby/3.2.2"
SAME = {"TableName": "orders", "Item": {"id": {"S": "x"}}}


@pytest.mark.parametrize(
    "error", ["ValidationException", "AccessDeniedException", "ConditionalCheckFailedException", "ResourceNotFoundException"]
)
def test_a_refusal_must_not_be_tried_again(judge: Any, call: Any, error: str) -> None:
    assert judge("V4", call("a", error)).status is Status.PASS
    ruling = judge("V4", call("a", error, error), call("b", error))
    assert (ruling.status, ruling.calls) == (Status.FAIL, ("a",))


def test_no_refusal_is_nothing_to_judge(judge: Any, call: Any) -> None:
    assert judge("V4", call("a", "ThrottlingException", "ok")).status is Status.NOTHING


def test_an_sdk_that_is_known_to_refresh_its_credentials_is_named(judge: Any, call: Any) -> None:
    ruling = judge("V4", call("a", "ExpiredTokenException", "ok", agent=RUBY))
    assert (ruling.status, "AWS SDK for Ruby" in ruling.why) == (Status.WARN, True)


def test_a_wrong_checksum_and_a_wrong_clock_excuse(judge: Any, call: Any, attempt: Any) -> None:
    crc = attempt("ValidationException", reply={"x-amz-crc32": "1"})
    assert judge("V4", call("a", crc, "ok")).status is Status.PASS
    skewed = attempt("ValidationException", reply={"Date": "Fri, 20 Nov 2026 13:00:00 GMT"}, headers={"x-amz-date": "20261120T120000Z"})
    assert judge("V4", call("a", skewed, "ok")).status is Status.PASS
    assert judge("V4", call("a", "InvalidSignatureException", "ok")).status is Status.PASS


def test_a_client_without_ids_is_seen_through_by_what_it_asks(judge: Any, call: Any) -> None:
    def asked(times: int, *, identified: bool) -> list[list[Exchange]]:
        return [call(f"c{number}", "ValidationException", params=SAME, at=number * 0.5, identified=identified) for number in range(times)]

    assert judge("V4", *asked(3, identified=False)).status is Status.FAIL
    assert judge("V4", *asked(2, identified=False)).status is Status.WARN
    assert judge("V4", *asked(3, identified=True)).status is Status.WARN
    assert judge("V4", *asked(2, identified=True)).status is Status.PASS


def test_a_lock_may_be_asked_for_again(judge: Any, call: Any) -> None:
    def asked(*, identified: bool) -> Any:
        tries = [("ConditionalCheckFailedException", 0.5 * number) for number in range(5)]
        return judge("V4", *[call(f"c{at}", what, params=SAME, at=at, identified=identified) for what, at in tries])

    ruling = asked(identified=False)
    assert (ruling.status, "5 times in a row" in ruling.why, "a retry, or another call" in ruling.why) == (Status.INFO, True, True)
    assert asked(identified=True).status is Status.PASS


def refused(invocation: str, at: float) -> Exchange:
    headers = {"x-amz-target": "DynamoDB_20120810.PutItem"} | ({"amz-sdk-invocation-id": invocation} if invocation else {})
    request = HttpRequest("POST", "/", headers, b"{}", arrived=at)
    delivery = Delivery(how="sent", ended=at + 0.01)
    return Exchange(0, at, request, None, HttpReply(400, [], b""), delivery, error="ValidationException")


def test_requests_that_were_never_understood_count_as_well(judge: Any) -> None:
    assert judge("V4", refused=[refused("i-1", 0.0), refused("i-1", 0.1)]).status is Status.FAIL
    assert judge("V4", refused=[refused("i-1", 0.0), refused("i-2", 0.1)]).status is Status.PASS
    assert judge("V4", refused=[refused("", number / 10) for number in range(3)]).status is Status.FAIL
    assert judge("V4", refused=[refused("", number * 60.0) for number in range(3)]).status is Status.PASS


def test_what_comes_after_a_redirect_is_worth_knowing(judge: Any, call: Any) -> None:
    statuses = [judge("V36", call("a", *whats)).status for whats in (("307", "ok"), ("413",), ("ok",))]
    assert statuses == [Status.INFO, Status.PASS, Status.NOTHING]


def test_the_text_of_an_error_must_not_decide(judge: Any, call: Any, attempt: Any) -> None:
    def said(text: str) -> Any:
        return attempt("ThrottlingException", body=b'{"__type": "ThrottlingException", "message": "%s"}' % text.encode())

    assert judge("V38", call("a", said("one"), "ok"), call("b", said("two"), "ok")).status is Status.PASS
    assert judge("V38", call("a", said("one"), "ok"), call("b", said("one"), "ok")).status is Status.NOTHING
    ruling = judge("V38", call("a", said("one"), "ok"), call("b", said("two")), call("c", "ok", at=9.0))
    assert (ruling.status, "ThrottlingException" in ruling.why) == (Status.WARN, True)


@pytest.mark.parametrize(
    ("whats", "status"),
    [
        (("FooException",), Status.PASS),
        (("FooException", "ok"), Status.FAIL),
        (("429", "ok"), Status.WARN),
        (("418", "ok"), Status.FAIL),
        (("ok",), Status.NOTHING),
        (("503",), Status.NOTHING),
    ],
)
def test_an_unknown_error_is_judged_by_its_status(judge: Any, call: Any, whats: tuple[str, ...], status: Status) -> None:
    assert judge("V39", call("a", *whats)).status is status


def test_an_unknown_error_with_a_5xx_must_be_tried_again(judge: Any, call: Any, attempt: Any) -> None:
    odd = attempt("503", body=b'{"__type": "FooException"}')
    assert judge("V39", call("a", odd, "ok")).status is Status.PASS
    assert judge("V39", call("a", odd)).status is Status.FAIL


def test_an_sdk_that_retries_a_nameless_status_is_excused(judge: Any, call: Any) -> None:
    assert judge("V39", call("a", "421", "ok", agent=RUBY)).status is Status.WARN
