"""Sixteen threads of mixed work, good requests and wrong ones: what indexes, streams, counts and capacity say afterwards."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from random import Random
from typing import Any

import orjson
import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.backends.dynamodb.indexes import Index
from emulator.backends.dynamodb.table import Table
from emulator.clock import ManualClock
from emulator.messages import Call, HttpRequest

THREADS, REQUESTS = 16, 60
NAMES = ("a", "b", "c", "d", "e")
ACCOUNT, REGION, TABLE = "000000000000", "eu-west-1", "work"
# What may go wrong for a request that is well formed
EXPECTED = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "ValidationException",
    "DuplicateItemException",
}


def _index(name: str, *keys: str, **projection: Any) -> dict[str, Any]:
    schema = [{"AttributeName": key.lstrip("+"), "KeyType": "RANGE" if key[0] == "+" else "HASH"} for key in keys]
    return {"IndexName": name, "KeySchema": schema, "Projection": projection or {"ProjectionType": "ALL"}}


CREATE: dict[str, Any] = {
    "TableName": TABLE,
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in zip("pkglnh", "SSSSNS", strict=True)],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "k", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [
        _index("all", "g", "+n"),
        _index("some", "g", ProjectionType="INCLUDE", NonKeyAttributes=["kept"]),
        _index("several", "g", "h", "+n", ProjectionType="KEYS_ONLY"),
    ],
    "LocalSecondaryIndexes": [_index("local", "p", "+l", ProjectionType="KEYS_ONLY")],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}


class Worker:
    """One thread's requests, drawn from a seed; `answers` are those that succeeded."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self._engine = engine
        self._random = Random(seed)
        self.answers: list[tuple[str, dict[str, Any], bool | str]] = []
        self.unexpected: list[BaseException] = []

    def work(self) -> None:
        kinds = (
            *(self._put, self._update, self._remove, self._move, self._delete),
            *(self._batch, self._transact, self._statement, self._statements),
        )
        try:
            for _ in range(REQUESTS):
                self._ask(*self._random.choice(kinds)())
        except BaseException as error:
            self.unexpected.append(error)

    def leave(self, number: int) -> None:
        """Put an item that every index holds: what the others leave behind is up to the order in which they work."""
        item = {name: {"S": f"left{number}"} for name in "pkglh"}
        self._ask("PutItem", {"TableName": TABLE, "Item": {**item, "n": {"N": str(number)}}})

    def _ask(self, operation: str, params: dict[str, Any]) -> None:
        params = {**params, "ReturnConsumedCapacity": "INDEXES"}
        call = Call("dynamodb", operation, params, (), REGION, ACCOUNT, "AKID", "", HttpRequest("POST", "/", {}, b""))
        try:
            outcome = self._engine.execute(call)
        except ServiceError as error:
            if error.spec.name not in EXPECTED:
                raise
        else:
            assert outcome.output is not None
            written = outcome.written
            self.answers.append((operation, orjson.loads(orjson.dumps(outcome.output)), written is not None and written.applied))

    def _key(self) -> dict[str, Any]:
        return {"p": {"S": self._random.choice(NAMES)}, "k": {"S": self._random.choice(NAMES)}}

    def _item(self) -> dict[str, Any]:
        values = {
            "g": {"S": self._random.choice(NAMES)},
            "h": {"S": self._random.choice(NAMES)},
            "l": {"S": self._random.choice(NAMES)},
            "n": {"N": str(self._random.randrange(3))},
            "kept": {"S": "x" * self._random.randrange(3000)},
            "list": {"L": [{"N": "1"}, {"N": "2"}]},
            "number": {"N": "7"},
        }
        return {**self._key(), **{name: value for name, value in values.items() if self._random.random() < 0.7}}

    def _put(self) -> tuple[str, dict[str, Any]]:
        condition = {"ConditionExpression": "attribute_not_exists(g)"} if self._random.random() < 0.3 else {}
        wrong = {"g": {"N": "1"}} if self._random.random() < 0.1 else {}
        return "PutItem", {"TableName": TABLE, "Item": {**self._item(), **wrong}, **condition}

    def _update(self) -> tuple[str, dict[str, Any]]:
        values = {":g": {"S": self._random.choice(NAMES)}, ":one": {"N": "1"}}
        text = "SET g = :g, #k = if_not_exists(#k, :g) ADD n :one"
        return self._keyed(text, ExpressionAttributeValues=values, ExpressionAttributeNames={"#k": "kept"})

    def _remove(self) -> tuple[str, dict[str, Any]]:
        return self._keyed(self._random.choice(["REMOVE g", "REMOVE n, l", "REMOVE list[0]", "REMOVE list[5]", "REMOVE none.there"]))

    def _move(self) -> tuple[str, dict[str, Any]]:
        """What is stored becomes an index's key: some of it is of a type that the index has not."""
        return self._keyed(
            self._random.choice(["SET h = g", "SET g = #n", "SET n = #n", "SET l = h"]), ExpressionAttributeNames={"#n": "number"}
        )

    def _keyed(self, text: str, **others: Any) -> tuple[str, dict[str, Any]]:
        if "#n" not in text:
            others = {name: value for name, value in others.items() if name != "ExpressionAttributeNames" or "#" in text}
        return "UpdateItem", {"TableName": TABLE, "Key": self._key(), "UpdateExpression": text, **others}

    def _delete(self) -> tuple[str, dict[str, Any]]:
        return "DeleteItem", {"TableName": TABLE, "Key": self._key()}

    def _batch(self) -> tuple[str, dict[str, Any]]:
        entries = [{"PutRequest": {"Item": self._item()}}, {"DeleteRequest": {"Key": self._key()}}]
        return "BatchWriteItem", {"RequestItems": {TABLE: entries}}

    def _transact(self) -> tuple[str, dict[str, Any]]:
        update = {"TableName": TABLE, "Key": self._key(), "UpdateExpression": "REMOVE g"}
        check = {"TableName": TABLE, "Key": self._key(), "ConditionExpression": "attribute_exists(p)"}
        return "TransactWriteItems", {
            "TransactItems": [{"Put": {"TableName": TABLE, "Item": self._item()}}, {"Update": update}, {"ConditionCheck": check}]
        }

    def _statement(self) -> tuple[str, dict[str, Any]]:
        key = self._key()
        where = f"WHERE p = '{key['p']['S']}' AND k = '{key['k']['S']}'"
        text = self._random.choice([f"UPDATE {TABLE} SET g = 'z' REMOVE n {where}", f"DELETE FROM {TABLE} {where}"])
        return "ExecuteStatement", {"Statement": text}

    def _statements(self) -> tuple[str, dict[str, Any]]:
        keys = [self._key(), self._key()]
        texts = [f"INSERT INTO {TABLE} VALUE {{'p': '{key['p']['S']}', 'k': '{key['k']['S']}', 'g': 'i', 'n': 1}}" for key in keys]
        return "BatchExecuteStatement", {"Statements": [{"Statement": text} for text in texts]}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(ManualClock())


@pytest.fixture(scope="module")
def workers(engine: Engine) -> list[Worker]:
    call = Call("dynamodb", "CreateTable", CREATE, (), REGION, ACCOUNT, "AKID", "", HttpRequest("POST", "/", {}, b""))
    engine.execute(call)
    _table(engine)
    workers = [Worker(engine, seed) for seed in range(THREADS)]
    threads = [threading.Thread(target=worker.work) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [worker.unexpected for worker in workers if worker.unexpected] == []
    for number in (1, 2):
        workers[0].leave(number)
    return workers


def _table(engine: Engine) -> Table:
    call = Call("dynamodb", "DescribeTable", {"TableName": TABLE}, (), REGION, ACCOUNT, "AKID", "", HttpRequest("POST", "/", {}, b""))
    engine.execute(call)
    return engine._state.catalog.get(ACCOUNT, REGION, TABLE)


@pytest.mark.usefixtures("workers")
def test_indexes_are_what_a_rebuild_makes_of_the_table(engine: Engine) -> None:
    table = _table(engine)
    assert len(table.records) > 5
    for index in table.indexes.values():
        rebuilt = Index(index.definition, table.key.schema)
        rebuilt.fill(table.records)
        assert dict(index.records.all()) == dict(rebuilt.records.all())
        assert (len(index.records), index.records.size) == (len(rebuilt.records), rebuilt.records.size)
        assert len(rebuilt.records) > 1


@pytest.mark.usefixtures("workers")
def test_the_stream_replayed_is_the_table(engine: Engine) -> None:
    def ask(operation: str, **params: Any) -> dict[str, Any]:
        call = Call("streams", operation, params, (), REGION, ACCOUNT, "AKID", "", HttpRequest("POST", "/", {}, b""))
        answer: dict[str, Any] = orjson.loads(orjson.dumps(engine.streams.execute(call).output))
        return answer

    stream = _table(engine).stream
    assert stream is not None
    (shard,) = ask("DescribeStream", StreamArn=stream.arn)["StreamDescription"]["Shards"]
    kind = {"StreamArn": stream.arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = ask("GetShardIterator", **kind)["ShardIterator"]
    items: dict[str, Any] = {}
    while True:
        page = ask("GetRecords", ShardIterator=iterator)
        for record in page["Records"]:
            _replay(items, record["eventName"], record["dynamodb"])
        if not page["Records"]:
            break
        iterator = page["NextShardIterator"]
    assert items == {_name(item): item for item in _scanned(engine)}


def _replay(items: dict[str, Any], event: str, change: Mapping[str, Any]) -> None:
    name = _name(change["Keys"])
    assert items.get(name) == change.get("OldImage")
    assert event == {(False, True): "INSERT", (True, True): "MODIFY", (True, False): "REMOVE"}[("OldImage" in change, "NewImage" in change)]
    if "NewImage" in change:
        items[name] = change["NewImage"]
    else:
        del items[name]


def _name(item: Mapping[str, Any]) -> str:
    return f"{item['p']['S']}/{item['k']['S']}"


def _scanned(engine: Engine) -> list[dict[str, Any]]:
    call = Call("dynamodb", "Scan", {"TableName": TABLE}, (), REGION, ACCOUNT, "AKID", "", HttpRequest("POST", "/", {}, b""))
    answer = orjson.loads(orjson.dumps(engine.execute(call).output))
    items: list[dict[str, Any]] = answer["Items"]
    return items


def test_capacity_adds_up_and_what_was_written_says_so(workers: list[Worker]) -> None:
    reported = 0
    for operation, answer, applied in (answer for worker in workers for answer in worker.answers):
        # Of a batch of statements all may have failed, and of a batch of items all may be in a transaction just then
        assert applied or operation == "BatchExecuteStatement" or answer["UnprocessedItems"]
        reports = answer.get("ConsumedCapacity", [])
        for report in reports if isinstance(reports, list) else [reports]:
            indexes = [*report.get("LocalSecondaryIndexes", {}).values(), *report.get("GlobalSecondaryIndexes", {}).values()]
            assert report["CapacityUnits"] == report["Table"]["CapacityUnits"] + sum(index["CapacityUnits"] for index in indexes)
            assert all(index["CapacityUnits"] >= 1 for index in indexes)
            reported += bool(indexes)
    assert reported > THREADS
