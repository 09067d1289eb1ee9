"""Why each rule fired for a request, or did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.clock import ManualClock
from emulator.faults import nearest
from emulator.messages import Attempt, Call
from emulator.scenario import load_rule


@pytest.fixture
def why(client: Any, call: Callable[..., Call]) -> Callable[..., list[str]]:
    """What is said of the rules after some PutItems on `orders`, about the last of them."""

    def explained(rules: str, requests: int = 1, attempts: int = 1, rest: str = "") -> list[str]:
        c = client(f"{rest}\nrules: [{rules}]")
        asked = call("PutItem", "orders")
        for number in range(requests):
            for ordinal in range(1, attempts + 1):
                tried = Attempt(f"c{number}", ordinal)
                c.rules.decide(asked, tried)
        return [f"{one.rule} {one.fired}: {one.text}" for one in c.rules.explain(asked, tried)]

    return explained


@pytest.mark.parametrize(
    ("rule", "requests", "attempts", "said"),
    [
        ("{name: r, fault: ok}", 1, 1, "r True: fired"),
        ("{name: r, when: {table: users}, fault: ok}", 1, 1, "r False: table: wanted users, was orders"),
        ("{name: r, when: {attempt: 1..2}, fault: ok}", 1, 3, "r False: attempt: wanted 1..2, was 3"),
        ("{name: r, when: {request: 5}, fault: ok}", 3, 1, "r False: request: wanted 5, was 3"),
        ("{name: r, when: {call: 1}, fault: ok}", 2, 1, "r False: call: wanted 1, was 2"),
        ("{name: r, limit: 2, fault: ok}", 3, 1, "r False: limit: wanted less than 2 firings, was 2"),
        ("{name: r, sequence: [ok, ok], then: pass}", 3, 1, "r False: sequence: wanted one of the first 2 requests, was 3"),
        ("{name: r, enabled: false, fault: ok}", 1, 1, "r False: enabled: wanted true, was false"),
        ("{name: r, during: 10s..40s, fault: ok}", 1, 1, "r False: during: wanted 10s..40s, was 0s"),
    ],
)
def test_why_a_rule_fired_or_did_not(why: Any, rule: str, requests: int, attempts: int, said: str) -> None:
    assert why(rule, requests, attempts) == [said]


def test_chance_tells_what_was_drawn(why: Any) -> None:
    (said,) = why("{name: r, chance: 0, fault: ok}")
    assert said.startswith("r False: chance: wanted less than 0.0, was 0.")


def test_an_earlier_rule(why: Any) -> None:
    assert why("{name: a, fault: ok}, {name: b, fault: ok}") == [
        "a True: fired",
        "b False: earlier rule: wanted that none has fired, was a",
    ]


def test_phases(why: Any) -> None:
    phases = "phases: [{name: first, for: 1s}, {name: second}]"
    assert why("{name: r, in: second, fault: ok}", rest=phases) == ["r False: in: wanted second, was first"]


def test_a_rule_that_has_gone_is_not_explained(client: Any, call: Callable[..., Call], clock: ManualClock) -> None:
    c = client("rules: []")
    c.rules = c.rules.with_rule(load_rule({"name": "brief", "fault": "ok"}), ttl=5.0)
    assert [one.rule for one in c.rules.explain(call("PutItem", "orders"), Attempt("x", 1))] == ["brief"]
    clock.advance(5)
    assert c.rules.explain(call("PutItem", "orders"), Attempt("x", 1)) == ()


def test_what_was_never_decided_is_not_known(client: Any, call: Callable[..., Call]) -> None:
    (found,) = client("rules: [{name: r, fault: ok}]").rules.explain(call("PutItem", "orders"), Attempt("never", 1))
    assert (found.fired, found.text) == (None, "could have fired")


def test_notes_do_not_pile_up(client: Any, call: Callable[..., Call]) -> None:
    c = client("rules: [{name: r, fault: ok}]")
    asked = call("PutItem", "orders")
    for number in range(20_050):
        c.rules.decide(asked, Attempt(f"c{number}", 1))
    assert c.rules.explain(asked, Attempt("c0", 1))[0].fired is None
    assert all(c.rules.explain(asked, Attempt(f"c{number}", 1))[0].fired for number in (10_050, 19_999, 20_000, 20_049))


def test_the_nearest_miss(client: Any, call: Callable[..., Call]) -> None:
    c = client("rules: [{name: r, when: {operation: GetItem, table: users, attempt: 2}, fault: ok}]")
    requests = [call("PutItem", "orders"), call("GetItem", "orders"), call("GetItem", "users")]
    (report,) = c.rules.rules()
    found = nearest(report.rule, True, [(asked, Attempt("x", 1)) for asked in requests], c.rules.notes_of)
    assert found is not None
    assert (found.index, found.explanation.text) == (2, "attempt: wanted 2, was 1")
    assert nearest(report.rule, True, []) is None


def test_a_rule_that_fired_missed_nothing(client: Any, call: Callable[..., Call]) -> None:
    c = client("rules: [{name: r, when: {operation: GetItem}, fault: ok}]")
    c.rules.decide(call("GetItem", "t"), Attempt("x", 1))
    (report,) = c.rules.rules()
    assert nearest(report.rule, True, [(call("GetItem", "t"), Attempt("x", 1))], c.rules.notes_of) is None
