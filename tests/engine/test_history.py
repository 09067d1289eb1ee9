"""Reads of the past: what they see, of which reads, and how far back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine, history
from emulator.clock import ManualClock
from emulator.messages import Call, ExecutionContext, HttpRequest

Do = Callable[..., dict[str, Any]]
Defined = Callable[..., dict[str, Any]]
Look = Callable[..., dict[str, Any]]

INDEX = [{"IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}]
TYPES = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "g")]


def _key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}}


def _looking_back(engine: Engine, operation: str, consistent: float, eventual: float, params: dict[str, Any]) -> dict[str, Any]:
    call = Call("dynamodb", operation, params, (), "eu-west-1", "000000000000", "AKID", "", HttpRequest("POST", "/", {}, b""))
    answer: dict[str, Any] = orjson.loads(orjson.dumps(engine.execute(call, ExecutionContext(consistent, eventual)).output))
    return answer


@pytest.fixture
def look(engine: Engine) -> Look:
    """`look("GetItem", 2.0, ...)`: an eventually consistent read sees 2 s ago, a strongly consistent one sees now."""

    def look(operation: str, eventual: float, *, consistent: float = 0.0, **params: Any) -> dict[str, Any]:
        return _looking_back(engine, operation, consistent, eventual, params)

    return look


@pytest.fixture
def table(engine: Engine, do: Do, defined: Defined) -> str:
    """A table with an index, whose past is kept for ten seconds."""
    engine.remember(10)
    do("CreateTable", **{**defined("orders", "pk:S"), "AttributeDefinitions": TYPES, "GlobalSecondaryIndexes": INDEX})
    return "orders"


@pytest.fixture
def changed(do: Do, table: str, clock: ManualClock) -> str:
    """a: x, then y 3 s later; b: deleted 3 s later; c: new after 3 s; then another second."""
    do("PutItem", TableName=table, Item={**_key("a"), "g": {"S": "x"}})
    do("PutItem", TableName=table, Item={**_key("b"), "g": {"S": "x"}})
    clock.advance(3)
    do("PutItem", TableName=table, Item={**_key("a"), "g": {"S": "y"}})
    do("DeleteItem", TableName=table, Key=_key("b"))
    do("PutItem", TableName=table, Item={**_key("c"), "g": {"S": "x"}})
    clock.advance(1)
    return table


class TestWhatIsSeen:
    def test_one_item(self, look: Look, changed: str) -> None:
        def value(name: str, ago: float) -> Any:
            return look("GetItem", ago, TableName=changed, Key=_key(name)).get("Item", {}).get("g")

        assert [value("a", ago) for ago in (0.5, 1, 1.5, 4, 5)] == [{"S": "y"}, {"S": "y"}, {"S": "x"}, {"S": "x"}, None]
        assert [value("b", ago) for ago in (0.5, 1, 1.5, 4)] == [None, None, {"S": "x"}, {"S": "x"}]
        assert [value("c", ago) for ago in (0.5, 1, 1.5)] == [{"S": "x"}, {"S": "x"}, None]

    def test_a_batch_sees_the_past_of_those_tables_only_that_it_reads_eventually(
        self, do: Do, look: Look, changed: str, defined: Defined, clock: ManualClock
    ) -> None:
        do("CreateTable", **defined("others", "pk:S"))
        do("PutItem", TableName="others", Item=_key("z"))
        wanted = {changed: {"Keys": [_key("a"), _key("b")]}, "others": {"Keys": [_key("z")], "ConsistentRead": True}}
        found = look("BatchGetItem", 2, RequestItems=wanted)["Responses"]
        assert {item["pk"]["S"] for item in found[changed]} == {"a", "b"}
        assert found["others"] == [_key("z")]
        assert look("BatchGetItem", 0, consistent=1, RequestItems=wanted)["Responses"]["others"] == []

    @pytest.mark.parametrize("operation", ["Scan", "ExecuteStatement"])
    @pytest.mark.parametrize(("ago", "names"), [(0.5, {"a", "c"}), (2, {"a", "b"}), (5, set())])
    def test_a_whole_table(self, look: Look, changed: str, operation: str, ago: float, names: set[str]) -> None:
        params = {"TableName": changed} if operation == "Scan" else {"Statement": f'SELECT * FROM "{changed}"'}
        assert {item["pk"]["S"] for item in look(operation, ago, **params)["Items"]} == names

    @pytest.mark.parametrize(("ago", "names"), [(0.5, ["c"]), (2, ["a", "b"])])
    def test_an_index(self, look: Look, changed: str, ago: float, names: list[str]) -> None:
        params = {"KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "x"}}}
        forward = look("Query", ago, TableName=changed, IndexName="by-g", **params)["Items"]
        backward = look("Query", ago, TableName=changed, IndexName="by-g", ScanIndexForward=False, **params)["Items"]
        assert sorted(item["pk"]["S"] for item in forward) == names
        assert forward == backward[::-1]

    def test_pages_of_the_past(self, look: Look, changed: str) -> None:
        first = look("Scan", 2, TableName=changed, Limit=1)
        second = look("Scan", 2, TableName=changed, Limit=1, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert {item["pk"]["S"] for item in first["Items"] + second["Items"]} == {"a", "b"}

    def test_a_transaction(self, look: Look, changed: str) -> None:
        gets = [{"Get": {"TableName": changed, "Key": _key(name)}} for name in ("a", "b")]
        now, then = ({"Item": {**_key(name), "g": {"S": "x"}}} for name in ("a", "b"))
        assert look("TransactGetItems", 2, TransactItems=gets)["Responses"] == [{"Item": {**_key("a"), "g": {"S": "y"}}}, {}]
        assert look("TransactGetItems", 0, consistent=2, TransactItems=gets)["Responses"] == [now, then]
        with pytest.raises(ServiceError, match="multiple operations on one item"):
            look("TransactGetItems", 0, consistent=2, TransactItems=[gets[0], gets[0]])

    def test_statements_of_a_batch(self, look: Look, changed: str) -> None:
        statement = f"SELECT * FROM \"{changed}\" WHERE pk = 'b'"
        for consistent in (True, False):
            found = look("BatchExecuteStatement", 2, Statements=[{"Statement": statement, "ConsistentRead": consistent}])
            assert ["Item" in response for response in found["Responses"]] == [not consistent]

    def test_a_strongly_consistent_read_sees_now(self, look: Look, changed: str) -> None:
        assert look("GetItem", 2, TableName=changed, Key=_key("a"), ConsistentRead=True)["Item"]["g"] == {"S": "y"}
        assert look("Scan", 2, TableName=changed, ConsistentRead=True)["Count"] == 2
        assert look("GetItem", 0, consistent=2, TableName=changed, Key=_key("a"), ConsistentRead=True)["Item"]["g"] == {"S": "x"}

    def test_a_write_is_done_to_what_is_there(self, do: Do, look: Look, changed: str) -> None:
        look("ExecuteStatement", 2, Statement=f"UPDATE \"{changed}\" SET g = 'z' WHERE pk = 'a'")
        assert do("GetItem", TableName=changed, Key=_key("a"))["Item"]["g"] == {"S": "z"}
        with pytest.raises(ServiceError, match="conditional request failed"):
            look("ExecuteStatement", 2, Statement=f"UPDATE \"{changed}\" SET g = 'z' WHERE pk = 'b'")

    def test_a_local_index_completes_its_items_from_the_same_moment(
        self, engine: Engine, do: Do, look: Look, defined: Defined, clock: ManualClock
    ) -> None:
        engine.remember(10)
        schema = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
        local = [{"IndexName": "by-at", "KeySchema": schema, "Projection": {"ProjectionType": "KEYS_ONLY"}}]
        table = {**defined("events", "pk:S sk:N"), "LocalSecondaryIndexes": local}
        table["AttributeDefinitions"].append({"AttributeName": "at", "AttributeType": "N"})
        do("CreateTable", **table)
        event = {**_key("a"), "sk": {"N": "1"}, "at": {"N": "5"}, "note": {"S": "old"}}
        do("PutItem", TableName="events", Item=event)
        clock.advance(2)
        do("DeleteItem", TableName="events", Key={name: event[name] for name in ("pk", "sk")})
        asked = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}, "Select": "ALL_ATTRIBUTES"}
        assert look("Query", 1, TableName="events", IndexName="by-at", **asked)["Items"] == [event]
        assert look("Query", 0, TableName="events", IndexName="by-at", **asked)["Items"] == []


class TestHowFarBack:
    def test_nothing_is_remembered_unasked(self, do: Do, look: Look, defined: Defined, clock: ManualClock) -> None:
        do("CreateTable", **defined("orders", "pk:S"))
        do("PutItem", TableName="orders", Item=_key("a"))
        clock.advance(1)
        do("DeleteItem", TableName="orders", Key=_key("a"))
        assert look("GetItem", 5, TableName="orders", Key=_key("a")) == {}

    def test_what_is_older_is_forgotten(self, do: Do, look: Look, changed: str, clock: ManualClock) -> None:
        clock.advance(9)
        do("PutItem", TableName=changed, Item=_key("d"))
        assert look("GetItem", 13.5, TableName=changed, Key=_key("c"))["Item"]["pk"] == {"S": "c"}

    def test_the_oldest_changes_make_room(
        self, do: Do, look: Look, changed: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(history, "MAX_CHANGES", 2)
        do("PutItem", TableName=changed, Item=_key("d"))
        assert look("GetItem", 1.5, TableName=changed, Key=_key("a"))["Item"]["g"] == {"S": "y"}
        assert look("GetItem", 1.5, TableName=changed, Key=_key("d")) == {}

    def test_a_fixture_has_always_been_there(self, engine: Engine, do: Do, look: Look, defined: Defined) -> None:
        engine.remember(10)
        engine.load_table("eu-west-1", "000000000000", defined("orders", "pk:S"), [_key("a")])
        assert look("GetItem", 5, TableName="orders", Key=_key("a")) == {"Item": _key("a")}
        do("PutItem", TableName="orders", Item={**_key("a"), "g": {"S": "new"}})
        assert look("GetItem", 5, TableName="orders", Key=_key("a")) == {"Item": _key("a")}

    def test_what_time_to_live_deletes_was_there_before(self, do: Do, look: Look, table: str, clock: ManualClock) -> None:
        do("UpdateTimeToLive", TableName=table, TimeToLiveSpecification={"AttributeName": "until", "Enabled": True})
        do("PutItem", TableName=table, Item={**_key("a"), "until": {"N": str(int(clock.now()) + 1)}})
        clock.advance(4)
        assert do("Scan", TableName=table)["Count"] == 0
        clock.advance(1)
        assert look("GetItem", 2, TableName=table, Key=_key("a"))["Item"]["pk"] == {"S": "a"}


WRITES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["x", "y", None, "gone"]), st.integers(0, 2)), max_size=25)


@settings(max_examples=80, deadline=None)
@given(writes=WRITES)
def test_after_any_writes_each_moment_looks_as_it_did(writes: list[tuple[str, str | None, int]]) -> None:
    clock = ManualClock()
    engine = Engine(clock)
    engine.remember(100)
    create = {"TableName": "t", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "AttributeDefinitions": TYPES}
    engine.load_table("eu-west-1", "000000000000", {**create, "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": INDEX}, [])

    def seen(operation: str, ago: float, **params: Any) -> dict[str, Any]:
        return _looking_back(engine, operation, 0.0, ago, {"TableName": "t", **params})

    moments = []
    for name, value, pause in writes:
        if value == "gone":
            seen("DeleteItem", 0, Key=_key(name))
        else:
            seen("PutItem", 0, Item={**_key(name), **({"g": {"S": value}} if value else {})})
        clock.advance(pause)
        if pause:
            moments.append((clock.now() - 0.5, seen("Scan", 0)["Items"], seen("Scan", 0, IndexName="by-g")["Items"]))
    for moment, items, entries in moments:
        ago = clock.now() - moment
        assert seen("Scan", ago)["Items"] == items
        assert seen("Scan", ago, IndexName="by-g")["Items"] == entries
        for name in "abcd":
            there = [item for item in items if item["pk"]["S"] == name]
            assert seen("GetItem", ago, Key=_key(name)).get("Item") == (there[0] if there else None)
