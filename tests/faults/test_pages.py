"""`page`: whatever pages a fault makes, a client that reads on finds every item once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock
from emulator.messages import Call

SORT_KEYS: dict[str, list[Any]] = {
    "S": ["a", "b", "c", "d", "e"],
    "N": ["-5", "0", "7", "1" + "0" * 30, "9" + "0" * 125],
    "B": ["AA==", "AQ==", "Ag==", "Aw==", "BA=="],
}


@pytest.fixture(params=["S", "N", "B"])
def sort_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(sort_type: str, clock: ManualClock) -> Engine:
    engine = Engine(clock)
    create = {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": sort_type}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    engine.load_table("eu-west-1", "000000000000", create, [{"id": {"S": "x"}, "at": {sort_type: key}} for key in SORT_KEYS[sort_type]])
    return engine


@pytest.fixture
def read(client: Any, call: Callable[..., Call], engine: Engine) -> Callable[..., list[dict[str, Any]]]:
    """The pages that a client gets who reads to the end, with the emulator's part in between."""

    def pages(rules: str, operation: str, **params: Any) -> list[dict[str, Any]]:
        c = client(f"rules: [{rules}]")
        found: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while not found or start:
            asked = call(operation, "things", TableName="things", **params, **start)
            decision = c.decide(operation, "things", **asked.params)
            rewrites = () if decision is None else decision.rewrites
            done = asked
            for rewrite in rewrites:
                done = rewrite.before(done)
            answer = engine.execute(done).output
            for rewrite in rewrites:
                answer = rewrite.after(asked, answer)
            found.append(orjson.loads(orjson.dumps(answer)))
            last = found[-1].get("LastEvaluatedKey")
            start = {"ExclusiveStartKey": last} if last else {}
        return found

    return pages


QUERY = {"KeyConditionExpression": "id = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}


def keys(pages: list[dict[str, Any]], sort_type: str) -> list[str]:
    return [item["at"][sort_type] for page in pages for item in page["Items"]]


@pytest.mark.parametrize(("operation", "params"), [("Scan", {}), ("Query", QUERY), ("Query", {**QUERY, "ScanIndexForward": False})])
def test_empty_pages_lose_nothing(read: Any, sort_type: str, operation: str, params: dict[str, Any]) -> None:
    rule = f"{{name: r, when: {{operation: {operation}, request: [1, 2, 4]}}, fault: {{page: empty}}}}"
    pages = read(rule, operation, Limit=2, **params)
    expected = keys(read("", operation, **params), sort_type)
    assert keys(pages, sort_type) == expected
    assert len(expected) == 5
    assert [page["Count"] for page in pages[:4]] == [0, 0, 2, 0]
    tokens = [orjson.dumps(page["LastEvaluatedKey"]) for page in pages[:-1]]
    assert len(set(tokens)) == len(tokens)


def test_short_pages_lose_nothing(read: Any, sort_type: str) -> None:
    pages = read("{name: r, when: {operation: Query}, fault: {page: {items: 2}}}", "Query", Limit=3, **QUERY)
    assert keys(pages, sort_type) == SORT_KEYS[sort_type]
    assert [page["Count"] for page in pages] == [2, 2, 1]
    single = read("{name: r, when: {operation: Query}, fault: {page: {items: 2}}}", "Query", Limit=1, **QUERY)
    assert single[0]["Count"] == 1


def test_there_is_no_empty_page_before_nothing(read: Any) -> None:
    values = {":x": {"S": "nobody"}}
    (page,) = read("{name: r, when: {operation: Query}, fault: {page: empty}}", "Query", **{**QUERY, "ExpressionAttributeValues": values})
    assert page["Count"] == 0
    assert "LastEvaluatedKey" not in page


def test_a_page_that_is_read_on_without_a_rule_has_no_rule(client: Any, call: Callable[..., Call]) -> None:
    c = client("rules: [{name: r, limit: 1, when: {operation: Scan}, fault: {page: empty}}]")
    (rewrite,) = c.decide("Scan", "t").rewrites
    rewrite.before(call("Scan", "t"))
    token = rewrite.after(call("Scan", "t"), {"Items": [], "LastEvaluatedKey": {"id": {"S": "a"}}})["LastEvaluatedKey"]
    assert token != {"id": {"S": "a"}}
    resumed = c.decide("Scan", "t", ExclusiveStartKey=token)
    assert (resumed.rule, resumed.rules, resumed.fault, resumed.applied) == ("", [], "", True)
    assert "ExclusiveStartKey" not in resumed.rewrites[0].before(call("Scan", "t", ExclusiveStartKey=token)).params
    assert c.decide("Scan", "t", ExclusiveStartKey={"id": {"S": "a"}}) is None


def test_tokens_do_not_pile_up(client: Any, call: Callable[..., Call]) -> None:
    c = client("rules: [{name: r, when: {operation: Scan}, fault: {page: empty}}]")
    for _ in range(10_050):
        (rewrite,) = c.decide("Scan", "t").rewrites
        rewrite.before(call("Scan", "t"))
        rewrite.after(call("Scan", "t"), {"LastEvaluatedKey": {"id": {"S": "a"}}})
    assert len(c.rules._counters.tokens) == 10_000
