"""`unprocessed` and `cancel`: what happens to the parts of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.messages import Call

Puts = dict[str, list[dict[str, Any]]]


def put(number: int, table: str = "t") -> dict[str, Any]:
    return {"PutRequest": {"Item": {"id": {"S": f"k{number}"}, "n": {"N": str(number)}}}}


def numbers(entries: list[dict[str, Any]]) -> list[int]:
    return [int(entry["PutRequest"]["Item"]["n"]["N"]) for entry in entries]


def decide(client: Any, unprocessed: str, requests: Puts, when: str = "operation: BatchWriteItem") -> Any:
    c = client(f"rules: [{{name: r, when: {{{when}}}, fault: {{unprocessed: {unprocessed}}}}}]")
    return c.decide("BatchWriteItem", *requests, RequestItems=requests)


@pytest.mark.parametrize(
    ("unprocessed", "left"),
    [
        ("{every: 2}", [1, 3]),
        ("{indexes: [0, 3, 99]}", [0, 3]),
        ("{all_but: 1}", [1, 2, 3, 4]),
        ("{keys: [{id: k2}, {n: 4.0}]}", [2, 4]),
        ("{keys: [{id: 'k[13]'}]}", [1, 3]),
    ],
)
def test_which_writes_come_back(client: Any, call: Callable[..., Call], unprocessed: str, left: list[int]) -> None:
    requests = {"t": [put(number) for number in range(5)]}
    decision = decide(client, unprocessed, requests)
    (rewrite,) = decision.rewrites
    asked = call("BatchWriteItem", "t", RequestItems=requests)
    done = rewrite.before(asked)
    assert numbers(done.params["RequestItems"]["t"]) == [number for number in range(5) if number not in left]
    answer = rewrite.after(asked, {"UnprocessedItems": {}, "ConsumedCapacity": []})
    assert numbers(answer["UnprocessedItems"]["t"]) == left
    assert answer["ConsumedCapacity"] == []
    assert decision.fault == f"unprocessed {len(left)} of 5"
    assert (decision.error, decision.applied) == (None, True)
    assert numbers(asked.params["RequestItems"]["t"]) == [0, 1, 2, 3, 4]


def test_a_fraction_is_drawn_and_repeats(client: Any) -> None:
    requests = {"t": [put(number) for number in range(10)]}
    first, second = (decide(client, "{fraction: 0.3}", requests).rewrites[0].hit for _ in range(2))
    assert first == second
    assert len(first) == 3
    c = client("rules: [{name: r, when: {operation: BatchWriteItem}, fault: {unprocessed: {fraction: 0.3}}}]")
    assert len({c.decide("BatchWriteItem", "t", RequestItems=requests).rewrites[0].hit for _ in range(10)}) > 3


@pytest.mark.parametrize("unprocessed", ["{every: 1}", "{fraction: 1}", "{all_but: 0}"])
def test_all_of_them_is_an_error(client: Any, unprocessed: str) -> None:
    decision = decide(client, unprocessed, {"t": [put(1), put(2)]})
    assert decision.error.spec.name == "ProvisionedThroughputExceededException"
    assert decision.applied is False
    assert decision.rewrites == []


def test_none_of_them_is_nothing(client: Any) -> None:
    decision = decide(client, "{indexes: [7]}", {"t": [put(1)]})
    assert (decision.error, decision.rewrites, decision.fault) == (None, [], "unprocessed 0 of 1")


def test_only_entries_that_when_names_are_hit(client: Any, call: Callable[..., Call]) -> None:
    requests = {"orders": [put(1), put(2)], "users": [put(3), put(4)]}
    (rewrite,) = decide(client, "{all_but: 0}", requests, "operation: BatchWriteItem, table: orders, key: {id: 'k*'}").rewrites
    asked = call("BatchWriteItem", "orders", "users", RequestItems=requests)
    assert set(rewrite.before(asked).params["RequestItems"]) == {"users"}
    left = rewrite.after(asked, {})["UnprocessedItems"]
    assert list(left) == ["orders"]
    (one,) = decide(client, "{all_but: 0}", requests, "operation: BatchWriteItem, key: {id: k3}").rewrites
    assert numbers(one.after(asked, {})["UnprocessedItems"]["users"]) == [3]


def test_unprocessed_reads_keep_what_was_asked_of_them(client: Any, call: Callable[..., Call]) -> None:
    c = client("rules: [{name: r, when: {operation: BatchGetItem}, fault: {unprocessed: {indexes: [1]}}}]")
    asked = call("BatchGetItem", "t", RequestItems={"t": {"Keys": [{"id": {"S": "a"}}, {"id": {"S": "b"}}], "ConsistentRead": True}})
    (rewrite,) = c.decide("BatchGetItem", "t", **asked.params).rewrites
    assert rewrite.before(asked).params["RequestItems"] == {"t": {"Keys": [{"id": {"S": "a"}}], "ConsistentRead": True}}
    left_by_engine = {"UnprocessedKeys": {"t": {"Keys": [{"id": {"S": "a"}}], "ConsistentRead": True}}, "Responses": {}}
    answer = rewrite.after(asked, left_by_engine)
    assert answer["UnprocessedKeys"] == {"t": {"Keys": [{"id": {"S": "a"}}, {"id": {"S": "b"}}], "ConsistentRead": True}}


def cancel(client: Any, reasons: str, actions: int, operation: str = "TransactWriteItems") -> Any:
    c = client(f"rules: [{{name: r, when: {{operation: transactions}}, fault: {{cancel: {reasons}}}}}]")
    guarded: dict[str, Any] = {"Put": {"TableName": "t", "Item": {}, "ConditionExpression": "attribute_exists(id)"}}
    if operation == "ExecuteTransaction":
        return c.decide(operation, "t", TransactStatements=[{"Statement": "UPDATE t SET n = 1 WHERE id = 'a'"}] * actions)
    return c.decide(operation, "t", TransactItems=[guarded] * actions)


@pytest.mark.parametrize("operation", ["TransactWriteItems", "ExecuteTransaction"])
def test_a_cancelled_transaction(client: Any, operation: str) -> None:
    decision = cancel(client, "{0: ConditionalCheckFailed, 2: TransactionConflict, 9: ThrottlingError}", 3, operation)
    assert decision.applied is False
    assert decision.error.message == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None, TransactionConflict]"
    )
    assert decision.error.members["CancellationReasons"] == [
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        {"Code": "None"},
        {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item."},
    ]


def test_a_transaction_that_is_too_short_to_cancel(client: Any) -> None:
    decision = cancel(client, "{5: TransactionConflict}", 2)
    assert (decision.error, decision.applied, decision.fault) == (None, True, "cancelled nothing: the transaction is too short")
