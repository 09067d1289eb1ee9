"""Rules that count together count as each would by itself: the same rules, kept apart by a time that never ends, say the same."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.clock import SystemClock
from emulator.faults import Decision, Explanation, RuleSet
from emulator.faults.groups import MAX_COUNTS
from emulator.faults.rule_set import RuleReport
from emulator.messages import Attempt, Call, HttpRequest
from emulator.scenario import load_scenario

RULES, REQUESTS = 6, 60
ORDINALS = [1, 2, 3, "2..", "..2", "1..2", "every 2", "every 3", [1, 3], f"2..{MAX_COUNTS + 5}", "4..9"]
COUNTS = ["attempt", "try", "request", "call"]
SCOPES = ["scenario", "key", "client", "operation", "table", "connection"]
DRAWN = {"delay": {"uniform": ["1s", "9s"]}}
FAULTS: list[Any] = ["ThrottlingException", "InternalServerError", "ok", "ConditionalCheckFailedException", {"delay": "1s"}, DRAWN]


def rule(random: Random, number: int, selection: dict[str, Any]) -> dict[str, Any]:
    when = {**selection, **{count: random.choice(ORDINALS) for count in random.sample(COUNTS, random.choice([0, 0, 1, 1, 1, 2]))}}
    # Mostly without a key, where rules count together
    if random.random() < 0.2:
        when["key"] = random.choice([{"id": "a"}, {"id": "b*"}])
    made: dict[str, Any] = {"name": f"r{number}", "when": when, "fault": random.choice(FAULTS)}
    if random.random() < 0.3:
        made = {**made, "sequence": random.choices(FAULTS, k=2), "then": random.choice(["pass", "stay", "loop"])}
        del made["fault"]
    elif random.random() < 0.3:
        made |= {"fault": random.choice([{"delay": "1s"}, DRAWN]), "continue": True}
    if random.random() < 0.3:
        made["limit"] = random.randint(1, 3)
    if random.random() < 0.4:
        made["chance"] = random.choice([0, 0.2, 0.5, 0.9, 1])
    return made


def rules_of(rules: list[dict[str, Any]]) -> RuleSet:
    return RuleSet.of(
        load_scenario({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}], "rules": rules}), SystemClock(), seed=7
    )


def request(random: Random, number: int, attempts: Counter[str]) -> tuple[Call, Attempt]:
    """`attempts` counts those of each call."""
    operation = random.choice(["GetItem", "PutItem", "PutItem", "BatchWriteItem"])
    items: list[dict[str, Any]] = [{"id": {"S": name}} for name in random.sample(["a", "b", "bb", "c"], 2)]
    params: dict[str, Any] = {"TableName": "orders", "Key": items[0]}
    if operation == "PutItem":
        params = {"TableName": "orders", "Item": items[0]}
    if operation == "BatchWriteItem":
        params = {"RequestItems": {"orders": [{"PutRequest": {"Item": item}} for item in items]}}
    connection, call_id = random.randint(1, 2), f"call-{random.randint(1, 20)}"
    attempts[call_id] += 1
    http = HttpRequest("POST", "/", {"user-agent": f"Boto3/{connection}"}, b"", connection, f"10.0.0.{connection}:1")
    # What a request asks decides whether the service refuses it
    refusal = ServiceError("ValidationException", "") if items[0]["id"]["S"] == "bb" else None
    call = Call("dynamodb", operation, params, ("orders",), "us-east-1", "000000000000", "A", "", http, refusal)
    return call, Attempt(call_id, attempts[call_id], f"work-{number}", random.randint(0, 4))


def said(decision: Decision | None, explained: tuple[Explanation, ...], reports: tuple[RuleReport, ...]) -> tuple[Any, ...]:
    """All that a set of rules says of a request, and what it has counted so far."""
    told = decision and (decision.rules, decision.fault, decision.error and decision.error.spec.name)
    return told, explained, [(one.name, one.matched, one.fired) for one in reports]


@pytest.mark.parametrize("seed", range(100))
def test_rules_that_count_together_say_what_each_would_say_alone(seed: int) -> None:
    random, attempts = Random(seed), Counter[str]()
    selection = {"operation": random.choice(["PutItem", "BatchWriteItem", ["PutItem", "GetItem"]]), "per": random.choice(SCOPES)}
    rules = [rule(random, number, selection) for number in range(RULES)]
    together, alone = rules_of(rules), rules_of([{**one, "during": "0s.."} for one in rules])
    for number in range(REQUESTS):
        if random.random() < 0.2:
            name, enabled = f"r{random.randrange(RULES)}", random.random() < 0.6
            together, alone = together.switched(name, enabled=enabled), alone.switched(name, enabled=enabled)
        call, attempt = request(random, number, attempts)
        told = [(one.decide(call, attempt), one.explain(call, attempt), one.rules()) for one in (together, alone)]
        assert said(*told[0]) == said(*told[1]), rules


def test_rules_of_one_selection_are_counted_once() -> None:
    rules = rules_of([{"name": f"r{number}", "when": {"attempt": number + 1}, "fault": "InternalServerError"} for number in range(3)])
    assert len({id(state.tally) for state in rules._states.values()}) == 1
    call, _ = request(Random(1), 1, Counter())
    assert rules.decide(call, Attempt("c", 2)) is not None
    assert [(one.name, one.matched, one.fired) for one in rules.rules()] == [("r0", 1, 0), ("r1", 1, 1), ("r2", 1, 0)]
    assert [(one.rule, one.text) for one in rules.explain(call, Attempt("c", 2))] == [
        ("r0", "attempt: wanted 1, was 2"),
        ("r1", "fired"),
        ("r2", "attempt: wanted 3, was 2"),
    ]


def test_a_rule_that_is_switched_off_goes_on_where_it_was() -> None:
    sequence = {"sequence": ["ThrottlingException", "InternalServerError"], "then": "pass"}
    rules = rules_of([{"name": "s", **sequence}, {"name": "other", "when": {"request": 9}, "fault": "ok"}])
    call, _ = request(Random(1), 1, Counter())
    first = rules.decide(call, Attempt("c", 1))
    off = rules.switched("s", enabled=False)
    assert off.decide(call, Attempt("c", 2)) is None
    on = off.switched("s", enabled=True)
    second = on.decide(call, Attempt("c", 3))
    assert [one and one.fault for one in (first, second)] == ["ThrottlingException", "InternalServerError"]
    assert [(one.name, one.matched, one.fired) for one in on.rules()] == [("s", 2, 2), ("other", 3, 0)]


def test_rules_that_draw_too_high_are_told_when_somebody_asks() -> None:
    chances = [0.0, 0.2, 0.4, 0.6, 0.8]
    rules = rules_of([{"name": f"r{chance}", "chance": chance, "continue": True, "fault": {"delay": "1s"}} for chance in chances])
    seen: dict[str, list[float]] = {}
    for number in range(50):
        call, _ = request(Random(number), number, Counter())
        place = Attempt(f"c{number}", 1)
        decision = rules.decide(call, place)
        for one in rules.explain(call, place):
            assert one.fired == (decision is not None and one.rule in decision.rules)
            for difference in one.differences:
                assert (difference.key, difference.wanted) == ("chance", f"less than {one.rule[1:]}")
                assert float(difference.seen) >= float(one.rule[1:])
                seen.setdefault(one.rule, []).append(float(difference.seen))
    assert [len(seen[f"r{chance}"]) + next(one.fired for one in rules.rules() if one.name == f"r{chance}") for chance in chances] == [
        50
    ] * 5
    assert len({tuple(drawn[:5]) for drawn in seen.values()}) == 5
