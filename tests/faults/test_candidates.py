"""Rules are found by what a request says: the one that fires is the first whose `when` holds, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.clock import ManualClock
from emulator.faults import Matcher, RuleSet
from emulator.messages import Attempt, Call, HttpRequest
from emulator.scenario import load_scenario

FIRST = Attempt("c", 1)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from([{"S": "a"}, {"S": "ab"}, {"S": "a*"}, {"N": "1"}, {"N": "1.0"}, {"N": "2"}, {"B": b"a"}]),
        "sort": st.sampled_from([{"S": "x"}, {"N": "1"}]),
    },
)
KEY = st.fixed_dictionaries(
    {}, optional={"id": st.sampled_from(["a", "a*", "ab", "a[*]", 1, 2, {"B": "YQ=="}]), "sort": st.sampled_from(["x", 1])}
)
WHEN = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["BatchGetItem", "reads", "writes"]),
        "key": KEY.filter(bool),
        "region": st.sampled_from(["eu-*", "us-east-1"]),
        "where": st.sampled_from(
            [
                "ReturnConsumedCapacity == 'TOTAL'",
                "'NONE' == ReturnConsumedCapacity && RequestItems.t",
                "ReturnConsumedCapacity != 'TOTAL'",
                "RequestItems.t.Keys[0].id.S == 'a'",
            ]
        ),
        "client": st.sampled_from([{"access_key": "AK*"}, {"user_agent": "Boto*"}, {"header": {"x-tenant": "acme"}}]),
    },
)


def request(items: list[dict[str, Any]], region: str, headers: dict[str, str], more: dict[str, str]) -> Call:
    http = HttpRequest("POST", "/", headers, b"")
    params = {"RequestItems": {"t": {"Keys": items}}, **more}
    return Call("dynamodb", "BatchGetItem", params, ("t",), region, "000000000000", "AKID", "", http)


HEADERS = st.sampled_from([{}, {"user-agent": "Boto3/1"}, {"x-tenant": "acme"}, {"x-tenant": "a" * 600}])
MORE = st.sampled_from([{}, {"ReturnConsumedCapacity": "TOTAL"}, {"ReturnConsumedCapacity": "NONE"}])
REQUEST = st.builds(request, st.lists(ITEM, max_size=3), st.sampled_from(["eu-west-1", "us-east-1"]), HEADERS, MORE)


@settings(max_examples=300, deadline=None)
@given(whens=st.lists(WHEN, min_size=1, max_size=8), requests=st.lists(REQUEST, min_size=1, max_size=5))
def test_the_first_rule_whose_when_holds_fires(whens: list[dict[str, Any]], requests: list[Call]) -> None:
    rules = [{"name": f"r{number}", "when": when, "fault": "ok"} for number, when in enumerate(whens)]
    scenario = load_scenario({"version": 1, "rules": rules})
    engine = RuleSet.of(scenario, ManualClock(), 1)
    matchers = [(rule.name, Matcher(rule.when)) for rule in scenario.rules]
    for call in requests:
        expected = [name for name, matcher in matchers if not matcher.differences(call, FIRST)]
        decision = engine.decide(call, FIRST)
        assert (None if decision is None else decision.rule) == (expected[0] if expected else None)
    counted = {report.name: report.matched for report in engine.rules()}
    assert counted == {name: sum(not matcher.differences(call, FIRST) for call in requests) for name, matcher in matchers}


def test_a_rule_that_comes_or_sleeps_is_looked_for_anew(client: Callable[..., Any]) -> None:
    c = client("rules: [{name: west, when: {region: us-*}, fault: ok}, {name: bob, when: {key: {id: bob}}, fault: InternalServerError}]")
    assert c.fault("GetItem", "t", Key={"id": {"S": "ann"}}) is None
    assert c.fault("GetItem", "t", Key={"id": {"S": "bob"}}) == "InternalServerError"
    c.rules = c.rules.switched("bob", enabled=False)
    assert c.fault("GetItem", "t", Key={"id": {"S": "bob"}}) is None
    c.rules = c.rules.with_rule(
        load_scenario({"version": 1, "rules": [{"name": "east", "when": {"region": "eu-*"}, "fault": "ok"}]}).rules[0]
    )
    assert c.fault("GetItem", "t", Key={"id": {"S": "bob"}}) == "ok"
