"""What is compared of the tables after two runs, and how a difference is told."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.backends.dynamodb.contents import TableContents
from emulator.explore.differences import differences
from emulator.explore.masking import Mask, natural_mask


def table(*items: dict[str, Any], name: str = "orders", key: tuple[str, ...] = ("id",), region: str = "us-east-1") -> TableContents:
    return TableContents(region, name, key, items)


def item(name: str, **attributes: str) -> dict[str, Any]:
    return {"id": {"S": name}, **{attribute: {"N" if value.isdecimal() else "S": value} for attribute, value in attributes.items()}}


def test_what_differs_between_clean_runs_is_masked_attribute_by_attribute() -> None:
    mask = natural_mask([[table(item("a", at="1", n="5"))], [table(item("a", at="2", n="5"))]])
    assert mask.paths == {"orders.at"}
    assert not differences([table(item("a", at="1", n="5"))], [table(item("a", at="9", n="5"))], mask)
    (found,) = differences([table(item("a", at="1", n="5"))], [table(item("a", at="9", n="6"))], mask)
    assert found.sentence == "n of orders id=a is 6 instead of 5"


def test_random_keys_are_masked_and_items_still_counted() -> None:
    mask = natural_mask([[table(item("x1", n="1"), item("x2", n="2"))], [table(item("y2", n="2"), item("y1", n="1"))]])
    assert mask.paths == {"orders.id"}
    assert not differences([table(item("x1", n="1"))], [table(item("z", n="1"))], mask)
    (found,) = differences([table(item("x1", n="1"))], [table(item("z", n="1"), item("zz", n="1"))], mask)
    assert (found.sentence, len(found.extra), found.missing) == ("orders has 2 items instead of 1 item", 1, ())


def test_masks_reach_into_maps_and_lists() -> None:
    def run(at: str, other: str) -> TableContents:
        return table({"id": {"S": "a"}, "log": {"L": [{"M": {"at": {"S": at}, "by": {"S": other}}}]}})

    mask = natural_mask([[run("1", "ada")], [run("2", "ada")]])
    assert mask.paths == {"orders.log.[].at"}
    assert not differences([run("1", "ada")], [run("3", "ada")], mask)
    assert differences([run("1", "ada")], [run("3", "bob")], mask)


def test_a_table_that_grows_differently_by_itself_is_not_compared() -> None:
    mask = natural_mask([[table(item("a"))], [table(item("a"), item("b"))]])
    assert mask.tables == {"orders"}
    assert not differences([table(item("a"))], [table()], mask)


@pytest.mark.parametrize(
    ("glob", "hidden"),
    [("orders.at", True), ("*.at", True), ("orders.*", True), ("payments.at", False), ("at", True), ("a*", True), ("n", False)],
)
def test_what_the_user_ignores(glob: str, hidden: bool) -> None:
    assert natural_mask([[]], [glob]).hides("orders", "at") is hidden


def test_sets_have_no_order() -> None:
    left, right = ({"id": {"S": "a"}, "tags": {"SS": tags}} for tags in (["x", "y"], ["y", "x"]))
    assert not differences([table(left)], [table(right)], Mask())


def test_missing_extra_and_changed_items() -> None:
    clean = [table(item("a", n="1"), item("b", n="2"), item("c", n="3"))]
    (found,) = differences(clean, [table(item("a", n="1"), item("b", n="9"), item("d", n="4"))], Mask())
    assert [one["id"]["S"] for one in found.missing] == ["c"]
    assert [one["id"]["S"] for one in found.extra] == ["d"]
    assert [(one.was["n"]["N"], one.now["n"]["N"], one.names) for one in found.changed] == [("2", "9", ("n",))]
    assert found.to_json()["items"] == {"clean": 3, "seen": 3}


def test_a_table_that_is_gone_counts_as_empty() -> None:
    (found,) = differences([table(item("a"))], [], Mask())
    assert found.sentence == "orders has 0 items instead of 1 item"


def test_tables_of_one_name_in_two_regions_are_told_apart() -> None:
    clean = [table(item("a")), table(item("b"), region="eu-west-1")]
    (found,) = differences(clean, [table(item("a")), table(region="eu-west-1")], Mask())
    assert found.table == "orders (eu-west-1)"


def test_comparing_many_items_is_linear() -> None:
    many = [item(f"i{number}", n=str(number)) for number in range(20_000)]
    changed = [item(f"i{number}", n=str(number + 1)) for number in range(20_000)]
    (found,) = differences([table(*many)], [table(*changed)], Mask())
    assert len(found.changed) == 20_000
