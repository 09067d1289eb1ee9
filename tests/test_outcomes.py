"""What an answer tells its client: by the bytes that go out, where a scenario has changed them."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import orjson
import pytest

from emulator.journal import Delivery, Exchange
from emulator.journal.outcomes import ResponseClass, classify_response, message_of, retry_hint
from emulator.messages import Call, Ending, HttpReply, HttpRequest, Portion, WirePlan
from emulator.sdks.retry_profiles import MILLISECONDS_HINT, SECONDS_HINT


def entry(
    status: int, body: bytes = b"{}", *, fault: str = "response", how: str = "sent", operation: str = "GetItem", **headers: str
) -> Exchange:
    request = HttpRequest("POST", "/", {}, b"{}")
    call = Call("dynamodb", operation, {}, (), "us-east-1", "0", "AKID", "", request)
    reply = HttpReply(status, [(name.replace("_", "-"), value) for name, value in headers.items()], body)
    return Exchange(1, 0.0, request, call, reply, Delivery(how=how), fault=fault)


def error(code: str, **more: Any) -> bytes:
    return orjson.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", **more})


@pytest.mark.parametrize(
    ("status", "body", "outcome", "name"),
    [
        (200, b"{}", ResponseClass.SUCCESS, ""),
        (200, b"", ResponseClass.CORRUPT, "corrupt answer"),
        (200, b"<html>", ResponseClass.CORRUPT, "corrupt answer"),
        (200, b"[]", ResponseClass.CORRUPT, "corrupt answer"),
        (200, error("ThrottlingException"), ResponseClass.CORRUPT, "corrupt answer"),
        (400, error("ThrottlingException"), ResponseClass.THROTTLED, "ThrottlingException"),
        (503, error("SlowDown"), ResponseClass.THROTTLED, "SlowDown"),
        (400, error("RequestTimeout"), ResponseClass.TRANSIENT, "RequestTimeout"),
        (409, error("ReplicatedWriteConflictException"), ResponseClass.TRANSIENT, "ReplicatedWriteConflictException"),
        (500, error("InternalServerError"), ResponseClass.TRANSIENT, "InternalServerError"),
        (400, error("InternalServerError"), ResponseClass.REFUSED, "InternalServerError"),
        (502, b"<html>", ResponseClass.TRANSIENT, "502"),
        (501, b"", ResponseClass.REFUSED, "501"),
        (400, error("ValidationException"), ResponseClass.REFUSED, "ValidationException"),
        (400, b'{"code": "Odd:http://x"}', ResponseClass.REFUSED, "Odd"),
        (307, b"", ResponseClass.ODD, "307"),
        (413, b"", ResponseClass.ODD, "413"),
    ],
)
def test_answers_fall_into_the_classes_of_the_guide(status: int, body: bytes, outcome: ResponseClass, name: str) -> None:
    answer = classify_response(entry(status, body))
    assert (answer.outcome, answer.error) == (outcome, name)


def test_a_code_that_no_service_has_is_not_known() -> None:
    assert [classify_response(entry(400, error(code))).is_known for code in ("FooException", "ValidationException")] == [False, True]


def test_a_checksum_that_does_not_fit_is_seen() -> None:
    wrong = classify_response(entry(200, b"{}", x_amz_crc32="1"))
    right = classify_response(entry(200, b"{}", x_amz_crc32=str(crc32(b"{}"))))
    assert (wrong.outcome, wrong.crc_wrong, right.outcome) == (ResponseClass.CORRUPT, True, ResponseClass.SUCCESS)
    assert classify_response(entry(400, error("ValidationException"), x_amz_crc32="1")).crc_wrong


def test_a_body_that_claims_to_be_zipped_is_corrupt() -> None:
    assert classify_response(entry(200, b"{}", content_encoding="gzip")).outcome is ResponseClass.CORRUPT


def test_an_operation_without_output_has_an_empty_body() -> None:
    assert classify_response(entry(200, b"", operation="TagResource")).outcome is ResponseClass.SUCCESS


@pytest.mark.parametrize("how", ["reset", "closed", "hung", "client-closed"])
def test_a_connection_that_did_not_end_well_is_lost(how: str) -> None:
    answer = classify_response(entry(200, how=how))
    assert (answer.outcome, answer.error) == (ResponseClass.LOST, f"connection {how}")


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(200, b"{}", ResponseClass.CORRUPT), (400, b"{}", ResponseClass.CORRUPT), (200, b'{"It', ResponseClass.LOST)],
)
def test_a_whole_answer_that_promised_more_is_read_by_some_clients(status: int, body: bytes, outcome: ResponseClass) -> None:
    made = entry(status, body, how="closed", content_length=str(len(body) + 10))
    made = made._replace(plan=WirePlan(ending=Ending.CLOSE))
    assert classify_response(made).outcome is outcome


def test_a_connection_that_closes_after_the_whole_answer_loses_nothing() -> None:
    made = entry(200, how="closed", content_length="2")
    made = made._replace(plan=WirePlan(ending=Ending.CLOSE))
    assert classify_response(made).outcome is ResponseClass.SUCCESS
    made = made._replace(reply=HttpReply(400, [], error("ThrottlingException")))
    assert classify_response(made).outcome is ResponseClass.THROTTLED


def test_half_of_an_answer_that_promised_more_is_lost() -> None:
    made = entry(200, how="closed", content_length="12")
    made = made._replace(plan=WirePlan(portion=Portion(share=0.5), ending=Ending.CLOSE))
    assert classify_response(made).outcome is ResponseClass.LOST


def test_what_is_held_back_is_pending_and_what_is_on_its_way_is_not() -> None:
    held = entry(200, how="pending")
    held = held._replace(plan=WirePlan(delay=9.0))
    assert classify_response(held).outcome is ResponseClass.PENDING
    assert classify_response(entry(200, how="pending")).outcome is ResponseClass.SUCCESS


def test_without_a_fault_the_journal_is_believed() -> None:
    plain = entry(200, b"not looked at", fault="")
    assert classify_response(plain).outcome is ResponseClass.SUCCESS
    plain = plain._replace(error="ThrottlingException", reply=HttpReply(400, [], b""))
    assert classify_response(plain).outcome is ResponseClass.THROTTLED


@pytest.mark.parametrize(("text", "seconds"), [("1500", 1.5), ("0", 0.0), ("soon", None), ("-1", None), ("9" * 20, None)])
def test_the_wait_that_a_server_asks_for_is_read(text: str, seconds: float | None) -> None:
    assert retry_hint(entry(400, x_amz_retry_after=text)) == (None if seconds is None else (MILLISECONDS_HINT, seconds))


@pytest.mark.parametrize(
    ("text", "seconds"), [("2", 2.0), ("Fri, 15 Jan 2027 08:00:10 GMT", 10.0), ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0), ("later", None)]
)
def test_older_clients_are_asked_in_seconds_or_by_a_date(text: str, seconds: float | None) -> None:
    asked = entry(503, retry_after=text)._replace(time=1_800_000_000.0)
    assert retry_hint(asked) == (None if seconds is None else (SECONDS_HINT, seconds))
    both = entry(503, retry_after=text, x_amz_retry_after="1500")
    assert retry_hint(both) == (MILLISECONDS_HINT, 1.5)


def test_the_text_of_an_error_is_found_under_either_name() -> None:
    assert message_of(entry(400, error("A", message="one"))) == "one"
    assert message_of(entry(400, error("A", Message="two"))) == "two"
    assert message_of(entry(400, b"<html>")) == ""
