"""`throughput`: what is let in, what is charged, and how the service says no. Carried out on a real engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock
from emulator.messages import Call

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"
TABLE = {
    "TableName": "orders",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "day", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        {"IndexName": "by-day", "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
    ],
}


@pytest.fixture
def ask(client: Any, call: Callable[..., Call], clock: ManualClock) -> Callable[..., Callable[..., Any]]:
    """A way to ask a limited engine: the answer, or the ServiceError."""

    def limited(limits: str, rules: str = "rules: []") -> Callable[..., Any]:
        engine = Engine(clock)
        engine.load_table("eu-west-1", "000000000000", TABLE, [])
        c = client(f"throughput: [{limits}]\n{rules}", key_names=lambda asked, table: ("id",) if table == "orders" else None)

        def answer(operation: str, **params: Any) -> Any:
            named = {} if operation.startswith("Batch") else {"TableName": "orders"}
            asked = call(operation, "orders", **named, **params)
            decision = c.decide(operation, "orders", **asked.params)
            if decision is not None and decision.error is not None:
                assert decision.applied is False
                return decision.error
            rewrites = () if decision is None else decision.rewrites
            done = asked
            for rewrite in rewrites:
                done = rewrite.before(done)
            found = engine.execute(done).output
            for rewrite in rewrites:
                found = rewrite.after(asked, found)
            return orjson.loads(orjson.dumps(found))

        return answer

    return limited


def item(name: str = "a", size: int = 10, **more: str) -> dict[str, Any]:
    return {"id": {"S": name}, "pad": {"S": "x" * size}, **{key: {"S": value} for key, value in more.items()}}


def reason(error: Any) -> tuple[str, str, str]:
    assert isinstance(error, ServiceError)
    ((told,),) = error.members.values()
    return error.spec.name, told["reason"], told["resource"]


def test_a_bucket_empties_and_fills(ask: Any, clock: ManualClock) -> None:
    put = ask("{table: orders, write: 2, burst: 2s}")
    assert [put("PutItem", Item=item()) for _ in range(4)] == [{}] * 4
    refused = put("PutItem", Item=item())
    assert reason(refused) == ("ProvisionedThroughputExceededException", "TableWriteProvisionedThroughputExceeded", ARN)
    assert refused.message.startswith("The level of configured provisioned throughput for the table was exceeded.")
    assert put("GetItem", Key={"id": {"S": "a"}})["Item"]["id"] == {"S": "a"}
    clock.advance(1)
    assert put("PutItem", Item=item()) == {}
    clock.advance(1000)
    assert [isinstance(put("PutItem", Item=item()), ServiceError) for _ in range(5)] == [False] * 4 + [True]


def test_a_moment_is_not_enough(ask: Any, clock: ManualClock) -> None:
    put = ask("{table: orders, write: 2, burst: 1s}")
    assert [put("PutItem", Item=item()) for _ in range(2)] == [{}, {}]
    clock.advance(0.4)
    assert isinstance(put("PutItem", Item=item()), ServiceError)
    clock.advance(0.1)
    assert put("PutItem", Item=item()) == {}


def test_a_bucket_smaller_than_a_unit_lets_in_when_it_is_full(ask: Any, clock: ManualClock) -> None:
    put = ask("{table: orders, write: 0.5, burst: 1s}")
    assert put("PutItem", Item=item()) == {}
    assert isinstance(put("PutItem", Item=item()), ServiceError)
    clock.advance(2)
    assert put("PutItem", Item=item()) == {}


def test_what_is_charged_is_what_was_consumed(ask: Any) -> None:
    put = ask("{table: orders, write: 10, burst: 1s}")
    assert put("PutItem", Item=item(size=5000)) == {}
    assert put("PutItem", Item=item(size=5000)) == {}
    assert isinstance(put("PutItem", Item=item()), ServiceError)


def test_the_client_gets_the_report_that_it_asked_for(ask: Any) -> None:
    answer = ask("{table: orders, write: 100}")
    assert "ConsumedCapacity" not in answer("PutItem", Item=item())
    assert answer("PutItem", Item=item(), ReturnConsumedCapacity="NONE").get("ConsumedCapacity") is None
    total = answer("PutItem", Item=item(), ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
    assert total == {"TableName": "orders", "CapacityUnits": 1.0}
    by_index = answer("PutItem", Item=item(day="mon"), ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert by_index["GlobalSecondaryIndexes"]["by-day"]["CapacityUnits"] == 1.0


def test_a_full_index_holds_up_its_table(ask: Any) -> None:
    put = ask("{table: orders, index: by-day, write: 2, read: 1, burst: 1s}")
    assert [put("PutItem", Item=item(name, day="mon")) for name in ("a", "b")] == [{}, {}]
    refused = put("PutItem", Item=item("c", day="mon"))
    assert reason(refused) == ("ProvisionedThroughputExceededException", "IndexWriteProvisionedThroughputExceeded", f"{ARN}/index/by-day")
    assert "global secondary indexes" in refused.message
    query = {"IndexName": "by-day", "KeyConditionExpression": "#d = :d", "ExpressionAttributeNames": {"#d": "day"}}
    values = {"ExpressionAttributeValues": {":d": {"S": "mon"}}}
    assert [isinstance(put("Query", **query, **values), ServiceError) for _ in range(3)] == [False, False, True]
    assert put("GetItem", Key={"id": {"S": "a"}})["Item"]


def test_a_hot_key(ask: Any) -> None:
    put = ask("{table: orders, limit: partition-key, write: 2}")
    assert [put("PutItem", Item=item("hot")) for _ in range(2)] == [{}] * 2
    assert reason(put("PutItem", Item=item("hot"))) == ("ThrottlingException", "TableWriteKeyRangeThroughputExceeded", ARN)
    assert put("PutItem", Item=item("cold")) == {}
    assert put("DeleteItem", Key={"id": {"S": "cold"}}) == {}


@pytest.mark.parametrize(
    ("limit", "error", "told"),
    [
        ("{table: orders, limit: on-demand-maximum, read: 1}", "ThrottlingException", "TableReadMaxOnDemandThroughputExceeded"),
        ("{limit: account, read: 1}", "RequestLimitExceeded", "TableReadAccountLimitExceeded"),
    ],
)
def test_other_limits(ask: Any, limit: str, error: str, told: str) -> None:
    get = ask(limit)
    answers = [get("GetItem", Key={"id": {"S": "a"}}, ConsistentRead=True) for _ in range(2)]
    assert answers[0] == {}
    assert reason(answers[1]) == (error, told, ARN)


def test_a_batch_is_let_in_as_far_as_it_fits(ask: Any) -> None:
    batch = ask("{table: orders, limit: partition-key, write: 1}")
    assert batch("PutItem", Item=item("hot")) == {}
    puts = [{"PutRequest": {"Item": item(name)}} for name in ("hot", "cold", "cool")]
    answer = batch("BatchWriteItem", RequestItems={"orders": puts})
    assert answer["UnprocessedItems"] == {"orders": [puts[0]]}
    assert batch("GetItem", Key={"id": {"S": "cold"}})["Item"]
    refused = batch("BatchWriteItem", RequestItems={"orders": puts})
    assert refused.spec.name == "ThrottlingException"


def test_entries_of_a_batch_share_what_is_left(ask: Any, clock: ManualClock) -> None:
    batch = ask("{table: orders, write: 3, burst: 1s}")
    puts = [{"PutRequest": {"Item": item(name)}} for name in "abcde"]
    assert batch("BatchWriteItem", RequestItems={"orders": puts})["UnprocessedItems"] == {"orders": puts[3:]}
    clock.advance(1.0)
    assert batch("BatchWriteItem", RequestItems={"orders": puts[3:]})["UnprocessedItems"] == {}


def test_keys_of_a_batch_share_what_is_left(ask: Any) -> None:
    batch = ask("{table: orders, read: 1, burst: 1s}")
    keys = [{"id": {"S": name}} for name in "abcde"]
    # Two eventually consistent reads to the unit
    assert batch("BatchGetItem", RequestItems={"orders": {"Keys": keys}})["UnprocessedKeys"] == {"orders": {"Keys": keys[2:]}}


def test_a_batch_of_which_nothing_fits_is_refused(ask: Any) -> None:
    batch = ask("{table: orders, write: 1, burst: 1s}")
    puts = [{"PutRequest": {"Item": item(name)}} for name in ("a", "b", "c")]
    assert batch("BatchWriteItem", RequestItems={"orders": puts})["UnprocessedItems"] == {"orders": puts[1:]}
    assert reason(batch("BatchWriteItem", RequestItems={"orders": puts}))[0] == "ProvisionedThroughputExceededException"


def test_a_rule_and_a_limit_together_leave_no_entry_twice(ask: Any) -> None:
    rules = "rules: [{name: r, when: {operation: BatchWriteItem}, fault: {unprocessed: {indexes: [0, 1]}}}]"
    batch = ask("{table: orders, limit: partition-key, write: 1}", rules)
    assert batch("PutItem", Item=item("hot")) == {}
    puts = [{"PutRequest": {"Item": item(name)}} for name in ("hot", "cold", "cool")]
    assert batch("BatchWriteItem", RequestItems={"orders": puts})["UnprocessedItems"] == {"orders": puts[:2]}


def test_a_request_that_a_rule_refuses_costs_nothing(ask: Any) -> None:
    rules = "rules: [{name: r, limit: 3, fault: InternalServerError}]"
    put = ask("{table: orders, write: 1, burst: 1s}", rules)
    names = [getattr(getattr(put("PutItem", Item=item()), "spec", None), "name", None) for _ in range(5)]
    assert names == ["InternalServerError"] * 3 + [None, "ProvisionedThroughputExceededException"]


def test_other_tables_and_the_control_plane_are_free(ask: Any, client: Any) -> None:
    c = client("throughput: [{table: users, read: 1, write: 1}]\nrules: []")
    assert c.decide("PutItem", "orders", TableName="orders", Item=item()) is None
    assert c.decide("DescribeTable", "users", TableName="users") is None


def test_keys_do_not_pile_up(client: Any) -> None:
    c = client("throughput: [{table: orders, limit: partition-key, write: 5}]\nrules: []", key_names=lambda asked, table: ("id",))
    for number in range(10_100):
        c.decide("PutItem", "orders", TableName="orders", Item=item(str(number)))
    (state,) = c.rules._counters.throughput._states
    assert len(state._buckets) == 10_000


def test_reset_fills_the_buckets(client: Any) -> None:
    c = client("throughput: [{table: orders, write: 1, burst: 1s}]\nrules: []")
    (charge,) = c.decide("PutItem", "orders", TableName="orders", Item=item()).rewrites
    charge.after(
        c._call("PutItem", "orders"), {"ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 5.0, "Table": {"CapacityUnits": 5.0}}}
    )
    assert c.fault("PutItem", "orders", TableName="orders", Item=item()) == "TableWriteProvisionedThroughputExceeded"
    c.rules = c.rules.restarted()
    assert c.fault("PutItem", "orders", TableName="orders", Item=item()) == ""
