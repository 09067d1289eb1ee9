"""Which rule fires: order, ordinals, scopes, limits, sequences, time, and rules that come and go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from emulator.clock import ManualClock
from emulator.faults import RuleError
from emulator.messages import Call, HttpRequest
from emulator.scenario import load_rule

ISE = "InternalServerError"
THROTTLE = "ThrottlingException"


def test_nothing_fires_without_rules(client: Any) -> None:
    assert client("rules: []").decide("GetItem", "orders") is None


def test_only_what_when_says(client: Any) -> None:
    c = client("rules: [{name: r, when: {operation: writes, table: 'ord*'}, fault: InternalServerError}]")
    assert c.fault("PutItem", "orders") == ISE
    assert c.fault("PutItem", "users") is None
    assert c.fault("GetItem", "orders") is None
    assert c.fault("PutItem", "orders", service="streams") is None
    assert c.fault("BatchWriteItem", "users", "orders") == ISE
    assert c.fault("ListTables") is None


def test_index(client: Any) -> None:
    c = client("rules: [{name: r, when: {operation: Query, index: [by-day, 'by-s*']}, fault: InternalServerError}]")
    assert c.fault("Query", "orders", IndexName="by-status") == ISE
    assert c.fault("Query", "orders", IndexName="by-name") is None
    assert c.fault("Query", "orders") is None


def test_the_first_due_rule_fires(client: Any) -> None:
    c = client("""
        rules:
          - {name: first, when: {operation: GetItem, request: 2}, fault: ThrottlingException}
          - {name: second, when: {operation: GetItem}, fault: InternalServerError}
    """)
    assert c.faults(3, "GetItem", "t") == [ISE, THROTTLE, ISE]
    assert c.counted("second") == (3, 2)


def test_a_rule_counts_even_if_an_earlier_one_fired(client: Any) -> None:
    c = client("""
        rules:
          - {name: first, when: {request: 1}, fault: ThrottlingException}
          - {name: second, when: {request: 2}, fault: InternalServerError}
    """)
    assert c.faults(3, "GetItem", "t") == [THROTTLE, ISE, None]


def test_attempts(client: Any) -> None:
    c = client("rules: [{name: r, when: {attempt: 1..2}, fault: InternalServerError}]")
    assert c.attempts(4, "PutItem", "t") == [ISE, ISE, None, None]
    assert c.attempts(3, "PutItem", "t") == [ISE, ISE, None]
    assert c.counted("r") == (7, 4)


def test_calls_are_counted_by_their_first_request(client: Any) -> None:
    c = client("rules: [{name: r, when: {operation: PutItem, call: 2, attempt: '..2'}, fault: InternalServerError}]")
    c.fault("GetItem", "t")
    assert c.attempts(2, "PutItem", "t") == [None, None]
    assert c.attempts(3, "PutItem", "t") == [ISE, ISE, None]
    assert c.attempts(1, "PutItem", "t") == [None]


def test_calls_that_overlap_keep_their_ordinals(client: Any) -> None:
    c = client("rules: [{name: r, when: {call: 2}, fault: InternalServerError}]")
    assert c.fault("PutItem", "t", call_id="a", attempt=1) is None
    assert c.fault("PutItem", "t", call_id="b", attempt=1) == ISE
    assert c.fault("PutItem", "t", call_id="a", attempt=2) is None
    assert c.fault("PutItem", "t", call_id="b", attempt=2) == ISE


def test_every_and_lists(client: Any) -> None:
    assert client("rules: [{name: r, when: {request: every 3}, fault: ok}]").faults(6, "Scan", "t") == [None, None, "ok", None, None, "ok"]
    assert client("rules: [{name: r, when: {request: [1, 4]}, fault: ok}]").faults(5, "Scan", "t") == ["ok", None, None, "ok", None]


def test_limit(client: Any) -> None:
    c = client("rules: [{name: r, limit: 2, fault: InternalServerError}]")
    assert c.faults(4, "GetItem", "t") == [ISE, ISE, None, None]
    assert c.counted("r") == (4, 2)


@pytest.mark.parametrize(
    ("then", "after"),
    [("pass", [None, None, None]), ("stay", [THROTTLE, THROTTLE, THROTTLE]), ("loop", [ISE, "ok", THROTTLE])],
)
def test_sequences(client: Any, then: str, after: list[str | None]) -> None:
    c = client(f"rules: [{{name: r, sequence: [InternalServerError, ok, ThrottlingException], then: {then}}}]")
    assert c.faults(6, "GetItem", "t") == [ISE, "ok", THROTTLE, *after]


def test_a_sequence_counts_the_requests_that_match_all_of_when(client: Any) -> None:
    c = client("rules: [{name: r, when: {attempt: 1}, sequence: [InternalServerError, ThrottlingException], then: pass}]")
    assert c.attempts(2, "GetItem", "t") == [ISE, None]
    assert c.attempts(2, "GetItem", "t") == [THROTTLE, None]
    assert c.attempts(2, "GetItem", "t") == [None, None]


def test_ok_shields_from_later_rules(client: Any) -> None:
    c = client("""
        rules:
          - {name: spare, when: {operation: GetItem}, fault: ok}
          - {name: all, fault: InternalServerError}
    """)
    decision = c.decide("GetItem", "t")
    assert (decision.rule, decision.fault, decision.error, decision.applied, decision.plan) == ("spare", "ok", None, True, None)
    assert c.fault("Scan", "t") == ISE


def test_continue_adds_its_delay_and_goes_on(client: Any) -> None:
    c = client("""
        rules:
          - {name: slow, continue: true, fault: {delay: 250ms}}
          - {name: slower, continue: true, when: {operation: writes}, fault: {delay: 1s}}
          - {name: error, when: {operation: PutItem}, fault: {error: InternalServerError, delay: 2s}}
    """)
    put = c.decide("PutItem", "t")
    assert (put.rule, put.rules) == ("error", ["slow", "slower", "error"])
    assert put.plan.delay == 3.25
    assert put.applied is False
    assert put.fault == "delay 250ms, delay 1s, InternalServerError, delay 2s"
    update = c.decide("UpdateItem", "t")
    assert (update.rule, update.rules, update.plan.delay, update.applied) == ("slower", ["slow", "slower"], 1.25, True)
    assert c.counted("error") == (1, 1)


def test_a_sleeping_rule_does_not_count(client: Any) -> None:
    c = client("rules: [{name: r, enabled: false, when: {request: 1}, fault: InternalServerError}]")
    assert c.fault("GetItem", "t") is None
    c.rules = c.rules.switched("r", enabled=True)
    assert c.fault("GetItem", "t") == ISE
    c.rules = c.rules.switched("r", enabled=False)
    assert c.fault("GetItem", "t") is None
    assert c.counted("r") == (1, 1)


def test_during_of_a_rule_that_wants_a_key(client: Any, clock: ManualClock) -> None:
    c = client("rules: [{name: r, during: 10s..40s, when: {key: {id: a}}, fault: InternalServerError}]")
    fired = []
    for _ in range(5):
        fired.append(c.decide("GetItem", "t", Key={"id": {"S": "a"}}) is not None)
        clock.advance(10)
    assert fired == [False, True, True, True, False]


def test_during(client: Any, clock: ManualClock) -> None:
    c = client("rules: [{name: r, during: 10s..40s, when: {request: 1..2}, fault: InternalServerError}]")
    assert c.fault("GetItem", "t") is None
    clock.advance(10)
    assert c.fault("GetItem", "t") == ISE
    clock.advance(29.9)
    assert c.fault("GetItem", "t") == ISE
    clock.advance(0.2)
    assert c.fault("GetItem", "t") is None
    c.rules = c.rules.restarted()
    clock.advance(20)
    assert c.fault("GetItem", "t") == ISE


def test_reset_starts_all_counters_again(client: Any) -> None:
    c = client("rules: [{name: r, limit: 1, when: {call: 1}, fault: InternalServerError}, {name: s, sequence: [ok], then: pass}]")
    assert c.faults(2, "GetItem", "t") == [ISE, None]
    c.rules = c.rules.restarted()
    assert c.counted("r") == (0, 0)
    assert c.faults(2, "GetItem", "t") == [ISE, None]


def http(connection: int, agent: str = "a", peer: str = "10.0.0.1:1") -> HttpRequest:
    return HttpRequest("POST", "/", {"user-agent": agent}, b"", connection=connection, peer=peer)


def test_per_table_and_operation(client: Any) -> None:
    c = client("""
        rules:
          - {name: t, when: {operation: PutItem, table: 'o*', request: 1, per: table}, fault: InternalServerError}
          - {name: o, when: {operation: reads, request: 1, per: operation}, fault: ThrottlingException}
    """)
    assert [c.fault("PutItem", name) for name in ("one", "other", "one", "two")] == [ISE, ISE, None, None]
    assert c.fault("PutItem", "two", "omega") == ISE
    assert [c.fault(name, "one") for name in ("Scan", "Query", "Scan")] == [THROTTLE, THROTTLE, None]


def test_per_connection_and_client(client: Any) -> None:
    c = client("""
        rules:
          - {name: c, when: {operation: PutItem, request: 1, per: connection}, fault: InternalServerError}
          - {name: a, when: {operation: GetItem, request: 1, per: client}, fault: InternalServerError}
    """)
    assert [c.fault("PutItem", "t", request=http(number)) for number in (1, 2, 1)] == [ISE, ISE, None]
    requests = [http(1), http(2, peer="10.0.0.1:2"), http(3, agent="b"), http(4, peer="10.0.0.2:1")]
    assert [c.fault("GetItem", "t", request=request) for request in requests] == [ISE, None, ISE, ISE]


def test_per_key_knows_the_keys_of_the_scenarios_tables(client: Any) -> None:
    c = client("""
        tables: [{name: orders, key: {id: S, at: N}}]
        rules: [{name: k, when: {operation: [PutItem, GetItem], request: 1, per: key}, fault: InternalServerError}]
    """)
    first = {"id": {"S": "a"}, "at": {"N": "1"}}
    assert c.fault("PutItem", "orders", TableName="orders", Item={**first, "v": {"N": "1"}}) == ISE
    assert c.fault("PutItem", "orders", TableName="orders", Item={**first, "v": {"N": "2"}}) is None
    assert c.fault("GetItem", "orders", TableName="orders", Key={"id": {"S": "a"}, "at": {"N": "1.0"}}) is None
    assert c.fault("GetItem", "orders", TableName="orders", Key={"id": {"S": "b"}, "at": {"N": "1"}}) == ISE


def test_whoever_knows_the_tables_can_lend_their_keys(client: Any) -> None:
    c = client("rules: [{name: k, when: {request: 1, per: key}, fault: InternalServerError}]", key_names=lambda call, table: ("id",))
    assert c.fault("PutItem", "t", Item={"id": {"S": "a"}, "v": {"N": "1"}}) == ISE
    assert c.fault("PutItem", "t", Item={"id": {"S": "a"}, "v": {"N": "2"}}) is None


def test_limits_and_sequences_count_in_their_scope(client: Any) -> None:
    c = client("rules: [{name: r, when: {per: table}, limit: 1, sequence: [InternalServerError, ThrottlingException], then: stay}]")
    assert [c.fault("PutItem", name) for name in ("a", "b", "a", "b")] == [ISE, ISE, None, None]


def test_rules_come_and_go(client: Any, clock: ManualClock) -> None:
    c = client("rules: [{name: r, when: {operation: Scan}, fault: ok}]")
    assert c.fault("GetItem", "t") is None
    c.rules = c.rules.with_rule(load_rule({"name": "late", "fault": ISE}))
    assert c.fault("GetItem", "t") == ISE
    c.rules = c.rules.without("late")
    assert c.fault("GetItem", "t") is None
    c.rules = c.rules.with_rule(load_rule({"name": "brief", "fault": ISE}), ttl=5.0)
    assert c.fault("GetItem", "t") == ISE
    clock.advance(5)
    assert c.fault("GetItem", "t") is None
    assert [report.name for report in c.rules.rules()] == ["r"]
    c.rules = c.rules.with_rule(load_rule({"name": "brief", "fault": ISE}))
    assert c.fault("GetItem", "t") == ISE


def test_rules_that_cannot_come_or_go(client: Any) -> None:
    rules = client("rules: [{name: r, fault: ok}]").rules
    with pytest.raises(RuleError, match="there is already a rule 'r'"):
        rules.with_rule(load_rule({"name": "r", "fault": "ok"}))
    with pytest.raises(RuleError, match="there is no rule 'x'; the rules are: r"):
        rules.without("x")
    with pytest.raises(RuleError, match="there is no rule 'x'"):
        rules.switched("x", enabled=False)


def test_counting_is_exact_under_threads(client: Any, call: Callable[..., Call]) -> None:
    c = client("rules: [{name: r, when: {request: every 10}, fault: InternalServerError}]")
    fired: list[int] = []

    def work() -> None:
        fired.append(sum(fault is not None for fault in c.faults(500, "GetItem", "t")))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(fired) == 400
    assert c.counted("r") == (4000, 400)


def test_what_a_client_invents_does_not_pile_up(client: Any) -> None:
    c = client("""
        rules:
          - {name: r, when: {call: 1.., per: key}, chance: 1, fault: ok}
          - {name: s, when: {call: 1..}, fault: ok}
    """)
    for number in range(41_000):
        c.decide("GetItem", f"t{number}", Key={"id": {"N": str(number)}})
    by_key, by_call = c.rules._states.values()
    assert 10_000 <= len(by_key.tally._scopes) <= 20_000
    assert 20_000 <= len(by_call.tally.all.calls) <= 40_000
    assert len(c.rules._candidates) <= 4096
