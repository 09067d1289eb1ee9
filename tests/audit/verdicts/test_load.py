"""V16 to V19 and V37: what retries do to a service in trouble."""

from __future__ import annotations

import random
from typing import Any

import pytest

from emulator.audit import Status

NEW = "Boto3/1.44.5 md/Botocore#1.44.5 m/E cfg/retry-mode#standard Botocore/1.44.5"
LEGACY = "Boto3/1.44.5 md/Botocore#1.44.5 m/D cfg/retry-mode#legacy Botocore/1.44.5"
FAILED, THROTTLED = "InternalServerError", "ThrottlingException"
SAME = {"TableName": "orders", "Item": {"id": {"S": "x"}}}
READ = {"TableName": "orders", "Key": {"id": {"S": "x"}}}


def outage(call: Any, attempts: list[int], agent: str = "") -> list[Any]:
    return [call(f"c{number}", *[FAILED] * count, at=number * 10.0, agent=agent) for number, count in enumerate(attempts)]


def test_a_quota_shows_in_a_long_outage(judge: Any, call: Any) -> None:
    assert judge("V16", *outage(call, [4] * 12 + [1] * 60, NEW)).status is Status.PASS
    assert judge("V16", *outage(call, [4] * 20)).status is Status.NOTHING
    ruling = judge("V16", *outage(call, [10] * 70, LEGACY))
    assert (ruling.status, "boto3 (legacy mode) has no quota" in ruling.why) == (Status.WARN, True)
    assert judge("V16", *outage(call, [4] * 70)).status is Status.WARN


def test_several_clients_with_a_quota_each_look_like_one_without(judge: Any, call: Any) -> None:
    assert judge("V16", *outage(call, [4] * 70, NEW)).status is Status.INFO


def test_a_success_ends_an_outage(judge: Any, call: Any) -> None:
    calls = [call(f"c{number}", *[FAILED] * 3, *(["ok"] if number % 20 == 0 else []), at=number * 10.0) for number in range(80)]
    assert judge("V16", *calls).status is Status.NOTHING


def layers(call: Any, count: int, *, operation: str = "PutItem", params: Any = SAME, pause: float = 1.0, tries: int = 3) -> list[Any]:
    return [call(f"c{number}", *[FAILED] * tries, at=number * (1.0 + pause), params=params, operation=operation) for number in range(count)]


@pytest.mark.parametrize(("count", "status"), [(1, Status.PASS), (2, Status.WARN), (3, Status.FAIL)])
def test_a_loop_around_an_sdk_that_retries_multiplies(judge: Any, call: Any, count: int, status: Status) -> None:
    ruling = judge("V17", *layers(call, count))
    assert ruling.status is status
    if count == 3:
        assert "9 attempts for one PutItem, as 3 + 3 + 3" in ruling.why


def test_a_loop_around_an_sdk_that_does_not_retry_is_one_layer(judge: Any, call: Any) -> None:
    assert judge("V17", *layers(call, 3, tries=1)).status is Status.NOTHING


def test_readers_of_one_item_may_be_independent(judge: Any, call: Any) -> None:
    read = [call(f"c{number}", *[FAILED] * 3, at=at, params=READ, operation="GetItem") for number, at in enumerate((0, 1, 3, 7, 15))]
    assert judge("V17", *read).status is Status.WARN


def test_the_same_read_at_a_steady_pace_may_be_a_poll(judge: Any, call: Any) -> None:
    polls = layers(call, 40, operation="GetItem", params=READ, pause=1.0)
    found = {name: judge(name, *polls) for name in ("V6", "V17", "V18")}
    assert {name: ruling.status for name, ruling in found.items()} == {"V6": Status.PASS, "V17": Status.INFO, "V18": Status.PASS}
    assert "40 reads failed and came again at a steady pace: a poll, or a loop" in found["V17"].why
    assert {judge(name, *layers(call, 40, pause=1.0)).status for name in ("V6", "V17")} == {Status.FAIL}


def test_so_may_that_of_a_client_without_numbers(judge: Any, call: Any) -> None:
    def asked(items: str, pace: float, answers: list[str], apart: float = 300.0) -> list[Any]:
        return [
            call(f"{item}{number}", what, at=place * apart + number * pace, operation="GetItem", identified=False,
                 params={"TableName": "orders", "Key": {"id": {"S": item}}})
            for place, item in enumerate(items)
            for number, what in enumerate(answers)
        ]  # fmt: skip

    names = ("V6", "V8", "V9", "V10", "V16", "V17", "V18")
    for polls in (asked("x", 2.0, [FAILED] * 40), asked("x", 2.0, ["ok"] * 5 + [FAILED] * 30 + ["ok"] * 5)):
        assert not {judge(name, *polls).status for name in names} & {Status.FAIL, Status.WARN}
    # Who asks in no time polls nothing, and who gives up on one item and turns to the next one tries again
    for loops in (asked("x", 0.05, [FAILED] * 40), asked("abcde", 2.0, [FAILED] * 15)):
        assert judge("V6", *loops).status is Status.FAIL


def test_the_same_after_a_long_time_is_another_matter(judge: Any, call: Any) -> None:
    assert judge("V17", *layers(call, 3, pause=60.0)).status is Status.PASS


def test_load_is_multiplied_a_few_times_at_most(judge: Any, call: Any) -> None:
    assert judge("V18", *outage(call, [4] * 10)).status is Status.PASS
    assert judge("V18", *outage(call, [4] * 9)).status is Status.NOTHING
    ruling = judge("V18", *outage(call, [10] * 10, LEGACY))
    assert (ruling.status, "100 attempts for 10 failing calls, 10.0 each" in ruling.why) == (Status.WARN, True)


def throttled_together(call: Any, attempt: Any, gaps: list[float]) -> list[Any]:
    return [call(f"c{number}", THROTTLED, attempt("ok", gap=gap), at=number / 1000) for number, gap in enumerate(gaps)]


def test_clients_that_failed_together_come_back_apart(judge: Any, call: Any, attempt: Any) -> None:
    dice = random.Random(3)
    assert judge("V19", *throttled_together(call, attempt, [dice.random() for _ in range(20)])).status is Status.PASS
    assert judge("V19", *throttled_together(call, attempt, [0.5] * 5)).status is Status.NOTHING
    ruling = judge("V19", *throttled_together(call, attempt, [0.5] * 20))
    assert (ruling.status, "100%" in ruling.why) == (Status.WARN, True)
    # Jitter brings five of eight together now and then
    assert judge("V19", *throttled_together(call, attempt, [0.11, 0.12, 0.13, 0.14, 0.15, 0.3, 0.4, 0.5])).status is Status.PASS


def test_work_goes_on_after_an_outage(judge: Any, call: Any, attempt: Any) -> None:
    def recovered(gap: float) -> Any:
        return judge("V37", call("a", *[FAILED] * 5, attempt("ok", gap=gap)))

    assert recovered(1.0).status is Status.PASS
    assert recovered(25.0).status is Status.INFO
    assert judge("V37", call("a", FAILED, "ok")).status is Status.NOTHING
