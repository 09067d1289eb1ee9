"""Rules that count together count as each would by itself: the same rules, kept apart by a time that never ends, say the same."""

from __future__ import annotations

from collections import Counter
from random import Random
from threading import Thread
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.clock import ManualClock, SystemClock
from emulator.faults import Decision, Explanation, RuleSet, arrivals
from emulator.faults.groups import MAX_COUNTS
from emulator.faults.rule_set import RuleReport
from emulator.messages import Attempt, Call, HttpRequest
from emulator.scenario import load_rule, load_scenario

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


def rules_of(rules: list[dict[str, Any]], **more: Any) -> RuleSet:
    tables = [{"name": "orders", "key": {"id": "S"}}]
    return RuleSet.of(load_scenario({"version": 1, "tables": tables, "rules": rules, **more}), SystemClock(), seed=7)


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


def first(random: Random, number: int) -> tuple[Call, Attempt]:
    """A request such as most are: the first attempt of a call, or the second of a late one."""
    call, _ = request(random, number, Counter())
    if random.random() < 0.9:
        return call, Attempt(f"call-{number}", 1, "", 1 if random.random() < 0.95 else 2)
    return call, Attempt(f"call-{random.randrange(number + 1)}", number + 2)


def scattered(random: Random, number: int) -> dict[str, Any]:
    """A rule that few requests can be due for."""
    operations = random.choice(["PutItem", "GetItem", "reads", "writes", ["PutItem", "GetItem", "BatchWriteItem"]])
    made = rule(random, number, {"operation": operations, "per": random.choice(["scenario", "scenario", "client"])})
    made["when"] |= {random.choice(COUNTS[2:]): random.choice([*range(2, 60, 7), "every 17", "40..", [5, 90], "20..80"])}
    if random.random() < 0.5:
        made["in"] = random.choice([["first"], ["second", "last"], ["last"], ["first", "last"]])
    return made


@pytest.mark.parametrize("remembered", [arrivals.MAX_ARRIVALS, 40])
@pytest.mark.parametrize("seed", range(60))
def test_requests_that_wait_to_be_counted_count_as_if_they_had_been_at_once(
    seed: int, remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "MAX_ARRIVALS", remembered)
    random = Random(seed)
    rules = [scattered(random, number) for number in range(12)]
    phases = [{"name": name, "for": {"calls": random.randint(20, 80)}} for name in ("first", "second", "last")]
    apart = [{**one, "during": "0s.."} for one in rules]
    together, alone = rules_of(rules, phases=phases), rules_of(apart, phases=phases)
    seen: list[tuple[Call, Attempt]] = []
    for number in range(200):
        if random.random() < 0.02:
            name, enabled = random.choice([one.name for one in together.rules()]), random.random() < 0.6
            together, alone = together.switched(name, enabled=enabled), alone.switched(name, enabled=enabled)
        if random.random() < 0.02:
            gone, more = random.choice([one.name for one in together.rules()]), scattered(random, 100 + number)
            more.pop("in", None)
            together = together.with_others([gone], [load_rule(more)])
            alone = alone.with_others([gone], [load_rule({**more, "during": "0s.."})])
        seen.append(first(random, number))
        told, wanted = (one.decide(*seen[-1]) for one in (together, alone))
        assert said(told, (), ()) == said(wanted, (), ()), rules
        if random.random() < 0.05:
            asked = random.choice(seen[-remembered:])
            assert said(None, together.explain(*asked), together.rules()) == said(None, alone.explain(*asked), alone.rules()), rules
    for asked in seen[-remembered:]:
        assert together.notes_of(asked[1]).items() >= alone.notes_of(asked[1]).items(), rules
        assert together.explain(*asked) == alone.explain(*asked), rules


@pytest.mark.parametrize("seed", range(40))
def test_rules_out_of_their_time_are_looked_for_no_more_and_say_so(seed: int) -> None:
    random, clock = Random(seed), ManualClock()
    stretches = ["0s..", "..10s", "5s..20s", "10s..10500ms", "15s..", "20s..30s"]
    rules = [{**rule(random, number, {"operation": ["PutItem", "GetItem"]}), "during": random.choice(stretches)} for number in range(8)]
    together = RuleSet.of(load_scenario({"version": 1, "rules": rules}), clock, seed=7)
    # One that may go has to be asked whatever the time
    alone = RuleSet.of(load_scenario({"version": 1, "rules": []}), clock, seed=7)
    for one in rules:
        alone = alone.with_rule(load_rule(one), ttl=1e6)
    seen: list[tuple[Call, Attempt]] = []
    for number in range(100):
        clock.advance(random.choice([0, 0, 0.25, 0.5, 1]))
        seen.append(first(random, number))
        told, wanted = (one.decide(*seen[-1]) for one in (together, alone))
        assert said(told, (), together.rules()) == said(wanted, (), alone.rules()), rules
    for asked in seen:
        assert together.explain(*asked) == alone.explain(*asked), rules


def test_a_number_is_reached_once_however_many_ask_at_a_time() -> None:
    rules = rules_of([
        {"name": "request", "when": {"request": "every 10"}, "fault": {"delay": "1s"}, "continue": True},
        {"name": "call", "when": {"operation": "reads", "call": "every 7"}, "fault": {"delay": "1s"}, "continue": True},
        {"name": "other", "when": {"operation": "reads", "request": 10**9}, "fault": {"delay": "1s"}, "continue": True},
    ])  # fmt: skip
    call, fired = request(Random(2), 0, Counter())[0], Counter[str]()
    assert call.operation == "GetItem"

    def ask(worker: int) -> None:
        for number in range(700):
            decision = rules.decide(call, Attempt(f"{worker}-{number}", 1))
            fired.update([f"{worker}-{one}" for one in (decision.rules if decision else ())])

    workers = [Thread(target=ask, args=(worker,)) for worker in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [(one.name, one.matched, one.fired) for one in rules.rules()] == [
        ("request", 5600, 560),
        ("call", 5600, 800),
        ("other", 5600, 0),
    ]
    assert fired.total() == 560 + 800
    places = [Attempt(f"{worker}-{number}", 1) for worker in range(8) for number in range(700)]
    assert {rules.notes_of(place)["other"] for place in places} == {("request", count) for count in range(1, 5601)}


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
