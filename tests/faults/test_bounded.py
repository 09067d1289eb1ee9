"""What is old is forgotten, and no more than that."""

from __future__ import annotations

import random

from emulator.faults.bounded import Bounded, Numbering


def test_the_latest_are_there_and_not_many_more() -> None:
    drawn, kept, latest = random.Random(1), Bounded[int, int](10), list[int]()
    for turn in range(1000):
        key = drawn.randrange(40)
        if drawn.random() < 0.5 or kept.get(key) is None:
            kept[key] = turn + 1
            assert kept.get(key) == turn + 1
        latest = [*(one for one in latest if one != key), key]
        assert all(kept.get(one) is not None for one in latest[-10:])
        assert len(kept) <= 20


def test_one_that_is_asked_for_stays() -> None:
    kept = Bounded[int, str](10)
    kept[0] = "first"
    for key in range(1, 100):
        kept[key] = "other"
        assert kept.get(0) == "first"
    assert kept.get(1) is None


def test_a_copy_goes_its_own_way() -> None:
    kept = Bounded[int, str](2)
    kept[1] = "one"
    twin = kept.copy()
    twin[2] = "two"
    assert (dict(kept.items()), dict(twin.items())) == ({1: "one"}, {1: "one", 2: "two"})


def test_what_comes_again_has_its_number_as_long_as_it_is_remembered() -> None:
    drawn, numbers, given, latest = random.Random(1), Numbering[int](10), dict[int, int](), list[int]()
    for _ in range(1000):
        key = drawn.randrange(60)
        is_new = key not in given and drawn.random() < 0.5
        number = numbers.add(key) if is_new else numbers.number(key)
        if key in latest[-10:]:
            assert number == given[key]
        assert number <= max(given.values(), default=0) + 1
        given[key] = number
        if number == max(given.values()):
            latest = [*(one for one in latest if one != key), key]
        assert len(numbers) <= 20
    assert numbers.number(1000) == max(given.values()) + 1
    assert numbers.copy().number(1000) == numbers.number(1000)


def test_several_that_come_at_once_are_numbered_in_their_order() -> None:
    numbers = Numbering[str](4)
    numbers.extend(["a", "b", "c"])
    assert [numbers.known(one) for one in "abcd"] == [1, 2, 3, 0]
    numbers.extend(["d", "e", "f"])
    assert (numbers.last, numbers.add("g")) == (6, 7)
    assert [numbers.known(one) for one in "aefgh"] == [1, 5, 6, 7, 0]
