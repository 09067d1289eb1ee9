"""V1 to V3: errors that a client should try again after."""

from __future__ import annotations

import heapq
import random
from typing import Any

import pytest

from emulator.audit import Status

BOTO3_LEGACY = "Boto3/1.40.0 md/Botocore#1.40.0 m/D cfg/retry-mode#legacy Botocore/1.40.0"
BOTO3_STANDARD = "Boto3/1.40.0 md/Botocore#1.40.0 m/E cfg/retry-mode#standard Botocore/1.40.0"
FAILED = "InternalServerError"
JS = "aws-sdk-js/3.1169.0 ua/2.1 m/E"
THROTTLED = "ProvisionedThroughputExceededException"
KINDS = [("V1", THROTTLED), ("V2", "InternalServerError"), ("V2", "503"), ("V3", "reset"), ("V3", "client-closed"), ("V3", "closed")]


@pytest.mark.parametrize(("verdict", "error"), KINDS)
def test_a_client_that_tries_again_passes(judge: Any, call: Any, verdict: str, error: str) -> None:
    assert judge(verdict, call("a", error, "ok")).status is Status.PASS


@pytest.mark.parametrize(("verdict", "error"), KINDS)
def test_a_client_that_gives_up_at_once_fails(judge: Any, call: Any, verdict: str, error: str) -> None:
    later = call("b", "ok", at=5.0)
    ruling = judge(verdict, call("a", error), later)
    assert (ruling.status, ruling.calls) == (Status.FAIL, ("a",))
    assert "PutItem a" in ruling.why


@pytest.mark.parametrize(("verdict", "error"), KINDS)
def test_without_such_an_error_there_is_nothing_to_judge(judge: Any, call: Any, verdict: str, error: str) -> None:
    assert judge(verdict, call("a", "ok"), call("b", "ValidationException")).status is Status.NOTHING


def test_each_error_is_a_matter_of_its_own(judge: Any, call: Any) -> None:
    ruling = judge("V1", call("a", THROTTLED, "ok"), call("b", "ThrottlingException"))
    assert (ruling.status, ruling.calls) == (Status.FAIL, ("b",))


def test_an_error_that_was_retried_elsewhere_is_no_matter_of_this_verdict(judge: Any, call: Any) -> None:
    assert judge("V1", call("a", THROTTLED, "ok"), call("b", THROTTLED)).status is Status.PASS


def test_a_mode_that_does_not_know_an_error_is_named_with_its_cure(judge: Any, call: Any) -> None:
    ruling = judge("V1", call("a", "RequestLimitExceeded", agent=BOTO3_LEGACY))
    assert ruling.status is Status.WARN
    assert "boto3 (legacy mode)" in ruling.why
    assert "retries={'mode': 'standard'}" in ruling.why
    assert judge("V1", call("a", "RequestLimitExceeded", agent=BOTO3_STANDARD)).status is Status.FAIL


def test_a_cut_answer_is_final_to_some_sdks(judge: Any, call: Any, attempt: Any) -> None:
    def ended(agent: str) -> Any:
        entries = call("a", attempt("closed"), agent=agent)
        entries[0].delivery.sent = 255
        return judge("V3", entries, call("b", "ok", at=9.0, agent=agent))

    known = ended("aws-sdk-go-v2/1.47.6 ua/2.1 m/E")
    assert (known.status, "change that" in known.why) == (Status.WARN, False)
    assert ended(BOTO3_STANDARD).status is Status.FAIL


def test_a_limit_that_may_stay_is_a_warning(judge: Any, call: Any) -> None:
    assert judge("V1", call("a", "LimitExceededException")).status is Status.WARN


def test_who_turns_retries_off_and_does_not_retry_gives_up(judge: Any, call: Any) -> None:
    ruling = judge("V2", call("a", "InternalServerError", numbered=1))
    assert (ruling.status, "turned off" in ruling.why) == (Status.FAIL, True)


def test_an_application_may_retry_in_its_sdk_s_place(judge: Any, call: Any) -> None:
    same = {"TableName": "orders", "Item": {"id": {"S": "x"}}}
    first = call("a", "InternalServerError", params=same, numbered=1)
    assert judge("V2", first, call("b", "ok", params=same, at=1.0, numbered=1)).status is Status.PASS
    assert judge("V2", first, call("b", "ok", params=same, at=1000.0, numbered=1)).status is Status.PASS
    assert judge("V2", first, call("b", "ok", at=1.0, numbered=1)).status is Status.FAIL


def test_the_same_work_with_another_content_is_tried_again(judge: Any, call: Any) -> None:
    stamped = [{"TableName": "orders", "Item": {"id": {"S": "x"}, "at": {"N": str(number)}}} for number in range(3)]
    tries = [
        call(f"c{number}", "ThrottlingException" if number < 2 else "ok", params=params, at=number * 0.3, numbered=1)
        for number, params in enumerate(stamped)
    ]
    assert judge("V1", *tries).status is Status.PASS
    assert judge("V1", *tries[:1]).status is Status.FAIL


def test_who_reads_what_became_of_a_write_need_not_repeat_it(judge: Any, call: Any) -> None:
    key = {"TableName": "orders", "Key": {"id": {"S": "x"}}}
    lost = call("a", "reset", operation="DeleteItem", params=key, numbered=1)
    read = call("b", "ok", operation="GetItem", params=key, at=1.0, numbered=1)
    other = call("b", "ok", operation="GetItem", params={"TableName": "orders", "Key": {"id": {"S": "y"}}}, at=1.0, numbered=1)
    assert judge("V3", lost, read).status is Status.NOTHING
    assert judge("V3", lost, other).status is Status.FAIL
    throttled = call("a", "ThrottlingException", operation="DeleteItem", params=key, numbered=1)
    assert judge("V1", throttled, read).status is Status.FAIL


def test_a_hedged_request_that_lost_is_no_call_given_up(judge: Any, call: Any, attempt: Any) -> None:
    key = {"TableName": "orders", "Key": {"id": {"S": "x"}}}
    loser = call("a", attempt("client-closed", took=0.3), operation="GetItem", params=key, identified=False)
    winner = call("b", attempt("ok", took=0.05), operation="GetItem", params=key, at=0.1, identified=False)
    after = call("c", "ok", at=9.0, identified=False)
    assert judge("V3", loser, winner, after).status is Status.NOTHING
    assert judge("V3", loser, after).status is Status.FAIL


def test_nobody_has_to_repeat_a_write_that_would_add_up(judge: Any, call: Any) -> None:
    counter = {
        "TableName": "orders",
        "Key": {"id": {"S": "x"}},
        "UpdateExpression": "ADD hits :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    lost = call("a", "reset", operation="UpdateItem", params=counter)
    assert judge("V3", lost, call("b", "ok", at=9.0)).status is Status.NOTHING
    throttled = call("a", THROTTLED, operation="UpdateItem", params=counter)
    assert judge("V1", throttled, call("b", "ok", at=9.0)).status is Status.FAIL


def test_the_last_thing_that_a_program_did_may_have_been_to_end(judge: Any, call: Any) -> None:
    assert judge("V3", call("a", "client-closed")).status is Status.NOTHING
    ruling = judge("V7", call("a", "client-closed"))
    assert (ruling.status, ruling.why.startswith("1 call cut")) == (Status.INFO, True)


def test_an_interrupted_program_gave_nothing_up(judge: Any, call: Any) -> None:
    calls = [call("a", "ThrottlingException", numbered=4), call("b", "ThrottlingException", "ok", numbered=4)]
    assert judge("V7", *calls).status is Status.FAIL
    assert judge("V7", *calls, interrupted=True).status is Status.FAIL
    last = call("a", "ThrottlingException", at=9.0, numbered=4)
    assert judge("V7", *calls[1:], last, interrupted=True).status is Status.INFO


def test_an_adaptive_client_may_have_held_back_its_calls_when_it_was_interrupted(judge: Any, call: Any) -> None:
    """Its send rate makes calls wait for minutes, and nothing shows it."""
    agent = "Boto3/1.44.8 md/Botocore#1.44.8 m/{} cfg/retry-mode#{} Botocore/1.44.8"

    def judged(letter: str, mode: str) -> Status:
        waiting = call("a", "ThrottlingException", "ThrottlingException", agent=agent.format(letter, mode), numbered=4)
        others = [call(f"b{number}", "ThrottlingException", "ok", agent=agent.format(letter, mode), at=number * 30.0, numbered=4)
                  for number in range(3)]  # fmt: skip
        ruling = judge("V7", waiting, *others, interrupted=True)
        assert isinstance(ruling.status, Status)
        return ruling.status

    assert (judged("F", "adaptive"), judged("E", "standard")) == (Status.INFO, Status.FAIL)


def test_a_spent_quota_is_a_reason(judge: Any, call: Any) -> None:
    spent = [call(f"c{number}", *["InternalServerError"] * 4, at=number * 10.0, agent=JS, numbered=4) for number in range(12)]
    exhausted = call("exhausted", "ThrottlingException", at=500.0, agent=JS, numbered=4)
    assert judge("V1", exhausted).status is Status.FAIL
    assert judge("V1", *spent, exhausted).status is Status.NOTHING


def test_a_deadline_is_a_reason(judge: Any, call: Any, attempt: Any) -> None:
    headers = {"x-amz-date": "20261120T120000Z", "amz-sdk-request": "ttl=20261120T120003Z; attempt=1; max=4"}
    slow = call("a", attempt("InternalServerError", took=2.5, headers=headers))
    fast = call("a", attempt("InternalServerError", headers=headers))
    assert [judge("V2", one, call("b", "ok", at=9.0)).status for one in (slow, fast)] == [Status.NOTHING, Status.FAIL]


def test_botocore_cannot_read_every_body(judge: Any, call: Any, attempt: Any) -> None:
    odd = attempt("500", body=b"[]")
    assert judge("V2", call("a", odd, agent=BOTO3_STANDARD)).status is Status.WARN
    assert judge("V2", call("a", odd, agent="curl/8")).status is Status.FAIL


def test_an_attempt_under_way_is_not_yet_given_up(judge: Any, call: Any, attempt: Any) -> None:
    assert judge("V2", call("a", "InternalServerError", attempt(pending=True))).status is Status.PASS


@pytest.mark.parametrize("held_up", [0.06, 0.6])
def test_calls_at_once_share_a_quota_whatever_the_order_of_their_answers(judge: Any, call: Any, attempt: Any, held_up: float) -> None:
    """AWS SDK for JavaScript, 64 calls, 32 at once: three 500s each. The server sees the answers in its order, the client in another."""
    for seed in range(20):
        made = shared_quota(seed, call, attempt, held_up)
        ruling = judge("V7", *made)
        assert (ruling.status, "its retry quota was spent" in ruling.why) == (Status.PASS, True), ruling.why
        assert judge("V2", *made).status is Status.PASS


def shared_quota(seed: int, call: Any, attempt: Any, held_up: float) -> list[Any]:
    """What the SDK does: a token is taken when an answer is looked at, which is up to so many seconds after it is out."""
    dice = random.Random(seed)
    tokens, made = 500, []
    pending: list[tuple[float, int]] = []
    tries: dict[int, list[Any]] = {}
    started: dict[int, float] = {}
    for number in range(64):
        started[number] = dice.random() * 0.02 + (0.4 if number >= 32 else 0.0)
        tries[number] = [attempt(FAILED, took=0.002)]
        heapq.heappush(pending, (started[number] + 0.002 + dice.random() * held_up, number))
    while pending:
        looked, number = heapq.heappop(pending)
        done = len(tries[number])
        if done == 4:
            tokens = min(500, tokens + 14)
        elif tokens >= 14:
            tokens -= 14
            ended = started[number] + sum(one.took for one in tries[number]) + sum(one.gap for one in tries[number][1:])
            gap = looked - ended + dice.random() * 0.025 * 2 ** (done - 1)
            tries[number].append(attempt("ok" if done == 3 else FAILED, gap=gap, took=0.002))
            heapq.heappush(pending, (ended + gap + 0.002 + dice.random() * held_up, number))
    for number, attempts in tries.items():
        made.append(call(f"c{number}", *attempts, at=started[number], agent=JS, numbered=4))
    return made


def test_who_gives_up_with_tokens_left_is_no_less_early_for_the_calls_beside_it(judge: Any, call: Any, attempt: Any) -> None:
    beside = [call(f"c{number}", *[attempt(FAILED)] * 3, "ok", at=0.01 * number, agent=JS, numbered=4) for number in range(8)]
    early = call("early", FAILED, FAILED, at=0.05, agent=JS, numbered=4)
    ruling = judge("V7", *beside, early)
    assert (ruling.status, ruling.calls) == (Status.FAIL, ("early",))
