"""What each fault becomes in a decision."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.faults import edited
from emulator.messages import NOTHING, Ending, HttpReply, Portion, WirePlan


def decide(client: Any, fault: str, operation: str = "GetItem", **more: Any) -> Any:
    when = f"{{service: {more['service']}}}" if "service" in more else "{operation: reads}"
    return client(f"rules: [{{name: r, when: {when}, fault: {fault}}}]").decide(operation, "orders", **more)


def test_an_error_answers_and_leaves_the_data_untouched(client: Any) -> None:
    decision = decide(client, "ProvisionedThroughputExceededException")
    assert decision.error.spec.name == "ProvisionedThroughputExceededException"
    assert decision.error.message.startswith("The level of configured provisioned throughput")
    assert (decision.rule, decision.fault, decision.applied, decision.plan) == ("r", "ProvisionedThroughputExceededException", False, None)


def test_an_applied_error(client: Any) -> None:
    decision = decide(client, "{error: InternalServerError, applied: true}")
    assert (decision.error.spec.status, decision.applied) == (500, True)


def test_an_error_with_its_members(client: Any) -> None:
    reasons = "[TableReadAccountLimitExceeded, IndexReadKeyRangeThroughputExceeded]"
    decision = decide(client, f"{{error: ThrottlingException, message: Slow, reasons: {reasons}}}", IndexName="by-day")
    arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"
    assert decision.error.message == "Slow"
    assert decision.error.members == {
        "throttlingReasons": [
            {"reason": "TableReadAccountLimitExceeded", "resource": arn},
            {"reason": "IndexReadKeyRangeThroughputExceeded", "resource": f"{arn}/index/by-day"},
        ]
    }
    capital = decide(client, "{error: RequestLimitExceeded, reasons: [TableReadAccountLimitExceeded]}")
    assert list(capital.error.members) == ["ThrottlingReasons"]


def test_the_item_of_a_failed_condition(client: Any) -> None:
    c = client("rules: [{name: r, when: {operation: PutItem}, fault: {error: ConditionalCheckFailedException, item: {id: a}}}]")
    asked = {"TableName": "orders", "Item": {}, "ConditionExpression": "attribute_exists(id)"}
    assert c.decide("PutItem", "orders", **asked).error.members == {}
    asked["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    assert c.decide("PutItem", "orders", **asked).error.members == {"Item": {"id": {"S": "a"}}}


def test_each_service_has_its_own_envelope(client: Any) -> None:
    decision = decide(client, "ThrottlingException", "ListGateways", service="backup-gateway")
    assert (decision.error.spec.status, decision.error.spec.message_key) == (429, "Message")


def test_status_and_headers_change_the_reply(client: Any) -> None:
    decision = decide(client, "{error: ThrottlingException, status: 503, retry_after: 1500ms}")
    reply = edited(decision, HttpReply(400, [("Content-Type", "x"), ("X-Amz-Retry-After", "1")], b"body"))
    assert reply == HttpReply(503, [("Content-Type", "x"), ("x-amz-retry-after", "1500")], b"body")


def test_a_reply_that_nothing_changes_stays_itself(client: Any) -> None:
    reply = HttpReply(400, [], b"")
    assert edited(decide(client, "ThrottlingException"), reply) is reply


@pytest.mark.parametrize(
    ("fault", "plan", "applied", "text"),
    [
        ("{connection: reset}", WirePlan(portion=NOTHING, ending=Ending.RESET), False, "connection reset"),
        ("{connection: reset, applied: true}", WirePlan(portion=NOTHING, ending=Ending.RESET), True, "connection reset"),
        ("{connection: close, after: 50%}", WirePlan(portion=Portion(share=0.5), ending=Ending.CLOSE), True, "connection close"),
        ("{connection: close, after: headers}", WirePlan(portion=Portion(head_only=True), ending=Ending.CLOSE), True, "connection close"),
        ("{connection: hang, for: 30s}", WirePlan(portion=NOTHING, ending=Ending.HANG, hang_for=30.0), False, "connection hang"),
        ("{connection: hang}", WirePlan(portion=NOTHING, ending=Ending.HANG), False, "connection hang"),
        ("{connection: finish}", WirePlan(ending=Ending.FINISH), True, "connection finish"),
        ("{connection: reset, delay: 1s}", WirePlan(1.0, NOTHING, ending=Ending.RESET), False, "connection reset, delay 1s"),
        ("{delay: 1.5s}", WirePlan(1.5), True, "delay 1.5s"),
        ("{delay: 0s}", None, True, "delay 0ms"),
    ],
)
def test_connections_and_delays(client: Any, fault: str, plan: WirePlan | None, applied: bool, text: str) -> None:
    decision = decide(client, fault)
    assert (decision.plan, decision.applied, decision.fault, decision.error) == (plan, applied, text, None)
