"""Why a request is not one that a rule speaks of."""

from __future__ import annotations

from collections.abc import Callable

from emulator.faults import Difference, Matcher
from emulator.messages import Attempt, Call, HttpRequest
from emulator.scenario import When, load_rule

FIRST = Attempt("c", 1)


def differences(asked: When, about: Call, attempt: Attempt) -> tuple[Difference, ...]:
    return Matcher(asked).differences(about, attempt)


def when(**keys: object) -> When:
    return load_rule({"name": "r", "fault": "ok", "when": keys}).when


def test_no_difference_is_a_match(call: Callable[..., Call]) -> None:
    asked = when(operation="writes", table=["users", "ord*"], attempt=1)
    assert differences(asked, call("PutItem", "orders"), FIRST) == ()


def test_every_key_that_does_not_hold_is_named(call: Callable[..., Call]) -> None:
    asked = when(operation="Query", table="users", index="by-day", attempt="2..")
    found = differences(asked, call("PutItem", "orders"), FIRST)
    assert found == (
        Difference("operation", "Query", "PutItem"),
        Difference("table", "users", "orders"),
        Difference("index", "by-day", "no index"),
        Difference("attempt", "2..", "1"),
    )
    assert str(found[1]) == "table: wanted users, was orders"


def test_another_service_is_a_difference(call: Callable[..., Call]) -> None:
    (found,) = differences(when(), call("GetRecords", service="streams"), FIRST)
    assert (found.wanted, found.seen) == ("any operation of dynamodb", "GetRecords of streams")


def test_key(call: Callable[..., Call]) -> None:
    asked = when(key={"customer": "a*", "order": 1})
    fits = {"customer": {"S": "ada"}, "order": {"N": "1.0"}}
    assert not differences(asked, call("GetItem", "t", Key=fits), FIRST)
    assert not differences(asked, call("PutItem", "t", Item={**fits, "status": {"S": "open"}}), FIRST)
    batch = {"t": [{"PutRequest": {"Item": {"customer": {"S": "bob"}}}}, {"DeleteRequest": {"Key": fits}}]}
    assert not differences(asked, call("BatchWriteItem", "t", RequestItems=batch), FIRST)
    assert not differences(asked, call("BatchGetItem", "t", RequestItems={"t": {"Keys": [fits]}}), FIRST)
    transaction = [{"ConditionCheck": {"TableName": "t", "Key": fits}}]
    assert not differences(asked, call("TransactWriteItems", "t", TransactItems=transaction), FIRST)
    for other in (
        {"customer": {"S": "ada"}, "order": {"N": "2"}},
        {"customer": {"S": "bob"}, "order": {"N": "1"}},
        {"customer": {"S": "ada"}},
    ):
        (found,) = differences(asked, call("GetItem", "t", Key=other), FIRST)
        assert found.key == "key"
        assert found.wanted == "customer: a*, order: 1"
    assert differences(asked, call("Scan", "t"), FIRST)[0].seen == "a request that names no item"


def test_where(call: Callable[..., Call]) -> None:
    asked = when(where="Item.status.S == 'open'")
    assert not differences(asked, call("PutItem", "t", Item={"status": {"S": "open"}}), FIRST)
    (found,) = differences(asked, call("PutItem", "t", Item={"status": {"S": "shut"}}), FIRST)
    assert (found.key, found.seen) == ("where", "false")
    assert differences(when(where="length(Key) > `2`"), call("Scan", "t"), FIRST)
    assert differences(when(where="Items[?n]"), call("Scan", "t", Items=[]), FIRST)
    assert not differences(when(where="Limit"), call("Scan", "t", Limit=0), FIRST)
    (unfit,) = differences(when(where="Item.total.N > `5`"), call("PutItem", "t", Item={"total": {"N": "7"}}), FIRST)
    assert "not supported" in unfit.seen


def test_client_and_region(call: Callable[..., Call]) -> None:
    request = HttpRequest("POST", "/", {"user-agent": "Boto3/1.44", "x-tenant": "acme"}, b"")
    for wanted in ({"access_key": "AK*"}, {"user_agent": "*boto*"}, {"user_agent": "Boto3/*", "header": {"X-Tenant": "ac*"}}):
        hit = not differences(when(client=wanted), call("Scan", "t", request=request), FIRST)
        assert hit is (wanted != {"user_agent": "*boto*"})
    (missing,) = differences(when(client={"header": {"x-other": "*a*"}}), call("Scan", "t", request=request), FIRST)
    assert missing.seen == "x-other: "
    assert not differences(when(region=["us-*", "eu-west-1"]), call("Scan"), FIRST)
    assert differences(when(region="us-*"), call("Scan"), FIRST)[0] == Difference("region", "us-*", "eu-west-1")
