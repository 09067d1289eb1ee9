"""V6 to V8: how long a client goes on."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.audit import Status

BOTO3 = "Boto3/1.44.5 md/Botocore#1.44.5 m/E cfg/retry-mode#standard Botocore/1.44.5"
BOTO3_LEGACY = "Boto3/1.40.0 md/Botocore#1.40.0 m/D cfg/retry-mode#legacy Botocore/1.40.0"
FAILED = "InternalServerError"


@pytest.mark.parametrize(
    ("attempts", "numbered", "status"),
    [
        (1, None, Status.NOTHING),
        (11, None, Status.PASS),
        (12, None, Status.FAIL),
        (4, 4, Status.PASS),
        (5, 4, Status.FAIL),
        (11, 20, Status.PASS),
        (20, 20, Status.WARN),
    ],
)
def test_attempts_have_an_end(judge: Any, call: Any, attempts: int, numbered: int | None, status: Status) -> None:
    assert judge("V6", call("a", *[FAILED] * attempts, numbered=numbered)).status is status


def test_a_client_uses_the_attempts_that_it_declares(judge: Any, call: Any) -> None:
    whole = call("a", *[FAILED] * 4, numbered=4)
    short = call("b", *[FAILED] * 2, numbered=4, at=9.0)
    after = call("c", "ok", at=20.0, numbered=4)
    assert judge("V7", whole).status is Status.PASS
    ruling = judge("V7", whole, short, after)
    assert (ruling.status, ruling.calls, "2 attempts of the 4" in ruling.why) == (Status.FAIL, ("b",), True)


@pytest.mark.parametrize(("between", "status"), [("ConditionalCheckFailedException", Status.PASS), ("ok", Status.FAIL)])
def test_a_quota_is_filled_again_by_successes_alone(judge: Any, call: Any, between: str, status: Status) -> None:
    # Eleven calls of three retries at 14 tokens leave 38 of 500
    spent = [call(f"s{number}", *[FAILED] * 4, at=float(number), numbered=4, agent=BOTO3) for number in range(11)]
    others = [call(f"o{number}", between, at=20.0 + number, numbered=4, agent=BOTO3) for number in range(100)]
    short = call("b", FAILED, FAILED, FAILED, at=200.0, numbered=4, agent=BOTO3)
    assert judge("V7", *spent, *others, short, call("c", "ok", at=300.0, numbered=4, agent=BOTO3)).status is status


def test_what_is_only_documented_of_an_sdk_may_be_configured_otherwise(judge: Any, call: Any) -> None:
    short = call("a", FAILED, FAILED, FAILED, agent=BOTO3_LEGACY)
    assert judge("V7", short).status is Status.WARN


def test_a_client_that_nobody_knows_may_stop_after_a_retry(judge: Any, call: Any) -> None:
    assert judge("V7", call("a", FAILED, FAILED)).status is Status.PASS


def test_a_call_that_got_through_is_fine(judge: Any, call: Any) -> None:
    assert judge("V7", call("a", FAILED, "ok")).status is Status.PASS
    assert judge("V7", call("a", "ok")).status is Status.NOTHING


def test_giving_up_at_once_is_the_matter_of_other_verdicts(judge: Any, call: Any) -> None:
    assert judge("V7", call("a", FAILED, numbered=4), call("b", "ok", at=9.0)).status is Status.PASS


@pytest.mark.parametrize(("gap", "status"), [(30.0, Status.PASS), (61.0, Status.WARN)])
def test_a_call_stops_around_a_minute(judge: Any, call: Any, attempt: Any, gap: float, status: Status) -> None:
    assert judge("V8", call("a", FAILED, attempt("ok", gap=gap))).status is status
