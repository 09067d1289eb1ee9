"""Phases: rules that live in a part of the scenario's time."""

from __future__ import annotations

from typing import Any

from emulator.clock import ManualClock

PHASES = "phases: [{name: healthy, for: 10s}, {name: outage, for: {calls: 2}}, {name: recovery, for: 5s}]"
OUTAGE = "rules: [{name: r, in: outage, fault: InternalServerError}, {name: s, in: [healthy, recovery], fault: ok}]"


def test_phases_follow_the_clock_and_the_calls(client: Any, clock: ManualClock) -> None:
    c = client(f"{PHASES}\n{OUTAGE}")
    assert (c.rules.phase, c.fault("GetItem", "t")) == ("healthy", "ok")
    clock.advance(10)
    assert c.rules.phase == "outage"
    assert c.attempts(3, "GetItem", "t") == ["InternalServerError"] * 3
    assert c.attempts(2, "GetItem", "t") == ["InternalServerError"] * 2
    assert c.rules.phase == "outage"
    assert (c.fault("GetItem", "t"), c.rules.phase) == ("ok", "recovery")
    clock.advance(5)
    assert (c.fault("GetItem", "t"), c.rules.phase) == (None, None)


def test_phases_pass_without_requests(client: Any, clock: ManualClock) -> None:
    c = client("phases: [{name: a, for: 1s}, {name: b, for: 2s}, {name: c}]\nrules: []")
    clock.advance(2.5)
    assert c.rules.phase == "b"
    clock.advance(100)
    assert c.rules.phase == "c"
    c.rules = c.rules.restarted()
    assert c.rules.phase == "a"


def test_calls_that_no_rule_is_about_count_too(client: Any) -> None:
    c = client("""
        phases: [{name: first, for: {calls: 2}}, {name: second}]
        rules: [{name: r, in: second, when: {operation: PutItem}, fault: InternalServerError}]
    """)
    assert c.faults(2, "ListTables") == [None, None]
    assert c.fault("PutItem", "t") == "InternalServerError"


def test_a_rule_counts_only_while_it_lives(client: Any, clock: ManualClock) -> None:
    c = client("""
        phases: [{name: first, for: 1s}, {name: second}]
        rules: [{name: r, in: second, when: {request: 1}, fault: InternalServerError}]
    """)
    assert c.fault("GetItem", "t") is None
    clock.advance(1)
    assert c.faults(2, "GetItem", "t") == ["InternalServerError", None]


def test_without_phases_there_is_none(client: Any) -> None:
    assert client("rules: []").rules.phase is None
