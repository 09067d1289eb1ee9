"""V6, V16, V17, V18: the same work sent again and again, as a call of its own each time."""

from __future__ import annotations

from typing import Any

from emulator.audit import Status, evidence_of
from emulator.journal.invocations import group

THROTTLED = "ThrottlingException"
BOTO3 = "Boto3/1.44.8 md/Botocore#1.44.8 m/E cfg/retry-mode#standard Botocore/1.44.8"


def delivered(call: Any, item: str, times: int, attempts: int = 4, success: bool = False) -> list[Any]:
    """A message that a queue brings so often, each time handed to an SDK, whose quota runs out after some calls."""
    found = []
    for number in range(times):
        params = {"TableName": "orders", "Item": {"id": {"S": item}, "delivery": {"N": str(number)}}}
        made = [THROTTLED] * (attempts if number < 10 else 1)
        last = ["ok"] if success and number == times - 1 else []
        found.append(call(f"{item}{number}", *made, *last, params=params, at=number * 5.0, agent=BOTO3, numbered=4))
    return found


def all_of(call: Any, items: str, times: int, **more: Any) -> list[Any]:
    return [one for item in items for one in delivered(call, item, times, **more)]


def test_endless_redelivery_is_seen_with_its_figures(judge: Any, call: Any) -> None:
    calls = all_of(call, "abcde", 100)
    requests = 5 * (10 * 4 + 90)
    found = {name: judge(name, *calls) for name in ("V6", "V16", "V17", "V18")}
    assert {name: ruling.status for name, ruling in found.items()} == {
        "V6": Status.FAIL,
        "V16": Status.WARN,
        "V17": Status.FAIL,
        "V18": Status.WARN,
    }
    assert f"5 pieces of work sent {requests} times without a success, one of them 130 times" in found["V6"].why
    assert f"5 pieces of work sent {requests} times in an outage" in found["V16"].why
    assert f"{requests} attempts for 5 pieces of work" in found["V17"].why
    assert f"{requests} attempts for 5 pieces of work that failed at first, 130.0 each" in found["V18"].why


def test_what_counts_in_one_item_may_be_one_event_after_another(judge: Any, call: Any) -> None:
    counter = {"UpdateExpression": "ADD hits :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    params = {"TableName": "orders", "Key": {"id": {"S": "x"}}, **counter}
    events = [
        call(f"e{number}", *[THROTTLED] * 4, operation="UpdateItem", params=params, at=number * 9.0, agent=BOTO3, numbered=4)
        for number in range(20)
    ]
    assert {judge(name, *events).status for name in ("V6", "V17")} == {Status.WARN}


def test_a_few_deliveries_are_bounded(judge: Any, call: Any) -> None:
    calls = all_of(call, "abcde", 5, success=True)
    assert judge("V6", *calls).status is Status.FAIL
    bounded = [one for item in "abcde" for one in delivered(call, item, 3)]
    assert judge("V6", *bounded).status is Status.PASS


def test_a_loop_with_other_content_each_time_is_one_loop(judge: Any, call: Any) -> None:
    stamped = [
        call(f"c{number}", THROTTLED, params={"TableName": "orders", "Item": {"id": {"S": "x"}, "at": {"N": str(number)}}},
             at=number * 0.0125, numbered=1)
        for number in range(50)
    ]  # fmt: skip
    assert judge("V6", *stamped).status is Status.FAIL
    assert judge("V9", *stamped).status is Status.FAIL
    assert judge("V1", *stamped).status is Status.PASS


def test_so_is_one_of_a_client_that_numbers_nothing(judge: Any, call: Any) -> None:
    stamped = [
        call(f"c{number}", THROTTLED, params={"TableName": "orders", "Item": {"id": {"S": "x"}, "at": {"N": str(number)}}},
             at=number * 0.0125, identified=False)
        for number in range(50)
    ]  # fmt: skip
    assert (judge("V6", *stamped).status, judge("V9", *stamped).status) == (Status.FAIL, Status.FAIL)


def test_workers_that_read_one_item_during_an_outage_are_no_loop(judge: Any, call: Any, attempt: Any) -> None:
    """Each is an SDK's call of four attempts; the first attempts of the others fall into its first wait."""
    read = {"TableName": "orders", "Key": {"id": {"S": "hot"}}}
    throttled = [attempt(THROTTLED, gap=0.5) for _ in range(4)]
    calls = [call(f"c{number}", *throttled, operation="GetItem", params=read, at=number * 0.012, numbered=4) for number in range(32)]
    assert not {judge(name, *calls).status for name in ("V6", "V17", "V18")} & {Status.WARN, Status.FAIL}


def test_where_several_workers_ask_the_same_without_numbers_no_call_is_told_from_another(judge: Any, call: Any) -> None:
    read = {"TableName": "orders", "Key": {"id": {"S": "hot"}}}
    alike = [
        call(f"c{number}", *[THROTTLED] * 20, operation="GetItem", params=read, at=number * 0.004, identified=False) for number in range(3)
    ]
    assert judge("V6", *alike[:1]).status is Status.FAIL
    certain = [entry._replace(tries=0) for entry in alike[1]]
    evidence = evidence_of(group([*alike[0], *certain]))
    assert evidence.calls == ()
