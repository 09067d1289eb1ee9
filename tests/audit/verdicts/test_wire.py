"""V29 to V35 and V40: signatures, clocks, broken answers, numbers, time-outs, one attempt at a time."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.audit import Status

FAILED = "InternalServerError"
JS = "aws-sdk-js/3.900.0 ua/2.1 m/E"
JAVA = "aws-sdk-java/2.29.0 cfg/retry-mode#standard"
BOTO3 = "Boto3/1.44.5 md/Botocore#1.44.5 m/E cfg/retry-mode#standard Botocore/1.44.5"


def signed(time: str) -> dict[str, str]:
    return {"x-amz-date": f"20261120T{time}Z"}


@pytest.mark.parametrize(
    ("gap", "second", "status"),
    [
        (1.0, "120001", Status.PASS),
        (0.5, "120000", Status.PASS),
        (5.0, "120000", Status.WARN),
        (400.0, "120000", Status.FAIL),
        (400.0, "120640", Status.PASS),
    ],
)
def test_retries_are_signed_anew(judge: Any, call: Any, attempt: Any, gap: float, second: str, status: Status) -> None:
    tries = call("a", attempt(FAILED, headers=signed("120000")), attempt("ok", gap=gap, headers=signed(second)))
    assert judge("V29", tries).status is status
    assert judge("V29", call("a", FAILED, "ok")).status is Status.NOTHING


def test_a_client_that_signs_anew_may_be_held_up_before_it_sends(judge: Any, call: Any, attempt: Any) -> None:
    held_up = call("a", attempt(FAILED, headers=signed("120000")), attempt("ok", gap=5.0, headers=signed("120000")))
    other = call("b", attempt(FAILED, headers=signed("120010")), attempt("ok", gap=1.0, headers=signed("120011")), at=10.0)
    assert judge("V29", held_up, other).status is Status.PASS


@pytest.mark.parametrize(
    ("agent", "again", "status"),
    [
        (JAVA, "130000", Status.PASS),
        (JAVA, "120000", Status.FAIL),
        (JAVA, None, Status.FAIL),
        (BOTO3, None, Status.INFO),
        ("curl/8", "130000", Status.PASS),
    ],
)
def test_a_wrong_clock_is_corrected(judge: Any, call: Any, attempt: Any, agent: str, again: str | None, status: Status) -> None:
    skewed = attempt("RequestTimeTooSkewed", headers=signed("120000"), reply={"Date": "Fri, 20 Nov 2026 13:00:00 GMT"})
    second = [] if again is None else [attempt("ok", headers=signed(again))]
    assert judge("V30", call("a", skewed, *second, agent=agent)).status is status


def test_a_clock_that_stays_wrong_is_not_tried_for_ever(judge: Any, call: Any, attempt: Any) -> None:
    skewed = attempt("RequestTimeTooSkewed", headers=signed("120000"), reply={"Date": "Fri, 20 Nov 2026 13:00:00 GMT"})
    assert judge("V30", call("a", skewed, skewed, skewed, agent="curl/8")).status is Status.FAIL
    assert judge("V30", call("a", FAILED)).status is Status.NOTHING


@pytest.mark.parametrize(("agent", "status"), [(BOTO3, Status.WARN), (JS, Status.INFO), ("curl/8", Status.WARN)])
def test_a_wrong_checksum_is_seen(judge: Any, call: Any, attempt: Any, agent: str, status: Status) -> None:
    wrong = attempt("ok", reply={"x-amz-crc32": "1"})
    assert judge("V31", call("a", wrong, agent=agent)).status is status
    assert judge("V31", call("a", wrong, "ok", agent=agent)).status is Status.PASS
    assert judge("V31", call("a", "ok", agent=agent)).status is Status.NOTHING


def test_some_sdks_take_the_last_wrong_answer(judge: Any, call: Any, attempt: Any) -> None:
    wrong = attempt("ok", reply={"x-amz-crc32": "1"})
    ruling = judge("V31", call("a", wrong, wrong, agent=BOTO3))
    assert (ruling.status, "take as a success" in ruling.why) == (Status.WARN, True)


def test_a_broken_answer_is_no_success(judge: Any, call: Any, attempt: Any) -> None:
    html = attempt("ok", body=b"<html>")
    assert judge("V32", call("a", html, "ok")).status is Status.PASS
    assert judge("V32", call("a", html)).status is Status.INFO
    assert judge("V32", call("a", html), call("b", "ok", at=1.0)).status is Status.WARN
    assert judge("V32", call("a", "ok")).status is Status.NOTHING


def numbered(attempt: Any, *headers: str, time: str = "120000") -> list[Any]:
    return [
        attempt(FAILED if place + 1 < len(headers) else "ok", headers={"amz-sdk-request": text, **signed(time)})
        for place, text in enumerate(headers)
    ]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (("attempt=1; max=3", "attempt=2; max=3"), Status.PASS),
        (("attempt=1", "attempt=2; max=3"), Status.PASS),
        (("attempt=0; max=3", "attempt=1; max=3"), Status.PASS),
        (("attempt=1; max=3", "attempt=3; max=3"), Status.INFO),
        (("attempt=1; max=3", "attempt=1; max=3"), Status.WARN),
        (("attempt=1; max=3", "attempt=2; max=5"), Status.WARN),
        (("attempt=1", "ttl=20261120T115900Z; attempt=2; max=3"), Status.WARN),
        (("ttl=20261120T120100Z; attempt=1", "ttl=20261120T120030Z; attempt=2"), Status.WARN),
        (("ttl=20261120T120100Z; attempt=1", "ttl=20261120T120130Z; attempt=2"), Status.PASS),
    ],
)
def test_attempts_are_numbered_sanely(judge: Any, call: Any, attempt: Any, headers: tuple[str, ...], status: Status) -> None:
    assert judge("V33", call("a", *numbered(attempt, *headers))).status is status


def test_a_deadline_may_be_set_before_the_wait(judge: Any, call: Any, attempt: Any) -> None:
    """As botocore sets it, whose read time-out may be shorter than its wait after throttling."""

    def throttled(ttl: int, gap: float = 4.0) -> Any:
        first = attempt(FAILED, headers={"amz-sdk-request": "attempt=1; max=4", "x-amz-date": "20261120T120000Z"})
        header = f"ttl=20261120T1200{ttl:02}Z; attempt=2; max=4"
        second = attempt("ok", gap=gap, headers={"amz-sdk-request": header, "x-amz-date": "20261120T120004Z"})
        return judge("V33", call("a", first, second)).status

    assert [throttled(3), throttled(3, gap=0.1), throttled(1, gap=0.1)] == [Status.PASS, Status.PASS, Status.WARN]


def test_without_numbers_there_is_nothing_to_judge(judge: Any, call: Any) -> None:
    assert judge("V33", call("a", FAILED, "ok")).status is Status.NOTHING


@pytest.mark.parametrize(
    ("how", "took", "status"),
    [
        ("client-closed", 5.0, Status.PASS),
        ("client-closed", 60.0, Status.WARN),
        ("client-closed", 0.2, Status.INFO),
        ("hung", 45.0, Status.WARN),
        ("hung", 3.0, Status.NOTHING),
        ("ok", 50.0, Status.NOTHING),
    ],
)
def test_time_outs_are_sensible(judge: Any, call: Any, attempt: Any, how: str, took: float, status: Status) -> None:
    assert judge("V34", call("a", attempt(how, took=took))).status is status


def test_one_attempt_at_a_time(judge: Any, call: Any, attempt: Any) -> None:
    slow, beside = attempt("ok", took=1.0), attempt("ok", gap=-0.8)
    read = {"TableName": "orders", "Key": {"id": {"S": "x"}}}
    assert judge("V35", call("a", slow, beside)).status is Status.WARN
    assert judge("V35", call("a", slow, beside, operation="GetItem", params=read)).status is Status.INFO
    assert judge("V35", call("a", FAILED, "ok")).status is Status.PASS
    assert judge("V35", call("a", "ok")).status is Status.NOTHING


def test_a_client_that_learns_late_of_its_own_close_does_not_hedge(judge: Any, call: Any, attempt: Any) -> None:
    assert judge("V35", call("a", attempt("client-closed", took=1.0), attempt("ok", gap=-0.01))).status is Status.PASS


def test_the_same_write_twice_at_once_is_hedging_without_ids(judge: Any, call: Any, attempt: Any) -> None:
    same = {"TableName": "orders", "Item": {"id": {"S": "x"}}}
    first = call("a", attempt("ok", took=1.0), params=same, identified=False)
    assert judge("V35", first, call("b", "ok", params=same, at=0.3, identified=False)).status is Status.WARN
    assert judge("V35", first, call("b", "ok", params=same, at=3.0, identified=False)).status is Status.NOTHING


def test_workers_that_count_in_one_item_at_once_do_not_hedge(judge: Any, call: Any, attempt: Any) -> None:
    counter = {
        "TableName": "orders",
        "Key": {"id": {"S": "x"}},
        "UpdateExpression": "ADD hits :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }

    def counted(*starts: float, identified: bool) -> Any:
        calls = [
            call(f"c{number}", attempt("ok", took=1.0), operation="UpdateItem", params=counter, at=at, identified=identified)
            for number, at in enumerate(starts)
        ]
        return judge("V35", *calls).status

    for identified in (False, True):
        assert counted(0.0, 0.001, 0.002, 0.6, identified=identified) is Status.INFO
        assert counted(0.0, 0.001, identified=identified) is Status.NOTHING
        # One of a pair that comes while the other takes long is a second try
        assert counted(0.0, 0.3, identified=identified) is Status.WARN


def test_retries_go_where_the_call_went(judge: Any, call: Any, attempt: Any) -> None:
    here, there = {"host": "a.example"}, {"host": "b.example"}
    assert judge("V40", call("a", attempt(FAILED, headers=here), attempt("ok", headers=here))).status is Status.PASS
    assert judge("V40", call("a", attempt(FAILED, headers=here), attempt("ok", headers=there))).status is Status.INFO
    assert judge("V40", call("a", "ok")).status is Status.NOTHING
