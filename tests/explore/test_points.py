"""Which calls are of one kind, how they can fail, and which runs are planned: with calls of a real client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from emulator.explore.kinds import BY_ID, KINDS, FaultKind, Tuning
from emulator.explore.plan import Known, Turn, pairs, planned
from emulator.explore.points import Point, points_of
from emulator.scenario import load_scenario

TABLES = {
    "version": 1,
    "tables": [
        {"name": "orders", "key": {"id": "S"}, "items": [{"id": f"o{number}", "n": number} for number in range(5)]},
        {"name": "payments", "key": {"id": "S"}},
    ],
}
Work = Callable[[Any], object]


@pytest.fixture
def points(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> Callable[[Work], list[Point]]:
    def points_after(work: Work) -> list[Point]:
        emulator = start(TABLES)
        work(client_for(emulator))
        return points_of(emulator.calls())

    return points_after


def kinds_for(point: Point) -> set[str]:
    return {kind.id for kind in KINDS if kind.applies(point)}


def test_values_make_no_other_kind_and_attributes_do(points: Callable[[Work], list[Point]]) -> None:
    def work(client: Any) -> None:
        for number in range(3):
            client.put_item(TableName="orders", Item={"id": {"S": f"n{number}"}})
        client.put_item(TableName="orders", Item={"id": {"S": "x"}, "status": {"S": "open"}})
        client.put_item(TableName="orders", Item={"id": {"S": "y"}}, ConditionExpression="attribute_not_exists(id)")
        client.put_item(TableName="payments", Item={"id": {"S": "x"}})

    found = points(work)
    assert [point.id for point in found] == [*(f"PutItem orders #{number}" for number in range(1, 6)), "PutItem payments #1"]
    assert [point.nth for point in found] == [1, 2, 3, 1, 1, 1]
    assert len({point.kind for point in found}) == 4


def test_pages_of_one_query_are_of_one_kind(points: Callable[[Work], list[Point]]) -> None:
    found = points(lambda client: list(client.get_paginator("scan").paginate(TableName="orders", PaginationConfig={"PageSize": 2})))
    assert len({point.kind for point in found}) == 1
    assert [point.is_read_on for point in found] == [True, True, False]
    assert "short-page" in kinds_for(found[0])


def test_who_wants_no_more_than_so_many_is_given_no_short_page(points: Callable[[Work], list[Point]]) -> None:
    (point,) = points(lambda client: client.scan(TableName="orders", Limit=3))
    assert not kinds_for(point) & {"short-page", "empty-page"}


def test_which_faults_there_are_for_which_calls(points: Callable[[Work], list[Point]]) -> None:
    def work(client: Any) -> None:
        client.get_item(TableName="orders", Key={"id": {"S": "o1"}})
        client.get_item(TableName="orders", Key={"id": {"S": "o1"}}, ConsistentRead=True)
        client.put_item(TableName="payments", Item={"id": {"S": "x"}})
        client.batch_write_item(RequestItems={"payments": [{"PutRequest": {"Item": {"id": {"S": str(n)}}}} for n in range(2)]})
        client.transact_write_items(TransactItems=[{"Put": {"TableName": "payments", "Item": {"id": {"S": "t"}}}}])
        client.describe_table(TableName="orders")

    eventual, consistent, put, batch, transaction, described = map(kinds_for, points(work))
    assert "stale-read" in eventual
    assert "500-after" not in eventual
    assert "stale-read" not in consistent
    assert {"500-after", "reset-after", "lost-at-last"} <= put
    assert "half-batch" not in put
    assert {"half-batch", "never-processed"} <= batch
    assert {"transaction-conflict", "transaction-in-progress"} <= transaction
    assert described == {"throttled", "500-before", "reset-before", "always-throttled", "always-500", "denied"}
    assert not eventual & {"clock-skew"}, "boto3 does not correct its clock"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_rules_of_every_fault_are_scenarios(kind: FaultKind, points: Callable[[Work], list[Point]]) -> None:
    def work(client: Any) -> None:
        client.scan(TableName="orders", FilterExpression="n > :n", ExpressionAttributeValues={":n": {"N": "1"}})
        client.batch_write_item(RequestItems={"payments": [{"PutRequest": {"Item": {"id": {"S": str(n)}}}} for n in range(2)]})
        client.transact_write_items(TransactItems=[{"Put": {"TableName": "payments", "Item": {"id": {"S": "t"}}}}])

    for point in points(work):
        if kind.applies(point):
            rules = kind.rules(point, Tuning(attempts=3))
            assert rules
            assert len(load_scenario({**TABLES, "rules": list(rules)}).rules) == len(rules)


def test_the_first_the_second_and_the_last_of_a_kind_are_explored(points: Callable[[Work], list[Point]]) -> None:
    def work(client: Any) -> None:
        for number in range(5):
            client.put_item(TableName="orders", Item={"id": {"S": f"n{number}"}})

    found = points(work)
    few, every = planned(found, exhaustive=False), planned(found, exhaustive=True)
    assert {one.point.ordinal for one in few} == {1, 2, 5}
    assert {one.point.ordinal for one in every} == {1, 2, 3, 4, 5}
    assert few[0].turn is Turn.FIRST
    assert [one.fault.is_lasting for one in few if one.turn is Turn.FIRST] == sorted(
        one.fault.is_lasting for one in few if one.turn is Turn.FIRST
    )
    assert len({one.id for one in every}) == len(every)


def test_what_is_known_is_not_tried_at_another_call_of_its_kind(points: Callable[[Work], list[Point]]) -> None:
    def work(client: Any) -> None:
        for number in range(2):
            client.get_item(TableName="orders", Key={"id": {"S": f"o{number}"}})

    plan = {one.id: one for one in planned(points(work), exhaustive=False)}
    known = Known()
    known.add(plan["GetItem orders #1: throttled"], is_good=True, changed=False)
    known.add(plan["GetItem orders #1: denied"], is_good=False, changed=True)
    known.add(plan["GetItem orders #1: stale-read"], is_good=True, changed=False)
    assert known.says(plan["GetItem orders #2: throttled"]) == "changed nothing at another call of its kind"
    assert known.says(plan["GetItem orders #2: denied"]) == "found at another call of its kind"
    assert not known.says(plan["GetItem orders #2: stale-read"]), "an old answer is up to the data"


def test_pairs_are_two_faults_in_one_run(points: Callable[[Work], list[Point]]) -> None:
    def work(client: Any) -> None:
        client.get_item(TableName="orders", Key={"id": {"S": "o1"}})
        client.put_item(TableName="payments", Item={"id": {"S": "x"}})

    found = pairs(points(work))
    assert found
    assert all(one.second is not None and one.second[0].position > one.point.position for one in found)
    assert not any(one.fault.is_lasting or (one.second and one.second[1].is_lasting) for one in found)


def test_ids_of_faults_are_unique() -> None:
    assert len(BY_ID) == len(KINDS)
