"""V9 to V15: the waits between attempts. Random ones are drawn from fixed seeds."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from emulator.audit import Status

NEW = "Boto3/1.44.5 md/Botocore#1.44.5 m/E cfg/retry-mode#standard Botocore/1.44.5"
LEGACY = "Boto3/1.44.5 md/Botocore#1.44.5 m/D cfg/retry-mode#legacy Botocore/1.44.5"
ADAPTIVE = "Boto3/1.44.5 md/Botocore#1.44.5 m/F cfg/retry-mode#adaptive Botocore/1.44.5"
RUBY = "aws-sdk-ruby3/3.171.0 ruby/3.2.2"
KOTLIN = "aws-sdk-kotlin/1.3.81"
FAILED, THROTTLED = "InternalServerError", "ThrottlingException"
# A way to wait: seconds before retry n (from 0)
Wait = Callable[[int], float]


@pytest.fixture
def calls(call: Any, attempt: Any) -> Callable[..., list[Any]]:
    """Calls that fail `attempts` times, and wait before each retry as told."""

    def make(count: int, wait: Wait, *, attempts: int = 4, error: str = FAILED, agent: str = "", **more: Any) -> list[Any]:
        def one(number: int) -> Any:
            tries = [attempt(error, gap=wait(retry - 1) if retry else 0.0, **more) for retry in range(attempts)]
            return call(f"{error[:3]}{number}", *tries, at=number * 100.0 + (50.0 if error == THROTTLED else 0.0), agent=agent)

        return [one(number) for number in range(count)]

    return make


def full_jitter(base: float, seed: int = 1, growth: float = 2.0) -> Wait:
    dice = random.Random(seed)
    return lambda retry: dice.random() * base * growth**retry + 0.002


def test_waits_as_documented_pass(judge: Any, calls: Any) -> None:
    for error, base in ((FAILED, 0.025), (THROTTLED, 1.0)):
        for seed in range(20):
            made = calls(25, full_jitter(base, seed), error=error, agent=NEW)
            statuses = {verdict: judge(verdict, *made).status for verdict in ("V9", "V10", "V11", "V12", "V15")}
            assert Status.FAIL not in statuses.values()
            assert Status.WARN not in statuses.values()


@pytest.mark.parametrize("agent", ["", NEW, LEGACY, KOTLIN])
@pytest.mark.parametrize("error", [FAILED, THROTTLED])
def test_no_waits_at_all_fail(judge: Any, calls: Any, agent: str, error: str) -> None:
    ruling = judge("V9", *calls(3, lambda retry: 0.0005, error=error, agent=agent))
    assert (ruling.status, "% sure" in ruling.why) == (Status.FAIL, True)


def test_one_short_wait_is_no_proof(judge: Any, calls: Any) -> None:
    assert judge("V9", *calls(1, lambda retry: 0.0005, attempts=2)).status is Status.INFO
    assert judge("V9", *calls(1, lambda retry: 0.0005, attempts=2, error=THROTTLED)).status is Status.INFO
    assert judge("V9", *calls(2, lambda retry: 0.0005, attempts=2, error=THROTTLED, agent=NEW)).status is Status.FAIL
    # Who is not known may wait up to 25 ms after throttling, too
    assert judge("V9", *calls(2, lambda retry: 0.0005, attempts=2, error=THROTTLED)).status is Status.INFO


def test_a_program_may_retry_at_once_at_first(judge: Any, calls: Any) -> None:
    for seed in range(20):
        dice = random.Random(seed)

        def later(retry: int, base: float, at_once: int, dice: random.Random = dice) -> float:
            return 0.0005 + (dice.random() * base * 2 ** (retry - at_once) if retry >= at_once else 0.0)

        for at_once, base in ((0, 0.01), (1, 0.01), (1, 0.1), (2, 0.1)):
            made = calls(20, lambda retry, base=base, at_once=at_once: later(retry, base, at_once), attempts=6)
            assert judge("V9", *made).status in (Status.INFO, Status.PASS)
    ruling = judge("V9", *calls(20, lambda retry: 0.0005, attempts=2))
    assert (ruling.status, "whether the next would have waited did not show" in ruling.why) == (Status.INFO, True)


def test_an_sdk_that_does_not_wait_at_first_is_named_with_its_cure(judge: Any, calls: Any) -> None:
    ruling = judge("V9", *calls(3, lambda retry: 0.0 if retry < 2 else 0.1 * 2 ** (retry - 2), attempts=6, agent=RUBY))
    assert (ruling.status, "AWS SDK for Ruby" in ruling.why, "retry_mode" in ruling.why) == (Status.WARN, True, True)


def test_a_slow_client_is_no_careful_one(judge: Any, call: Any, attempt: Any) -> None:
    def sent(gap: float, think: float) -> list[Any]:
        tries = [FAILED, *[attempt(FAILED, gap=gap)] * 7]
        return [call(f"c{number}", *tries, at=number * (8 * 0.01 + 7 * gap + think)) for number in range(10)]

    assert judge("V9", *sent(0.025, think=0.025)).status is Status.FAIL
    assert judge("V9", *sent(0.025, think=0.0)).status is Status.PASS
    # What an application does between its calls says little of how fast it would retry
    assert judge("V9", *sent(0.03, think=5.0)).status is Status.PASS


def test_no_retry_is_nothing_to_judge(judge: Any, call: Any) -> None:
    for verdict in ("V9", "V10", "V11", "V12", "V13", "V14", "V15"):
        assert judge(verdict, call("a", "ok")).status is Status.NOTHING


@pytest.mark.parametrize("wait", [lambda retry: 0.1, lambda retry: 1.0 + retry / 1000])
def test_a_constant_wait_fails(judge: Any, calls: Any, wait: Wait) -> None:
    ruling = judge("V10", *calls(2, wait))
    assert (ruling.status, "do not grow" in ruling.why) == (Status.FAIL, True)


def test_a_short_constant_wait_is_told_from_noise_where_the_noise_is_known(judge: Any, call: Any, calls: Any) -> None:
    made = calls(4, lambda retry: 0.012)
    ruling = judge("V10", *made)
    assert (ruling.status, "no longer than this machine's noise" in ruling.why) == (Status.INFO, True)
    quick = [call("quick", "ok", at=1000.0), call("next", "ok", at=1000.0115)]
    assert judge("V10", *made, *quick).status is Status.FAIL


def test_a_few_constant_waits_are_no_proof(judge: Any, calls: Any) -> None:
    def with_a_late_start(retry: int) -> float:
        return (0.118, 0.1031, 0.1034, 0.1029)[retry]

    assert judge("V10", *calls(1, with_a_late_start, attempts=5)).status is Status.INFO
    assert judge("V10", *calls(8, with_a_late_start, attempts=5)).status is Status.FAIL
    assert judge("V10", *calls(1, lambda retry: 0.1, attempts=3)).status is Status.INFO


def test_constant_waits_that_begin_together_are_warned_of(judge: Any, call: Any, attempt: Any) -> None:
    """What holds up their client holds up all of them; where they begin apart, nothing does."""

    def workers(apart: float) -> Any:
        tries = [FAILED, *[attempt(FAILED, gap=0.2)] * 3]
        return judge("V10", *[call(f"c{number}", *tries, at=number * apart) for number in range(12)]).status

    assert [workers(0.001), workers(10.0)] == [Status.WARN, Status.FAIL]


@pytest.mark.parametrize(("count", "attempts"), [(75, 5), (10, 31), (2, 9)])
def test_linear_waits_fail(judge: Any, calls: Any, count: int, attempts: int) -> None:
    ruling = judge("V10", *calls(count, lambda retry: 0.05 * (retry + 1), attempts=attempts))
    assert (ruling.status, "grow by equal steps (50 ms, 100 ms, 150 ms, 200 ms" in ruling.why) == (Status.FAIL, True)
    jittered = full_jitter(1.0, growth=1.0)
    ruling = judge("V10", *calls(100, lambda retry: jittered(0) * (retry + 1), attempts=9))
    assert ruling.status is Status.FAIL


def test_three_linear_waits_may_be_doubled_ones_that_meet_their_cap(judge: Any, calls: Any) -> None:
    ruling = judge("V10", *calls(100, lambda retry: 0.05 * (retry + 1)))
    assert (ruling.status, "unless the last of them is a cap" in ruling.why) == (Status.WARN, True)


@pytest.mark.parametrize("ladder", [(1, 1, 2, 3, 5, 8), (1, 1.5, 2.25, 3.4, 5.1, 7.6), (1, 3, 9, 27, 81, 243), (1, 2, 4, 8, 8, 8)])
def test_other_ladders_grow_too(judge: Any, calls: Any, ladder: tuple[float, ...]) -> None:
    for jitter in (1.0, 0.5, 0.0):
        dice = random.Random(7)
        made = calls(20, lambda retry: 0.1 * ladder[retry] * (1 - jitter * dice.random()) + 0.001, attempts=7)  # noqa: B023
        assert judge("V10", *made).status is Status.PASS


def test_decorrelated_jitter_grows(judge: Any, call: Any, attempt: Any) -> None:
    for seed in range(50):
        dice = random.Random(seed)

        def waits(dice: random.Random = dice) -> list[float]:
            found = [0.1]
            for _ in range(5):
                found.append(min(1.0, dice.uniform(0.1, 3 * found[-1])))
            return found

        made = [call(f"c{n}", FAILED, *[attempt(FAILED, gap=gap) for gap in waits()], at=n * 100.0) for n in range(20)]
        assert judge("V10", *made).status in (Status.PASS, Status.INFO)


def test_what_noise_adds_does_not_hide_that_an_sdk_backs_off(judge: Any, calls: Any) -> None:
    for seed in range(100):
        dice, wait = random.Random(seed), full_jitter(0.025, seed)
        made = calls(11, lambda retry: wait(retry) + 0.05 + 0.06 * dice.random(), agent=NEW)  # noqa: B023
        assert judge("V10", *made).status in (Status.INFO, Status.PASS)


@pytest.mark.parametrize("agent", ["", NEW])
def test_waits_that_grow_with_jitter_seldom_look_constant(judge: Any, calls: Any, agent: str) -> None:
    runs = [judge("V10", *calls(1, full_jitter(0.2, seed), attempts=4, agent=agent)).status for seed in range(1000)]
    assert runs.count(Status.FAIL) < 10


def test_growth_may_end_at_a_cap_of_one_s_own(judge: Any, calls: Any) -> None:
    assert judge("V10", *calls(1, lambda retry: min(0.4, 0.05 * 2**retry), attempts=9)).status is not Status.FAIL


def test_jitter_over_a_range_that_stays_fails_when_there_is_enough_of_it(judge: Any, calls: Any) -> None:
    assert judge("V10", *calls(40, full_jitter(1.0, growth=1.0))).status is Status.FAIL
    assert judge("V10", *calls(3, full_jitter(1.0, growth=1.0))).status is Status.INFO


def test_exact_doubling_grows(judge: Any, calls: Any) -> None:
    assert judge("V10", *calls(3, lambda retry: 0.05 * 2**retry, attempts=8, agent=LEGACY)).status is Status.PASS


def test_waits_at_the_cap_need_not_grow(judge: Any, calls: Any) -> None:
    assert judge("V10", *calls(3, lambda retry: min(20.0, 5.0 * 2**retry), attempts=9)).status is not Status.FAIL


def test_waits_of_an_adaptive_client_are_its_own(judge: Any, calls: Any) -> None:
    made = calls(5, lambda retry: 3.0, agent=ADAPTIVE)
    assert judge("V10", *made).status is Status.NOTHING
    assert judge("V15", *made).status is not Status.WARN


def test_waits_that_are_the_same_in_every_call_are_not_jittered(judge: Any, calls: Any) -> None:
    def same(retry: int) -> float:
        return 0.05 * 2.0**retry

    ruling = judge("V11", *calls(8, same, agent=LEGACY))
    assert (ruling.status, "boto3 (legacy mode) has no jitter" in ruling.why) == (Status.WARN, True)
    assert "retries={'mode': 'standard'}" in ruling.why
    assert judge("V11", *calls(1, same, agent=LEGACY)).status is Status.NOTHING
    assert judge("V11", *calls(2, lambda retry: 0.05, attempts=2)).status is Status.INFO
    assert judge("V11", *calls(20, lambda retry: 0.015, attempts=2)).status is Status.INFO


def test_waits_that_begin_together_are_as_long_as_their_client_was_held_up(judge: Any, call: Any, attempt: Any) -> None:
    """A cold AWS SDK for JavaScript on a busy machine: 32 waits of 25 ms at most, all of which took 143 ms."""

    def held_up(apart: float) -> list[Any]:
        waits = [attempt("ok", gap=0.143 + 0.0003 * (number % 5)) for number in range(32)]
        return [call(f"c{number}", "InternalServerError", wait, at=apart * number) for number, wait in enumerate(waits)]

    assert judge("V11", *held_up(0.0005)).status is Status.INFO
    assert judge("V11", *held_up(0.5)).status is Status.WARN


def test_a_wait_has_a_cap(judge: Any, calls: Any) -> None:
    assert judge("V12", *calls(1, lambda retry: 19.0)).status is Status.PASS
    assert judge("V12", *calls(1, lambda retry: 40.0)).status is Status.WARN
    assert judge("V12", *calls(1, lambda retry: 40.0, agent="aws-sdk-go/1.44.0 (go1.20)")).status is Status.PASS


def test_throttling_and_trouble_are_compared(judge: Any, calls: Any) -> None:
    slow, fast = calls(8, lambda retry: 0.5, error=THROTTLED), calls(8, lambda retry: 0.02)
    assert judge("V13", *slow, *fast).status is Status.PASS
    assert judge("V13", *slow, *calls(8, lambda retry: 0.5)).status is Status.INFO
    assert judge("V13", *slow, *fast[:3]).status is Status.INFO
    assert judge("V13", *slow).status is Status.NOTHING


@pytest.mark.parametrize(
    ("hint", "gap", "agent", "status"),
    [
        ("1500", 1.51, NEW, Status.PASS),
        ("1500", 0.8, NEW, Status.FAIL),
        ("60000", 5.4, NEW, Status.PASS),
        ("60000", 60.0, NEW, Status.FAIL),
        ("1500", 0.1, LEGACY, Status.INFO),
        ("1500", 0.1, "", Status.INFO),
        ("soon", 0.1, NEW, Status.NOTHING),
    ],
)
def test_the_server_s_wish_is_heeded(judge: Any, call: Any, attempt: Any, hint: str, gap: float, agent: str, status: Status) -> None:
    asked = attempt(THROTTLED, reply={"x-amz-retry-after": hint})
    assert judge("V14", call("a", asked, attempt("ok", gap=gap), agent=agent)).status is status


def test_waits_are_those_of_the_sdk(judge: Any, calls: Any) -> None:
    assert judge("V15", *calls(2, lambda retry: 0.01, agent=NEW)).status is Status.PASS
    ruling = judge("V15", *calls(2, lambda retry: 3.0, agent=NEW))
    assert (ruling.status, "botocore-2026" in ruling.why) == (Status.WARN, True)
    assert judge("V15", *calls(2, lambda retry: 0.01)).status is Status.NOTHING


def test_a_stall_of_the_machine_is_no_fault_of_the_client(judge: Any, call: Any, calls: Any, attempt: Any) -> None:
    stalled = call("a", FAILED, attempt("ok", gap=3.0), agent=NEW)
    ruling = judge("V15", stalled)
    assert (ruling.status, "busy machine" in ruling.why) == (Status.INFO, True)
    # In many waits, two
    more = call("b", FAILED, attempt("ok", gap=3.0), agent=NEW)
    assert judge("V15", stalled, *calls(40, lambda retry: 0.01, agent=NEW), more).status is Status.INFO
    hinted = attempt(THROTTLED, reply={"x-amz-retry-after": "700"})
    assert judge("V14", call("a", hinted, attempt("ok", gap=3.0), agent=NEW)).status is Status.INFO
    assert (
        judge("V14", call("a", hinted, *[attempt(THROTTLED, gap=9.0, reply={"x-amz-retry-after": "700"})] * 2, agent=NEW)).status
        is Status.FAIL
    )


def test_attempts_that_were_configured_are_worth_knowing(judge: Any, call: Any) -> None:
    ruling = judge("V15", call("a", *[FAILED] * 6, agent=NEW, numbered=6))
    assert (ruling.status, "6 attempts" in ruling.why) == (Status.INFO, True)


OLD = "md/Botocore#1.43.117 ua/2.1 m/E cfg/retry-mode#standard Botocore/1.43.117"


def test_four_attempts_do_not_make_an_old_sdk_a_new_one(judge: Any, call: Any, attempt: Any) -> None:
    """PynamoDB 6.1 on botocore 1.43: it declares four attempts, waits up to 1, 2, 4 s, and has never heard of `x-amz-retry-after`."""
    for seed in range(20):
        wait = full_jitter(1.0, seed)
        hinted = attempt(THROTTLED, reply={"x-amz-retry-after": "3000"})
        puts = [call(f"p{n}", hinted, attempt("ok", gap=wait(0)), at=n * 50.0, agent=OLD, numbered=4) for n in range(6)]
        gets = [
            call(
                f"g{n}",
                FAILED,
                attempt(FAILED, gap=wait(0)),
                attempt("ok", gap=wait(1)),
                at=500.0 + n * 50,
                agent=OLD,
                numbered=4,
                operation="GetItem",
            )
            for n in range(6)
        ]
        assert judge("V14", *puts, *gets).status is Status.INFO
        assert judge("V15", *puts, *gets).status is Status.INFO
        assert judge("V10", *puts, *gets).status in (Status.INFO, Status.PASS)


def test_a_guessed_profile_fails_and_warns_of_nothing(judge: Any, call: Any, calls: Any, attempt: Any) -> None:
    unsure, hinted = "aws-sdk-go-v2/1.48.0 m/E", attempt(THROTTLED, reply={"x-amz-retry-after": "3000"})
    early = call("a", hinted, attempt("ok", gap=0.1), agent=unsure, numbered=4)
    assert judge("V14", early).status is Status.INFO
    late = [call(f"l{n}", FAILED, attempt("ok", gap=1.5), agent=unsure, numbered=4, at=n * 10.0) for n in range(10)]
    ruling = judge("V15", *late)
    assert (ruling.status, "a guess by the attempts that it declares" in ruling.why) == (Status.INFO, True)


@pytest.mark.parametrize(
    ("header", "version", "status"),
    [
        ("x-amz-retry-after", "3.1169.0", Status.FAIL),
        # Heeded by the retry code of before 2026 only; which one an older version has, its installation decides
        ("retry-after", "3.1169.0", Status.NOTHING),
        ("retry-after", "3.900.0", Status.INFO),
        ("x-amz-retry-after", "3.900.0", Status.INFO),
    ],
)
def test_the_javascript_sdk_heeds_one_header_or_the_other(
    judge: Any, call: Any, attempt: Any, header: str, version: str, status: Status
) -> None:
    asked = attempt(THROTTLED, reply={header: "3" if header == "retry-after" else "3000"})
    agent = f"aws-sdk-js/{version} ua/2.1 m/E"
    made = [call(f"c{n}", asked, attempt("ok", gap=0.1), at=n * 10.0, agent=agent, numbered=3) for n in range(3)]
    assert judge("V14", *made).status is status


def test_go_1_waits_after_a_503_as_after_throttling(judge: Any, call: Any, attempt: Any) -> None:
    agent = "aws-sdk-go/1.55.8 (go1.26.8; linux; amd64)"

    def waited(status: str) -> Any:
        calls = [call(f"{status}{number}", status, attempt("ok", gap=0.9), agent=agent, at=number * 5.0) for number in range(10)]
        return judge("V15", *calls).status

    assert (waited("503"), waited("500")) == (Status.PASS, Status.WARN)
