"""V20 and V21: writes whose acknowledgement was lost; and what makes a write one that must not come twice."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from emulator.audit import Status
from emulator.audit.idempotency import accumulates, is_repeatable
from emulator.messages import Call, HttpRequest

KEY = {"TableName": "orders", "Key": {"id": {"S": "x"}}}
COUNTER = {**KEY, "UpdateExpression": "ADD hits :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
GUARDED = {"TableName": "orders", "Item": {"id": {"S": "x"}}, "ConditionExpression": "attribute_not_exists(id)"}


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("UpdateItem", {"UpdateExpression": "ADD hits :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}, True),
        ("UpdateItem", {"UpdateExpression": "ADD tags :t", "ExpressionAttributeValues": {":t": {"SS": ["a"]}}}, False),
        ("UpdateItem", {"UpdateExpression": "SET hits = hits + :n"}, True),
        ("UpdateItem", {"UpdateExpression": "SET #h = if_not_exists(hits, :z) + :n", "ExpressionAttributeNames": {"#h": "hits"}}, True),
        ("UpdateItem", {"UpdateExpression": "SET total = price + :n"}, False),
        ("UpdateItem", {"UpdateExpression": "SET seen = if_not_exists(seen, :n)"}, False),
        ("UpdateItem", {"UpdateExpression": "SET log = list_append(log, :l)"}, True),
        ("UpdateItem", {"UpdateExpression": "SET a.b[1] = a.b[1] - :n"}, True),
        ("UpdateItem", {"UpdateExpression": "SET status = :s REMOVE draft DELETE tags :t"}, False),
        ("UpdateItem", {"UpdateExpression": "SET ((("}, False),
        ("UpdateItem", {"AttributeUpdates": {"hits": {"Action": "ADD", "Value": {"N": "1"}}}}, True),
        ("UpdateItem", {"AttributeUpdates": {"hits": {"Action": "PUT", "Value": {"N": "1"}}}}, False),
        ("ExecuteStatement", {"Statement": "UPDATE orders SET hits = hits + 1 WHERE id = 'x'"}, True),
        ("ExecuteStatement", {"Statement": 'UPDATE orders SET "log"=list_append("log", [1]) WHERE id = \'x\''}, True),
        ("ExecuteStatement", {"Statement": "UPDATE orders SET hits = 5 WHERE id = 'x'"}, False),
        ("BatchExecuteStatement", {"Statements": [{"Statement": "UPDATE o SET n = n - 1 WHERE id = 'x'"}]}, True),
        ("PutItem", {"Item": {"id": {"S": "x"}}}, False),
        ("DeleteItem", {}, False),
    ],
)
def test_a_write_that_adds_up_is_known(operation: str, params: dict[str, Any], expected: bool) -> None:
    call = Call("dynamodb", operation, params, ("orders",), "us-east-1", "0", "AKID", "", HttpRequest("POST", "/", {}, b""))
    assert accumulates(call) is expected
    assert is_repeatable(call) is not expected


def test_a_condition_or_a_token_makes_a_write_repeatable() -> None:
    def call(operation: str, **params: Any) -> Call:
        return Call("dynamodb", operation, params, (), "us-east-1", "0", "AKID", "", HttpRequest("POST", "/", {}, b""))

    assert is_repeatable(call("UpdateItem", **COUNTER, ConditionExpression="version = :v"))
    assert is_repeatable(call("ExecuteTransaction", TransactStatements=[{"Statement": "UPDATE o SET n = n + 1"}], ClientRequestToken="t"))
    assert is_repeatable(call("GetItem"))


def test_a_counter_that_was_increased_twice_fails(judge: Any, call: Any, attempt: Any) -> None:
    lost = attempt("reset", applied=True)
    ruling = judge("V20", call("a", lost, attempt("ok"), operation="UpdateItem", params=COUNTER))
    assert (ruling.status, ruling.calls) == (Status.FAIL, ("a",))


def test_the_application_may_double_it_just_as_well(judge: Any, call: Any, attempt: Any) -> None:
    first = call("a", attempt("InternalServerError", applied=True), operation="UpdateItem", params=COUNTER)
    again = call("b", "ok", operation="UpdateItem", params=COUNTER, at=1.0)
    assert judge("V20", first, again).status is Status.FAIL
    assert judge("V20", first).status is Status.PASS


JAVASCRIPT, BOTO3 = "aws-sdk-js/3.1161.0 md/nodejs#22", "Boto3/1.44.5 md/Botocore#1.44.5 cfg/retry-mode#standard"


@pytest.mark.parametrize(("agent", "status"), [(JAVASCRIPT, Status.NOTHING), ("Unknown/1.0", Status.NOTHING), (BOTO3, Status.FAIL)])
def test_a_client_that_never_looks_at_checksums_was_told(judge: Any, call: Any, attempt: Any, agent: str, status: Status) -> None:
    """The same once more is then the next of its kind, such as another hit."""
    wrong = attempt("ok", applied=True, reply={"x-amz-crc32": "1"})
    first = call("a", wrong, operation="UpdateItem", params=COUNTER, agent=agent)
    again = call("b", "ok", operation="UpdateItem", params=COUNTER, at=1.0, agent=agent)
    assert judge("V20", first, again).status is status


def test_the_same_put_twice_is_one(judge: Any, call: Any, attempt: Any) -> None:
    lost = attempt("reset", applied=True)
    assert judge("V20", call("a", lost, "ok")).status is Status.PASS
    returning = {"TableName": "orders", "Item": {"id": {"S": "x"}}, "ReturnValues": "ALL_OLD"}
    assert judge("V20", call("a", lost, "ok", params=returning)).status is Status.WARN


def test_without_a_lost_acknowledgement_there_is_nothing_to_judge(judge: Any, call: Any) -> None:
    assert judge("V20", call("a", "reset", "ok", operation="UpdateItem", params=COUNTER)).status is Status.NOTHING
    assert judge("V21", call("a", "ConditionalCheckFailedException", params=GUARDED)).status is Status.NOTHING


@pytest.mark.parametrize(
    ("operation", "params", "status"),
    [
        ("GetItem", {**KEY, "ConsistentRead": True}, Status.PASS),
        ("GetItem", KEY, Status.WARN),
        ("GetItem", {"TableName": "orders", "Key": {"id": {"S": "other"}}, "ConsistentRead": True}, Status.WARN),
        ("BatchGetItem", {"RequestItems": {"orders": {"Keys": [{"id": {"S": "x"}}], "ConsistentRead": True}}}, Status.PASS),
        ("TransactGetItems", {"TransactItems": [{"Get": KEY}]}, Status.PASS),
        ("Query", {"TableName": "orders", "ConsistentRead": True}, Status.PASS),
    ],
)
def test_a_false_failure_is_looked_into(
    judge: Any, call: Any, attempt: Any, operation: str, params: dict[str, Any], status: Status
) -> None:
    doubted = call("a", attempt("reset", applied=True), attempt("ConditionalCheckFailedException", applied=False), params=GUARDED)
    assert judge("V21", doubted, call("b", "ok", operation=operation, params=params, at=5.0)).status is status
    assert judge("V21", call("b", "ok", operation=operation, params=params, at=0.0), doubted).status is Status.WARN


def test_the_item_that_came_with_the_refusal_is_as_good_as_a_read(judge: Any, call: Any, attempt: Any) -> None:
    params = {**GUARDED, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    doubted = call("a", attempt("reset", applied=True), attempt("ConditionalCheckFailedException", applied=False), params=params)
    assert judge("V21", doubted).status is Status.PASS


# --- reading, changing and putting back


def put(call: Any, attempt: Any, name: str, number: int, what: str = "ok", at: float = 0.0, applied: bool = True, **more: Any) -> Any:
    params = {"TableName": "orders", "Item": {"id": {"S": "x"}, "n": {"N": str(number)}}, **more}
    return call(name, attempt(what, applied=applied), params=params, at=at, numbered=1)


def get(call: Any, attempt: Any, name: str, number: int, at: float) -> Any:
    body = orjson.dumps({"Item": {"id": {"S": "x"}, "n": {"N": str(number)}}})
    return call(name, attempt("ok", body=body), operation="GetItem", params=KEY, at=at, numbered=1)


def test_a_change_that_is_read_and_put_back_once_more_is_doubled(judge: Any, call: Any, attempt: Any) -> None:
    lost = [get(call, attempt, "r1", 4, 0.0), put(call, attempt, "w1", 5, "reset", 0.1)]
    ruling = judge("V20", *lost, get(call, attempt, "r2", 5, 1.0), put(call, attempt, "w2", 6, at=1.1))
    assert (ruling.status, ruling.calls) == (Status.FAIL, ("w1",))


@pytest.mark.parametrize("form", ["expression", "legacy"])
def test_so_is_one_that_an_update_sets(judge: Any, call: Any, attempt: Any, form: str) -> None:
    def updated(name: str, number: int, what: str, at: float) -> Any:
        value = {"N": str(number)}
        setting: dict[str, Any] = {"AttributeUpdates": {"n": {"Action": "PUT", "Value": value}}}
        if form == "expression":
            names, values = {"#n": "n"}, {":n": value, ":at": {"S": f"{at}"}}
            setting = {
                "UpdateExpression": "SET #n = :n, seen = :at",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
            }
        return call(name, attempt(what, applied=True), operation="UpdateItem", params={**KEY, **setting}, at=at, numbered=1)

    lost = [get(call, attempt, "r1", 4, 0.0), updated("w1", 5, "reset", 0.1), get(call, attempt, "r2", 5, 1.0)]
    assert judge("V20", *lost, updated("w2", 6, "ok", 1.1)).status is Status.FAIL
    assert judge("V20", *lost, updated("w2", 5, "ok", 1.1)).status is Status.PASS


def test_a_number_that_was_not_there_before_may_be_that_of_the_attempt(judge: Any, call: Any, attempt: Any) -> None:
    nothing = call("r1", attempt("ok", body=b"{}"), operation="GetItem", params=KEY, at=0.0, numbered=1)
    lost = [nothing, put(call, attempt, "w1", 1, "reset", 0.1), get(call, attempt, "r2", 1, 1.0)]
    assert judge("V20", *lost, put(call, attempt, "w2", 2, at=1.1)).status is Status.WARN


def test_a_next_change_of_the_same_item_is_no_doubled_one(judge: Any, call: Any, attempt: Any) -> None:
    lost = [get(call, attempt, "r1", 4, 0.0), put(call, attempt, "w1", 5, "reset", 0.1)]
    good: list[list[Any]] = [
        [],
        [get(call, attempt, "r2", 5, 1.0)],
        [get(call, attempt, "r2", 5, 1.0), put(call, attempt, "w2", 5, at=1.1)],
        [get(call, attempt, "r2", 5, 1.0), put(call, attempt, "w2", 15, at=1.1)],
        [get(call, attempt, "r2", 5, 1.0), get(call, attempt, "r3", 5, 1.05), put(call, attempt, "w2", 6, at=1.1)],
        [put(call, attempt, "w2", 6, at=1.1)],
    ]
    assert [judge("V20", *lost, *rest).status for rest in good] == [Status.PASS] * len(good)
    guarded: dict[str, Any] = {"ConditionExpression": "n = :old", "ExpressionAttributeValues": {":old": {"N": "4"}}}
    held = [get(call, attempt, "r1", 4, 0.0), put(call, attempt, "w1", 5, "reset", 0.1, **guarded)]
    assert judge("V20", *held, get(call, attempt, "r2", 5, 1.0), put(call, attempt, "w2", 6, at=1.1)).status is Status.PASS
    in_vain = [get(call, attempt, "r1", 4, 0.0), put(call, attempt, "w1", 5, "reset", 0.1, applied=False)]
    assert judge("V20", *in_vain, get(call, attempt, "r2", 4, 1.0), put(call, attempt, "w2", 5, at=1.1)).status is Status.NOTHING


# --- V41

VERSIONED = {**KEY, "ConditionExpression": "version = :seen", "ExpressionAttributeValues": {":seen": {"N": "3"}}}
CCF = "ConditionalCheckFailedException"


def races(call: Any, count: int, params: dict[str, Any]) -> list[Any]:
    return [call(f"c{number}", CCF, operation="UpdateItem", params=params, at=number * 0.5, numbered=1) for number in range(count)]


def test_a_lost_race_is_looked_into(judge: Any, call: Any) -> None:
    assert [judge("V41", *races(call, count, VERSIONED)).status for count in (1, 2, 3)] == [Status.PASS, Status.WARN, Status.FAIL]
    assert judge("V41", call("a", "ok")).status is Status.NOTHING
    looked = races(call, 2, VERSIONED)
    looked.insert(1, call("r", "ok", operation="GetItem", params=KEY, at=0.2))
    assert judge("V41", *looked).status is Status.PASS


def test_a_lock_may_be_asked_for_as_often_as_one_likes(judge: Any, call: Any) -> None:
    for condition in ("attribute_not_exists(id)", "attribute_not_exists(id) OR holder = :seen", "expires < :seen"):
        params = {**VERSIONED, "ConditionExpression": condition}
        assert judge("V41", *races(call, 5, params)).status is Status.NOTHING
    legacy = {**KEY, "Expected": {"version": {"Value": {"N": "3"}}}}
    assert judge("V41", *races(call, 3, legacy)).status is Status.FAIL
