"""Each statement of `expect`: when it holds, when it does not, and what is said then."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.audit import VERDICTS, Finding, Status, evidence_of, judge_expectations
from emulator.clock import ManualClock
from emulator.faults import RuleSet
from emulator.journal.invocations import LogicalCall, group
from emulator.messages import Written
from emulator.scenario import load_scenario

RULE = {"name": "r", "when": {"operation": "PutItem"}, "fault": "InternalServerError", "unfired": "allow"}
THROTTLED = (0.0, "ThrottlingException", False)
MakeCall = Callable[..., LogicalCall]


def judge(expectation: dict[str, Any], *calls: LogicalCall, rules: list[dict[str, Any]] | None = None) -> Finding:
    scenario = load_scenario({"version": 1, "rules": [RULE] if rules is None else rules, "expect": [expectation]})
    reports = RuleSet.of(scenario, ManualClock(), 1).rules()
    return judge_expectations(scenario, calls, reports)[0]


@pytest.fixture
def good(make_call: MakeCall) -> LogicalCall:
    return make_call("good", THROTTLED, (0.5, "ThrottlingException", False), (1.2, "", True))


@pytest.fixture
def bad(make_call: MakeCall) -> LogicalCall:
    return make_call("bad", THROTTLED)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ({"attempts": 3}, "expected 3 attempts, but 1 of 2 calls differ (bad: 1)"),
        ({"attempts": "2..3"}, "expected 2 to 3 attempts, but 1 of 2 calls differ (bad: 1)"),
        ({"outcome": "success"}, "expected outcome success, but 1 of 2 calls differ (bad: ThrottlingException)"),
        ({"retried": True}, "expected a retry, but 1 of 2 calls differ (bad: 1 attempts)"),
    ],
)
def test_a_statement_is_about_each_call(good: LogicalCall, bad: LogicalCall, statement: dict[str, Any], why: str) -> None:
    expectation = {"calls": {"operation": "PutItem"}, **statement}
    assert judge(expectation, good).status == "pass"
    finding = judge(expectation, good, bad)
    assert (finding.status, finding.why, finding.calls) == ("fail", why, ("bad",))


@pytest.mark.parametrize("statement", [{"attempts": 3}, {"outcome": "success"}, {"within": "1s"}, {"retried": False}])
def test_no_such_call_is_a_failure(statement: dict[str, Any]) -> None:
    finding = judge({"calls": {"operation": "PutItem"}, **statement})
    assert (finding.status, "saw no such call" in finding.why) == ("fail", True)


def test_calls_are_counted(good: LogicalCall, bad: LogicalCall) -> None:
    assert judge({"calls": {"operation": "PutItem"}, "count": 2}, good, bad).status == "pass"
    assert judge({"calls": {"operation": "GetItem"}, "count": 0}, good, bad).status == "pass"
    assert judge({"calls": {"operation": "PutItem"}, "count": "3.."}, good, bad).why == "expected at least 3 calls, saw 2"


def test_a_call_has_its_time(good: LogicalCall) -> None:
    assert judge({"calls": {"operation": "PutItem"}, "within": "2s"}, good).status == "pass"
    assert "good: 1.730 s" in judge({"calls": {"operation": "PutItem"}, "within": "1s"}, good).why


def test_firings_are_counted(good: LogicalCall) -> None:
    assert judge({"calls": {"operation": "PutItem"}, "fired": 2}, good).status == "pass"
    assert judge({"rule": "r", "fired": 1}, good).why == "expected 1 firings, saw 0"


@pytest.mark.parametrize(
    ("backoff", "why"),
    [
        ({"min": "400ms", "max": "2s", "grows": True}, ""),
        ({"min": "600ms"}, "good waited only 500.0 ms before attempt 2"),
        ({"max": "1s"}, "good waited 1.200 s before attempt 3"),
        ({"profile": "standard-2026"}, ""),
        ({"profile": "php-legacy"}, "good waited 0.500 s before attempt 2; php-legacy waits 0.250 s at most"),
    ],
)
def test_gaps_are_measured(good: LogicalCall, backoff: dict[str, Any], why: str) -> None:
    finding = judge({"calls": {"operation": "PutItem"}, "backoff": backoff}, good)
    assert finding.status == ("fail" if why else "pass")
    assert why in finding.why


def test_constant_gaps_do_not_grow(make_call: MakeCall) -> None:
    constant = make_call("constant", THROTTLED, (0.5, "ThrottlingException", False), (0.5, "", True))
    wanted = {"calls": {"operation": "PutItem"}, "backoff": {"grows": True}}
    assert judge(wanted, constant).status == "pass"
    more = [make_call(f"c{number}", *[(0.5, "ThrottlingException", False)] * 3, (0.5, "", True)) for number in range(3)]
    assert "do not grow" in judge(wanted, *more).why
    assert judge({**wanted, "backoff": {"grows": False}}, *more).status == "pass"


def test_growing_gaps_are_told_from_constant_ones_in_either_direction(make_call: MakeCall) -> None:
    grown = [
        make_call(f"c{number}", THROTTLED, *[(0.1 * 2**retry, "ThrottlingException", False) for retry in range(4)]) for number in range(3)
    ]
    wanted = {"calls": {"operation": "PutItem"}}
    assert judge({**wanted, "backoff": {"grows": True}}, *grown).status == "pass"
    assert "the gaps grow" in judge({**wanted, "backoff": {"grows": False}}, *grown).why


@pytest.mark.parametrize("seed", range(20))
def test_expectations_and_verdicts_agree(make_call: MakeCall, seed: int) -> None:
    dice = random.Random(seed)
    shape = (lambda retry: 1.0, lambda retry: retry + 1.0, lambda retry: 2.0**retry)[seed % 3]
    jitter = dice.choice((0.0, 0.5, 1.0))

    def gap(retry: int) -> float:
        return 0.2 * shape(retry) * (1 - jitter * dice.random())

    calls = [
        make_call(f"c{number}", THROTTLED, *[(gap(retry), "ThrottlingException", False) for retry in range(dice.randint(2, 6))])
        for number in range(dice.randint(1, 20))
    ]
    evidence = evidence_of(calls)
    bad = (Status.FAIL, Status.WARN)
    for word, verdict in (("grows", "V10"), ("jitter", "V11")):
        ruling = VERDICTS[verdict].judge(evidence)
        if ruling.status is Status.NOTHING:
            continue
        wanted = {"calls": {"operation": "PutItem"}, "backoff": {word: True}}
        assert judge(wanted, *calls).status == ("fail" if ruling.status in bad else "pass")
        refused = {"calls": {"operation": "PutItem"}, "backoff": {word: False}}
        assert judge(refused, *calls).status == ("fail" if ruling.status is Status.PASS else "pass")


def test_many_calls_are_compared_by_their_medians(make_call: MakeCall) -> None:
    def shrinking(number: int) -> LogicalCall:
        return make_call(f"c{number}", THROTTLED, (0.5 + number / 50, "ThrottlingException", False), (0.3 + number / 50, "", True))

    calls = [shrinking(number) for number in range(10)]
    assert "do not grow" in judge({"calls": {"operation": "PutItem"}, "backoff": {"grows": True}}, *calls).why


def test_the_same_gaps_in_every_call_are_not_jittered(make_call: MakeCall) -> None:
    same = [make_call(f"c{number}", THROTTLED, (0.5, "", True), at=number) for number in range(5)]
    mixed = [make_call(f"c{number}", THROTTLED, (0.1 * number, "", True)) for number in range(1, 4)]
    wanted = {"calls": {"operation": "PutItem"}, "backoff": {"jitter": True}}
    assert "the same from call to call" in judge(wanted, *same).why
    assert judge(wanted, *mixed).status == "pass"


def test_doubled_and_lost_writes_are_found(make_call: MakeCall) -> None:
    once = make_call("once", THROTTLED, (0.5, "", True))
    twice = make_call("twice", (0.0, "", True), (0.5, "", True))
    lost = make_call("lost", THROTTLED)
    wanted = {"calls": {"operation": "PutItem"}, "applied": {"per_key": 1}}
    assert judge(wanted, once).status == "pass"
    assert 'orders {"id":{"S":"twice"}}: 2' in judge(wanted, once, twice).why
    assert 'orders {"id":{"S":"lost"}}: 0' in judge(wanted, once, lost).why


def test_what_a_batch_gave_back_was_not_written(make_call: MakeCall) -> None:
    puts = [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in "ab"]
    call = make_call("batch", (0.0, "", True), operation="BatchWriteItem", RequestItems={"orders": puts})
    call.attempt_records[0] = call.first._replace(written=Written((("orders", '{"id":{"S":"a"}}'),)))
    finding = judge({"calls": {"operation": "BatchWriteItem"}, "applied": {"per_key": 1}}, call)
    assert finding.why == 'expected 1 applied writes for each key; 1 of 2 keys differ (orders {"id":{"S":"b"}}: 0)'


def test_calls_are_selected_by_what_they_ask(good: LogicalCall, make_call: MakeCall) -> None:
    read = make_call("read", (0.0, "", None), operation="GetItem", TableName="orders", Key={"id": {"S": "x"}})
    for selection in ({"operation": "reads"}, {"operation": "Get*", "table": "ord*"}):
        assert judge({"calls": selection, "count": 1, "attempts": 1}, good, read).status == "pass"
    assert judge({"calls": {"table": "payments"}, "count": 0}, good, read).status == "pass"


@pytest.mark.parametrize(("changes", "statuses"), [({}, ["fail"]), ({"unfired": "allow"}, []), ({"enabled": False}, [])])
def test_a_rule_that_never_fired_fails_the_run_unless_that_is_allowed(changes: dict[str, Any], statuses: list[str]) -> None:
    rule = {"name": "r", "when": {"operation": "PutItem"}, "fault": "InternalServerError", **changes}
    scenario = load_scenario({"version": 1, "rules": [rule]})
    findings = judge_expectations(scenario, [], RuleSet.of(scenario, ManualClock(), 1).rules())
    assert [finding.status for finding in findings] == statuses
    assert all(finding.text == "rule 'r' fires" for finding in findings)


def batch(call: Any, attempt: Any, call_id: str, names: str, left: str = "", at: float = 0.0) -> Any:
    def puts(of: str) -> dict[str, Any]:
        return {"orders": [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in of]}

    answer = attempt("ok", applied=True, body=orjson.dumps({"UnprocessedItems": puts(left) if left else {}}))
    return call(call_id, answer, operation="BatchWriteItem", params={"RequestItems": puts(names)}, at=at)


@pytest.mark.parametrize(
    ("again", "every", "only"),
    [
        ("bd", "", ""),
        ("abcd", "", "entries that had been done were sent again once"),
        ("b", "1 unprocessed entries were never sent again", "1 unprocessed entries were never sent again"),
        ("", "2 unprocessed entries were never sent again", "2 unprocessed entries were never sent again"),
    ],
)
def test_unprocessed_entries_are_followed_up(call: Any, attempt: Any, again: str, every: str, only: str) -> None:
    entries = batch(call, attempt, "a", "abcd", "bd") + (batch(call, attempt, "b", again, at=1.0) if again else [])
    for wanted, why in (("all", every), ("only", only)):
        finding = judge({"calls": {"operation": "BatchWriteItem"}, "resubmitted": wanted}, *group(entries))
        assert (finding.status, why in finding.why) == ("fail" if why else "pass", True)


def test_what_was_never_left_cannot_be_resubmitted(good: LogicalCall) -> None:
    finding = judge({"calls": {"operation": "PutItem"}, "resubmitted": "all"}, good)
    assert (finding.status, finding.why) == ("fail", "no batch came back with unprocessed entries")


def test_a_verdict_is_expected_of_the_selected_calls(good: LogicalCall, bad: LogicalCall, make_call: MakeCall) -> None:
    read = make_call("read", (0.0, "InternalServerError", None), operation="GetItem", TableName="orders", Key={"id": {"S": "x"}})
    later = make_call("later", (0.0, "", True))
    assert judge({"verdicts": {"V1": "pass", "V20": "n/a"}}, good).status == "pass"
    finding = judge({"calls": {"operation": "GetItem"}, "verdicts": {"V2": "pass"}}, good, read, later)
    assert (finding.status, finding.calls) == ("fail", ("read",))
    assert finding.why.startswith("V2 says fail, not pass: 1 call ended at InternalServerError")
    assert judge({"calls": {"operation": "PutItem"}, "verdicts": {"V2": "n/a"}}, good, read, later).status == "pass"
