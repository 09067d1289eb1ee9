"""Local and global secondary indexes: what they hold, how they are read, what they cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Do = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
Defined = Callable[..., dict[str, Any]]

KEYS_ONLY = {"ProjectionType": "KEYS_ONLY"}
INCLUDE = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kept"]}
ALL = {"ProjectionType": "ALL"}


def _index(name: str, keys: str, projection: dict[str, Any]) -> dict[str, Any]:
    """`keys` such as "h r", or "h1,h2 r1,r2"."""
    hashes, _, ranges = keys.partition(" ")
    elements = [(key, "HASH") for key in hashes.split(",")] + [(key, "RANGE") for key in ranges.split(",") if key]
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in elements]
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


def _item(sk: int, **attributes: Any) -> dict[str, Any]:
    item: dict[str, Any] = {"pk": {"S": "a"}, "sk": {"N": str(sk)}}
    return {**item, **{name: {"S": value} for name, value in attributes.items()}}


@pytest.fixture
def orders(do: Do, defined: Defined) -> str:
    """pk:S sk:N, a local index on l:S, global indexes on g:S (with every projection) and on two attributes each."""
    types = {"pk": "S", "sk": "N", "l": "S", "g": "S", "h": "S", "r": "S"}
    do(
        "CreateTable",
        **defined(
            "orders",
            "pk:S sk:N",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
            LocalSecondaryIndexes=[_index("local", "pk l", INCLUDE)],
            GlobalSecondaryIndexes=[
                _index("keys", "g", KEYS_ONLY),
                _index("included", "g sk", INCLUDE),
                _index("all", "g", ALL),
                _index("wide", "g,h l,r", ALL),
            ],
        ),
    )
    return "orders"


def _query(do: Do, index: str, value: str = "x", key: str = "g", **params: Any) -> dict[str, Any]:
    values = {":v": {"S": value}, **params.pop("values", {})}
    condition = f"{key} = :v" + params.pop("more", "")
    return do("Query", TableName="orders", IndexName=index, KeyConditionExpression=condition, ExpressionAttributeValues=values, **params)


def _numbers(answer: dict[str, Any]) -> list[int]:
    return [int(item["sk"]["N"]) for item in answer["Items"]]


def test_an_index_is_described_with_its_counts(do: Do, orders: str) -> None:
    do("PutItem", TableName=orders, Item=_item(1, l="l", g="g", kept="k", dropped="d" * 100))
    table = do("DescribeTable", TableName=orders)["Table"]
    (local,) = table["LocalSecondaryIndexes"]
    assert local == {
        "IndexName": "local",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "l", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kept"]},
        "IndexSizeBytes": 3 + 4 + 2 + 5,
        "ItemCount": 1,
        "IndexArn": f"{table['TableArn']}/index/local",
    }
    by_name = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert {name: index["ItemCount"] for name, index in by_name.items()} == {"keys": 1, "included": 1, "all": 1, "wide": 0}
    assert by_name["keys"]["IndexSizeBytes"] == 3 + 4 + 2
    assert by_name["all"]["IndexSizeBytes"] == table["TableSizeBytes"]
    assert by_name["all"]["IndexStatus"] == "ACTIVE"


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ("keys", _item(1, g="x")),
        ("included", _item(1, g="x", kept="k")),
        ("all", _item(1, g="x", kept="k", dropped="d")),
    ],
)
def test_an_index_holds_what_it_projects(do: Do, orders: str, index: str, expected: dict[str, Any]) -> None:
    do("PutItem", TableName=orders, Item=_item(1, g="x", kept="k", dropped="d"))
    assert _query(do, index)["Items"] == [expected]


def test_an_index_is_sparse_and_follows_every_write(do: Do, orders: str) -> None:
    do("PutItem", TableName=orders, Item=_item(1))
    assert _query(do, "all")["Count"] == 0
    do("PutItem", TableName=orders, Item=_item(1, g="x"))
    assert _query(do, "all")["Count"] == 1
    params = {"TableName": orders, "Key": _item(1)}
    do("UpdateItem", **params, UpdateExpression="SET g = :y", ExpressionAttributeValues={":y": {"S": "y"}})
    assert (_query(do, "all")["Count"], _query(do, "all", "y")["Count"]) == (0, 1)
    do("UpdateItem", **params, UpdateExpression="REMOVE g")
    assert _query(do, "all", "y")["Count"] == 0
    do("PutItem", TableName=orders, Item=_item(1, g="x"))
    do("DeleteItem", **params)
    assert do("Scan", TableName=orders, IndexName="all")["Count"] == 0


def test_equal_index_keys_stand_side_by_side_and_page(do: Do, orders: str) -> None:
    for number in range(5):
        do("PutItem", TableName=orders, Item=_item(number, g="x"))
    found = []
    start: dict[str, Any] = {}
    for _ in range(3):
        answer = _query(do, "keys", Limit=2, **start)
        found += _numbers(answer)
        if "LastEvaluatedKey" in answer:
            assert answer["LastEvaluatedKey"].keys() == {"g", "pk", "sk"}
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert sorted(found) == [0, 1, 2, 3, 4]


def test_an_index_sorts_by_its_own_range_key(do: Do, orders: str) -> None:
    for number, text in enumerate("dacb"):
        do("PutItem", TableName=orders, Item=_item(number, l=text))
    answer = _query(do, "local", "a", key="pk", more=" AND l > :a", values={":a": {"S": "a"}})
    assert [item["l"]["S"] for item in answer["Items"]] == ["b", "c", "d"]


class TestKeysOfSeveralAttributes:
    @pytest.fixture(autouse=True)
    def _filled(self, do: Do, orders: str) -> None:
        for number, (local, range_) in enumerate([("a", "1"), ("a", "2"), ("b", "1"), ("b", "3"), ("ab", "1")]):
            do("PutItem", TableName=orders, Item=_item(number, g="x", h="y", l=local, r=range_))
        do("PutItem", TableName=orders, Item=_item(9, g="xy", h="", l="a", r="1") | {"h": {"S": "z"}})

    def test_all_hash_attributes_are_needed_and_range_attributes_sort_left_to_right(self, do: Do, refused: Refused) -> None:
        answer = _query(do, "wide", more=" AND h = :h", values={":h": {"S": "y"}})
        assert _numbers(answer) == [0, 1, 4, 2, 3]
        values = {":h": {"S": "y"}, ":l": {"S": "a"}, ":r": {"S": "1"}}
        assert _numbers(_query(do, "wide", more=" AND h = :h AND l = :l AND r > :r", values=values)) == [1]
        params = {"KeyConditionExpression": "g = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}
        assert refused("Query", TableName="orders", IndexName="wide", **params) == (
            "HASH key attributes h must have equality conditions specified in the query"
        )

    def test_a_page_ends_in_all_key_attributes(self, do: Do) -> None:
        answer = _query(do, "wide", more=" AND h = :h", values={":h": {"S": "y"}}, Limit=1)
        assert answer["LastEvaluatedKey"].keys() == {"g", "h", "l", "r", "pk", "sk"}


class TestReading:
    @pytest.fixture(autouse=True)
    def _filled(self, do: Do, orders: str) -> None:
        do("PutItem", TableName=orders, Item=_item(1, g="x", l="l", kept="k", dropped="d" * 5000))

    def test_a_local_index_completes_items_from_the_table(self, do: Do) -> None:
        params = {"key": "pk", "ReturnConsumedCapacity": "INDEXES"}
        answer = _query(do, "local", "a", **params)
        assert answer["Items"] == [_item(1, l="l", kept="k")]
        assert answer["ConsumedCapacity"] == {
            "TableName": "orders",
            "CapacityUnits": 0.5,
            "Table": {"CapacityUnits": 0.0},
            "LocalSecondaryIndexes": {"local": {"CapacityUnits": 0.5}},
        }
        answer = _query(do, "local", "a", Select="ALL_ATTRIBUTES", **params)
        assert answer["Items"] == [_item(1, g="x", l="l", kept="k", dropped="d" * 5000)]
        assert answer["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.0}
        answer = _query(do, "local", "a", ProjectionExpression="g", **params)
        assert (answer["Items"], answer["ConsumedCapacity"]["CapacityUnits"]) == ([{"g": {"S": "x"}}], 1.5)

    def test_a_local_index_can_be_read_consistently(self, do: Do) -> None:
        answer = _query(do, "local", "a", key="pk", ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 1.0

    def test_a_global_index_reports_its_own_reads(self, do: Do) -> None:
        answer = _query(do, "all", ReturnConsumedCapacity="INDEXES")
        assert answer["ConsumedCapacity"] == {
            "TableName": "orders",
            "CapacityUnits": 1.0,
            "Table": {"CapacityUnits": 0.0},
            "GlobalSecondaryIndexes": {"all": {"CapacityUnits": 1.0}},
        }
        assert _query(do, "keys", ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"] == 0.5

    @pytest.mark.parametrize(
        ("index", "params", "text"),
        [
            ("all", {"ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
            (
                "keys",
                {"Select": "ALL_ATTRIBUTES"},
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index keys "
                "because its projection type is not ALL",
            ),
            (
                "included",
                {"ProjectionExpression": "kept, sk, dropped.x, also"},
                "One or more parameter values were invalid: Global secondary index included does not project [also, dropped]",
            ),
        ],
    )
    def test_a_global_index_gives_only_what_it_has(self, refused: Refused, index: str, params: dict[str, Any], text: str) -> None:
        for operation, more in (
            ("Scan", {}),
            ("Query", {"KeyConditionExpression": "g = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}),
        ):
            assert refused(operation, TableName="orders", IndexName=index, **params, **more) == text

    def test_a_scan_reads_an_index(self, do: Do, orders: str) -> None:
        do("PutItem", TableName=orders, Item=_item(2))
        answer = do("Scan", TableName=orders, IndexName="keys", Limit=1)
        assert answer["Items"] == [_item(1, g="x")]
        answer = do("Scan", TableName=orders, IndexName="keys", ExclusiveStartKey=answer["LastEvaluatedKey"])
        assert answer["Items"] == []

    @pytest.mark.parametrize("start", [_item(1), _item(1, g="x", l="l")])
    def test_a_start_needs_the_keys_of_both(self, refused: Refused, start: dict[str, Any]) -> None:
        text = "The provided starting key is invalid"
        assert refused("Scan", TableName="orders", IndexName="keys", ExclusiveStartKey=start) == text


class TestWrongKeys:
    def test_an_item_with_a_bad_index_key_is_not_put(self, do: Do, refused: Refused, orders: str) -> None:
        text = "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: keys"
        assert refused("PutItem", TableName=orders, Item={**_item(1), "g": {"N": "1"}}) == text
        assert refused("BatchWriteItem", RequestItems={orders: [{"PutRequest": {"Item": {**_item(1), "g": {"N": "1"}}}}]}) == text
        assert refused("PutItem", TableName=orders, Item={**_item(1), "g": {"S": ""}}) == (
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
            "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: keys, IndexKey: g"
        )
        assert do("Scan", TableName=orders)["Count"] == 0

    def test_an_update_is_held_to_the_same(self, do: Do, refused: Refused, orders: str) -> None:
        do("PutItem", TableName=orders, Item=_item(1, g="x"))
        params = {"TableName": orders, "Key": _item(1), "UpdateExpression": "SET g = :v"}
        text = refused("UpdateItem", **params, ExpressionAttributeValues={":v": {"N": "1"}})
        assert text.endswith("Type mismatch for Index Key g Expected: S Actual: N IndexName: keys")
        text = refused("UpdateItem", **params, ExpressionAttributeValues={":v": {"S": ""}})
        assert text == (
            "One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value "
            "that is not supported. The AttributeValue for a key attribute cannot contain an empty string value."
        )
        assert _query(do, "all")["Items"] == [_item(1, g="x")]


class TestWriteCapacity:
    def _units(self, answer: dict[str, Any]) -> dict[str, float]:
        report = answer["ConsumedCapacity"]
        indexes = {**report.get("GlobalSecondaryIndexes", {}), **report.get("LocalSecondaryIndexes", {})}
        units = {name: part["CapacityUnits"] for name, part in indexes.items()}
        assert report["CapacityUnits"] == report["Table"]["CapacityUnits"] + sum(units.values())
        return units

    def test_an_index_is_charged_for_its_own_change(self, do: Do, orders: str) -> None:
        def put(**attributes: str) -> dict[str, float]:
            return self._units(do("PutItem", TableName=orders, Item=_item(1, **attributes), ReturnConsumedCapacity="INDEXES"))

        large = "k" * 1500
        assert put() == {}
        assert put(g="x") == {"keys": 1.0, "included": 1.0, "all": 1.0}
        assert put(g="x") == {}
        assert put(g="x", dropped="d") == {"all": 1.0}
        assert put(g="x", kept=large) == {"included": 2.0, "all": 2.0}
        # A deletion and an insertion
        assert put(g="y", kept=large) == {"keys": 2.0, "included": 4.0, "all": 4.0}
        assert put(g="y", kept=large, l="l") == {"all": 2.0, "local": 2.0}
        answer = do("DeleteItem", TableName=orders, Key=_item(1), ReturnConsumedCapacity="INDEXES")
        assert self._units(answer) == {"keys": 1.0, "included": 2.0, "all": 2.0, "local": 2.0}

    def test_the_order_of_attributes_is_no_change(self, do: Do, orders: str) -> None:
        do("PutItem", TableName=orders, Item=_item(1, g="x", kept="k"))
        item = dict(reversed(_item(1, g="x", kept="k").items()))
        assert self._units(do("PutItem", TableName=orders, Item=item, ReturnConsumedCapacity="INDEXES")) == {}

    def test_a_batch_adds_up(self, do: Do, orders: str) -> None:
        entries = [{"PutRequest": {"Item": _item(1, g="x")}}, {"PutRequest": {"Item": _item(2)}}]
        answer = do("BatchWriteItem", RequestItems={orders: entries}, ReturnConsumedCapacity="INDEXES")
        (report,) = answer["ConsumedCapacity"]
        assert (report["CapacityUnits"], report["Table"]) == (5.0, {"CapacityUnits": 2.0})


class TestItemCollections:
    def test_only_a_table_with_a_local_index_reports_them(self, do: Do, orders: str, hashed: str) -> None:
        answer = do("PutItem", TableName=orders, Item=_item(1), ReturnItemCollectionMetrics="SIZE")
        assert answer == {"ItemCollectionMetrics": {"ItemCollectionKey": {"pk": {"S": "a"}}, "SizeEstimateRangeGB": [0.0, 1.0]}}
        assert do("PutItem", TableName=hashed, Item={"pk": {"S": "a"}}, ReturnItemCollectionMetrics="SIZE") == {}
        answer = do("DeleteItem", TableName=orders, Key=_item(1), ReturnItemCollectionMetrics="SIZE")
        assert "ItemCollectionMetrics" in answer

    def test_a_batch_reports_each_collection_once(self, do: Do, orders: str) -> None:
        entries = [{"PutRequest": {"Item": _item(number)}} for number in range(3)]
        answer = do("BatchWriteItem", RequestItems={orders: entries}, ReturnItemCollectionMetrics="SIZE")
        assert [entry["ItemCollectionKey"] for entry in answer["ItemCollectionMetrics"][orders]] == [{"pk": {"S": "a"}}]


@pytest.mark.parametrize(
    ("operation", "params", "key"),
    [
        ("Scan", {"FilterExpression": "attribute_exists(pk.a)"}, "Key: pk"),
        ("Scan", {"FilterExpression": "attribute_exists(x.y) AND attribute_exists(g[0])"}, "IndexKey: g"),
        ("Scan", {"ProjectionExpression": "x.y, sk[1]"}, "Key: sk"),
        (
            "Query",
            {"KeyConditionExpression": "pk = :a", "FilterExpression": "l.a = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}},
            "IndexKey: l",
        ),
        ("GetItem", {"Key": _item(1), "ProjectionExpression": "pk.a"}, "Key: pk"),
        ("UpdateItem", {"Key": _item(1), "UpdateExpression": "SET x = g.a"}, "IndexKey: g"),
        ("UpdateItem", {"Key": _item(1), "UpdateExpression": "REMOVE g.a"}, "IndexKey: g"),
    ],
)
def test_nothing_is_within_a_key(refused: Refused, orders: str, operation: str, params: dict[str, Any], key: str) -> None:
    message = refused(operation, TableName=orders, **params)
    assert message == f"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {key}"


def test_a_batch_cannot_look_into_a_key_either(refused: Refused, orders: str) -> None:
    asked = {"Keys": [_item(1)], "ProjectionExpression": "g.a"}
    assert refused("BatchGetItem", RequestItems={orders: asked}).endswith("IndexKey: g")
