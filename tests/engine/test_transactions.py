"""TransactWriteItems and TransactGetItems."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb.dispatch import find_operation, outcome_of
from emulator.backends.dynamodb.state import State
from emulator.backends.dynamodb.table import Table
from emulator.backends.dynamodb.transactions import Action, run
from emulator.backends.dynamodb.writes import DeleteWrite
from emulator.clock import ManualClock
from emulator.messages import Call, HttpRequest

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Fails = Callable[..., ServiceError]
Defined = Callable[..., dict[str, Any]]

_NO_REQUEST = HttpRequest("POST", "/", {}, b"")
NONE = {"Code": "None"}
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}


def _pk(name: str, **others: Any) -> dict[str, Any]:
    return {"pk": {"S": name}, **{key: {"N": str(value)} for key, value in others.items()}}


def _put(name: str, **others: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "hashed", "Item": _pk(name), **others}}


def _delete(name: str, **others: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": "hashed", "Key": _pk(name), **others}}


def _check(name: str, condition: str = "attribute_exists(pk)", **others: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": "hashed", "Key": _pk(name), "ConditionExpression": condition, **others}}


def _count(name: str, **others: Any) -> dict[str, Any]:
    values = {":one": {"N": "1"}}
    update = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": values}
    return {"Update": {"TableName": "hashed", "Key": _pk(name), **update, **others}}


def _get(name: str, **others: Any) -> dict[str, Any]:
    return {"Get": {"TableName": "hashed", "Key": _pk(name), **others}}


@pytest.fixture(autouse=True)
def _stored(do: Do, hashed: str) -> None:
    do("PutItem", TableName=hashed, Item=_pk("old", n=1))


def _names(do: Do) -> list[str]:
    return sorted(item["pk"]["S"] for item in do("Scan", TableName="hashed")["Items"])


class TestWrite:
    def test_all_kinds_of_actions_over_several_tables(self, do: Do, sorted_: str) -> None:
        do("PutItem", TableName="hashed", Item=_pk("gone"))
        key = {"pk": {"S": "a"}, "sk": {"N": "1"}}
        actions = [_put("new"), _count("counted"), _delete("gone"), _check("old"), {"Put": {"TableName": sorted_, "Item": key}}]
        assert do("TransactWriteItems", TransactItems=actions) == {}
        assert _names(do) == ["counted", "new", "old"]
        assert do("GetItem", TableName=sorted_, Key=key) == {"Item": key}

    def test_one_failed_condition_and_nothing_is_written(self, do: Do, fails: Fails) -> None:
        actions = [_put("new"), _check("missing"), _put("old", ConditionExpression="attribute_not_exists(pk)")]
        error = fails("TransactWriteItems", TransactItems=actions)
        assert error.spec.name == "TransactionCanceledException"
        assert error.message == (
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            "[None, ConditionalCheckFailed, ConditionalCheckFailed]"
        )
        assert error.members == {"CancellationReasons": [NONE, FAILED, FAILED]}
        assert _names(do) == ["old"]

    def test_a_reason_shows_the_item_on_request(self, fails: Fails) -> None:
        show = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        actions = [_check("missing", **show), _check("old", "attribute_not_exists(pk)", **show), _delete("other")]
        reasons = fails("TransactWriteItems", TransactItems=actions).members["CancellationReasons"]
        assert reasons == [FAILED, {**FAILED, "Item": _pk("old", n=1)}, NONE]

    @pytest.mark.parametrize(
        ("action", "text"),
        [
            (
                {"Put": {"TableName": "hashed", "Item": {"pk": {"N": "1"}}}},
                "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
            ),
            ({"Delete": {"TableName": "hashed", "Key": {"pk": {"N": "1"}}}}, "The provided key element does not match the schema"),
            ({"Update": {"TableName": "hashed", "Key": {"x": {"S": "1"}}, "UpdateExpression": "REMOVE n"}}, "does not match the schema"),
            (
                _count("old", UpdateExpression="ADD n :one SET x = y"),
                "The provided expression refers to an attribute that does not exist in the item",
            ),
            (_count("old", UpdateExpression="SET pk = :one"), "Cannot update attribute pk. This attribute is part of the key"),
            (
                {
                    "Update": {
                        "TableName": "hashed",
                        "Key": _pk("old"),
                        "UpdateExpression": "SET x = :x",
                        "ExpressionAttributeValues": {":x": {"S": "y" * 409_600}},
                    }
                },
                "Item size to update has exceeded the maximum allowed size",
            ),
        ],
    )
    def test_what_the_table_or_the_item_refuses_is_a_reason(self, do: Do, fails: Fails, action: dict[str, Any], text: str) -> None:
        error = fails("TransactWriteItems", TransactItems=[_put("new"), action])
        first, second = error.members["CancellationReasons"]
        assert (first, second["Code"]) == (NONE, "ValidationError")
        assert text in second["Message"]
        assert _names(do) == ["old"]

    @pytest.mark.parametrize(
        ("action", "text"),
        [
            ({}, "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"),
            ({**_put("a"), **_delete("b")}, "TransactItems can only contain one of Check, Put, Update or Delete"),
            (_delete("old"), "Transaction request cannot include multiple operations on one item"),
            (_put(""), "cannot contain an empty string value. Key: pk"),
            (_delete(""), "cannot contain an empty string value. Key: pk"),
            (_check("a", "("), "Invalid ConditionExpression: Syntax error"),
            (
                _check("a", ExpressionAttributeValues={":x": {"S": "x"}}),
                "Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}",
            ),
            (
                {"Put": {"TableName": "hashed", "Item": {**_pk("a"), "x": {"S": "y" * 409_600}}}},
                "Item size has exceeded the maximum allowed size",
            ),
        ],
    )
    def test_what_is_wrong_with_the_request_is_refused_as_a_whole(
        self, do: Do, refused: Refused, action: dict[str, Any], text: str
    ) -> None:
        found = refused("TransactWriteItems", TransactItems=[_put("old", ConditionExpression="attribute_not_exists(pk)"), action])
        assert text in found
        assert not found.startswith("1 validation error detected")
        assert _names(do) == ["old"]

    def test_a_missing_table_comes_after_the_expressions(self, fails: Fails, refused: Refused) -> None:
        missing = {"Put": {"TableName": "nowhere", "Item": _pk("a")}}
        assert fails("TransactWriteItems", TransactItems=[missing]).spec.name == "ResourceNotFoundException"
        assert "Syntax error" in refused("TransactWriteItems", TransactItems=[missing, _check("a", "(")])

    def test_four_megabytes_at_most(self, do: Do, refused: Refused) -> None:
        actions = [{"Put": {"TableName": "hashed", "Item": {**_pk(str(n)), "x": {"S": "y" * 400_000}}}} for n in range(11)]
        assert "size cannot exceed" in refused("TransactWriteItems", TransactItems=actions)
        assert do("TransactWriteItems", TransactItems=actions[:10]) == {}
        # It is the request that counts: a small one may be about more than that
        do("PutItem", TableName="hashed", Item={**_pk("x"), "x": {"S": "y" * 400_000}})
        do("TransactWriteItems", TransactItems=[_count(n) for n in (*map(str, range(10)), "x")])
        assert "n" in do("GetItem", TableName="hashed", Key=_pk("0"))["Item"]
        values = {":x": {"S": "y" * 400_000}}
        update = [_count(str(n), UpdateExpression="SET z = :x", ExpressionAttributeValues=values) for n in range(11)]
        assert "size cannot exceed" in refused("TransactWriteItems", TransactItems=update)


class TestToken:
    def _write(self, do: Do, *actions: dict[str, Any], **params: Any) -> dict[str, Any]:
        return do("TransactWriteItems", TransactItems=list(actions), ClientRequestToken="token", **params)

    def _counter(self, do: Do) -> str:
        found: str = do("GetItem", TableName="hashed", Key=_pk("old"))["Item"]["n"]["N"]
        return found

    def test_a_repetition_does_nothing_for_ten_minutes(self, do: Do, clock: ManualClock) -> None:
        self._write(do, _count("old"))
        clock.advance(599)
        assert self._write(do, _count("old")) == {}
        assert self._counter(do) == "2"
        clock.advance(1)
        self._write(do, _count("old"))
        assert self._counter(do) == "3"

    def test_another_request_under_the_same_token_is_a_mistake(self, do: Do, fails: Fails, clock: ManualClock) -> None:
        self._write(do, _count("old"))
        error = fails("TransactWriteItems", TransactItems=[_count("other")], ClientRequestToken="token")
        assert error.spec.name == "IdempotentParameterMismatchException"
        clock.advance(600)
        self._write(do, _count("other"))

    def test_tokens_belong_to_an_account_and_a_region(self, do: Do, defined: Defined) -> None:
        self._write(do, _put("a"))
        do("CreateTable", region="us-east-1", **defined("hashed", "pk:S"))
        do("TransactWriteItems", region="us-east-1", TransactItems=[_put("b")], ClientRequestToken="token")
        assert do("Scan", region="us-east-1", TableName="hashed")["Count"] == 1

    def test_a_failed_transaction_may_be_tried_again(self, do: Do, fails: Fails) -> None:
        actions = [_count("old"), _check("missing")]
        error = fails("TransactWriteItems", TransactItems=actions, ClientRequestToken="token")
        assert error.spec.name == "TransactionCanceledException"
        do("PutItem", TableName="hashed", Item=_pk("missing"))
        self._write(do, *actions)
        assert self._counter(do) == "2"

    def test_a_repetition_is_charged_as_a_read(self, do: Do) -> None:
        action = {"Put": {"TableName": "hashed", "Item": {**_pk("a"), "x": {"S": "y" * 1500}}}}
        first = self._write(do, action, ReturnConsumedCapacity="TOTAL")
        assert first["ConsumedCapacity"] == [{"TableName": "hashed", "CapacityUnits": 4.0, "WriteCapacityUnits": 4.0}]
        again = self._write(do, action, ReturnConsumedCapacity="INDEXES")
        units = {"CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}
        assert again["ConsumedCapacity"] == [{"TableName": "hashed", **units, "Table": units}]


class TestGet:
    def test_items_in_the_order_of_the_request(self, do: Do) -> None:
        answer = do("TransactGetItems", TransactItems=[_get("missing"), _get("old", ProjectionExpression="n")])
        assert answer == {"Responses": [{}, {"Item": {"n": {"N": "1"}}}]}

    def test_it_costs_twice_also_for_what_is_missing(self, do: Do) -> None:
        actions = [_get("missing"), _get("old")]
        answer = do("TransactGetItems", TransactItems=actions, ReturnConsumedCapacity="INDEXES")
        units = {"CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}
        assert answer["ConsumedCapacity"] == [{"TableName": "hashed", **units, "Table": units}]

    @pytest.mark.parametrize("key", [{"pk": {"N": "1"}}, {"pk": {"S": ""}}])
    def test_a_bad_key_is_a_reason(self, fails: Fails, key: dict[str, Any]) -> None:
        error = fails("TransactGetItems", TransactItems=[_get("old"), {"Get": {"TableName": "hashed", "Key": key}}])
        assert [reason["Code"] for reason in error.members["CancellationReasons"]] == ["None", "ValidationError"]

    def test_what_is_refused_as_a_whole(self, refused: Refused, fails: Fails) -> None:
        text = refused("TransactGetItems", TransactItems=[_get("old"), _get("old", ProjectionExpression="n")])
        assert text == "Transaction request cannot include multiple operations on one item"
        assert "Syntax error" in refused("TransactGetItems", TransactItems=[_get("old", ProjectionExpression="n,")])
        missing = {"Get": {"TableName": "nowhere", "Key": _pk("a")}}
        assert fails("TransactGetItems", TransactItems=[missing]).spec.name == "ResourceNotFoundException"


class TestCapacity:
    def test_a_write_costs_twice_for_the_table_and_once_for_its_indexes(self, do: Do, defined: Defined) -> None:
        schema = [{"AttributeName": "g", "KeyType": "HASH"}]
        index = {"IndexName": "idx", "KeySchema": schema, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "g")]
        do("CreateTable", **defined("indexed", "pk:S", AttributeDefinitions=types, GlobalSecondaryIndexes=[index]))
        action = {"Put": {"TableName": "indexed", "Item": {**_pk("a"), "g": {"S": "x"}}}}
        answer = do("TransactWriteItems", TransactItems=[action, _check("old")], ReturnConsumedCapacity="INDEXES")
        two, one = ({"CapacityUnits": units, "WriteCapacityUnits": units} for units in (2.0, 1.0))
        assert answer["ConsumedCapacity"] == [
            {
                "TableName": "indexed",
                "CapacityUnits": 3.0,
                "WriteCapacityUnits": 3.0,
                "Table": two,
                "GlobalSecondaryIndexes": {"idx": one},
            },
            {"TableName": "hashed", **two, "Table": two},
        ]

    def test_what_is_deleted_or_checked_costs_its_size(self, do: Do) -> None:
        for name in ("a", "b"):
            do("PutItem", TableName="hashed", Item={**_pk(name), "x": {"S": "y" * 2500}})
        answer = do("TransactWriteItems", TransactItems=[_delete("a"), _check("b")], ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"][0]["WriteCapacityUnits"] == 12.0


class _SlowWrite(DeleteWrite):
    """Looks at its item until it is let go on."""

    __slots__ = ("go_on", "reached")

    def __init__(self, table: Table, name: str) -> None:
        super().__init__(table, _pk(name))
        self.reached, self.go_on = threading.Event(), threading.Event()

    def check(self, old: bytes | None) -> None:
        self.reached.set()
        assert self.go_on.wait(60)


class TestConflicts:
    """While a transaction is looking at its items, nobody else may write them."""

    @pytest.fixture
    def state(self, clock: ManualClock) -> State:
        return State(clock, "2026-10", 0.0)

    @pytest.fixture
    def do(self, state: State, caller: Callable[[Any], Do], defined: Defined) -> Do:
        do = caller(SimpleNamespace(execute=lambda call: outcome_of(call, find_operation(call.operation)(state, call))))
        do("CreateTable", **defined("hashed", "pk:S"))
        return do

    @pytest.fixture
    def hashed(self) -> str:
        return "hashed"

    @pytest.fixture
    def _ongoing(self, state: State, do: Do) -> Iterator[None]:
        table = state.catalog.find(Call("dynamodb", "", {}, (), "eu-west-1", "000000000000", "", "", _NO_REQUEST), "hashed", 0.0)
        assert table is not None
        write = _SlowWrite(table, "old")
        thread = threading.Thread(target=run, args=(state, [Action(lambda: write)]))
        thread.start()
        assert write.reached.wait(60)
        yield
        write.go_on.set()
        thread.join(60)
        assert "old" not in _names(do)
        # And its claims are gone
        do("PutItem", TableName="hashed", Item=_pk("old"))

    @pytest.mark.usefixtures("_ongoing")
    def test_single_writes_are_refused(self, fails: Fails, do: Do) -> None:
        for operation, params in (
            ("PutItem", {"Item": _pk("old")}),
            ("DeleteItem", {"Key": _pk("old")}),
            ("UpdateItem", {"Key": _pk("old")}),
        ):
            error = fails(operation, TableName="hashed", **params)
            assert (error.spec.name, error.message) == ("TransactionConflictException", "Transaction is ongoing for the item")
        do("PutItem", TableName="hashed", Item=_pk("unconcerned"))

    @pytest.mark.usefixtures("_ongoing")
    def test_reads_see_the_items_as_they_were(self, do: Do) -> None:
        assert do("GetItem", TableName="hashed", Key=_pk("old")) == {"Item": _pk("old", n=1)}
        assert do("Scan", TableName="hashed")["Items"] == [_pk("old", n=1)]

    @pytest.mark.usefixtures("_ongoing")
    @pytest.mark.parametrize("operation", ["TransactWriteItems", "TransactGetItems"])
    def test_other_transactions_are_cancelled(self, fails: Fails, operation: str) -> None:
        make = _delete if operation == "TransactWriteItems" else _get
        error = fails(operation, TransactItems=[make("unconcerned"), make("old")])
        conflict = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item."}
        assert error.members["CancellationReasons"] == [NONE, conflict]

    @pytest.mark.usefixtures("_ongoing")
    def test_a_batch_hands_back_what_it_could_not_write(self, do: Do) -> None:
        entries = [{"PutRequest": {"Item": _pk(name)}} for name in ("unconcerned", "old")]
        answer = do("BatchWriteItem", RequestItems={"hashed": entries}, ReturnConsumedCapacity="TOTAL")
        assert answer["UnprocessedItems"] == {"hashed": entries[1:]}
        assert answer["ConsumedCapacity"][0]["CapacityUnits"] == 1.0

    def test_a_token_is_in_progress_until_its_transaction_ends(self, state: State, fails: Fails, do: Do) -> None:
        params = {"TransactItems": [_put("new")], "ClientRequestToken": "slow"}
        key = ("000000000000", "eu-west-1", "slow")
        assert state.tokens.begin(key, params["TransactItems"], 0.0) is None
        assert fails("TransactWriteItems", **params).spec.name == "TransactionInProgressException"
        state.tokens.fail(key)
        do("TransactWriteItems", **params)
        assert _names(do) == ["new", "old"]


def test_concurrent_transactions_lose_nothing(do: Do) -> None:
    """Every transaction that succeeds counts two counters, and no other does."""
    outcomes: list[str] = []

    def work() -> None:
        for _ in range(100):
            try:
                do("TransactWriteItems", TransactItems=[_count("x"), _count("y")])
                outcomes.append("success")
            except ServiceError as error:
                outcomes.append(error.spec.name)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {"success", "TransactionCanceledException"}
    for name in ("x", "y"):
        assert do("GetItem", TableName="hashed", Key=_pk(name))["Item"]["n"] == {"N": str(outcomes.count("success"))}
