"""What happens to requests whatever the rules say: denied actions, and reads of the past."""

from __future__ import annotations

from typing import Any

import pytest

DENY = "auth: {deny: [{operation: writes, table: 'audit*'}, {service: streams, operation: GetRecords}]}\nrules: [{name: r, fault: ok}]"


def test_denied_actions(client: Any) -> None:
    c = client(DENY)
    decision = c.decide("PutItem", "audit-log")
    assert decision.error.spec.name == "AccessDeniedException"
    assert decision.error.message == (
        "User: arn:aws:iam::000000000000:user/AKID is not authorized to perform: dynamodb:PutItem on resource: "
        "arn:aws:dynamodb:eu-west-1:000000000000:table/audit-log because no identity-based policy allows the dynamodb:PutItem action"
    )
    assert (decision.rule, decision.applied, decision.plan) == ("", False, None)
    assert c.counted("r") == (0, 0)
    assert c.fault("GetItem", "audit-log") == "ok"
    assert c.fault("PutItem", "orders") == "ok"
    assert "dynamodb:GetRecords on resource: *" in c.decide("GetRecords", service="streams").error.message


@pytest.mark.parametrize(
    ("operation", "params", "lag"),
    [
        ("GetItem", {}, 2.0),
        ("GetItem", {"ConsistentRead": True}, 0.0),
        ("Query", {"ConsistentRead": False}, 2.0),
        ("Scan", {"IndexName": "i"}, 2.0),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": []}}}, 2.0),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": []}, "u": {"Keys": [], "ConsistentRead": True}}}, 2.0),
        ("BatchExecuteStatement", {"Statements": []}, 2.0),
        ("TransactGetItems", {"TransactItems": []}, 0.0),
        ("PutItem", {}, 0.0),
        ("DescribeTable", {}, 0.0),
    ],
)
def test_only_what_may_read_eventually_can_lag(client: Any, operation: str, params: dict[str, Any], lag: float) -> None:
    decision = client("consistency: {lag: 2s}\nrules: []").decide(operation, "t", **params)
    assert (0.0 if decision is None else decision.lag) == lag
    assert decision is None or decision.stale is None


def test_a_rule_s_own_age_stands_for_any_read(client: Any) -> None:
    c = client("consistency: {lag: 2s}\nrules: [{name: r, when: {operation: GetItem}, fault: {stale: 10s}}]")
    assert (c.decide("GetItem", "t").stale, c.decide("GetItem", "t", ConsistentRead=True).stale) == (10.0, 10.0)
