"""What is old is forgotten, and no more than that."""

from __future__ import annotations

import random

from emulator.faults.bounded import Bounded


def test_the_latest_are_there_and_not_many_more() -> None:
    drawn, kept, latest = random.Random(1), Bounded[int, int](10), list[int]()
    for turn in range(1000):
        key = drawn.randrange(40)
        if drawn.random() < 0.5:
            assert kept.setdefault(key, turn + 1) == kept.get(key)
        else:
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
        assert kept.setdefault(0, "new") == "first"
    assert kept.get(1) is None


def test_a_copy_goes_its_own_way() -> None:
    kept = Bounded[int, str](2)
    kept[1] = "one"
    twin = kept.copy()
    twin[2] = "two"
    assert (dict(kept.items()), dict(twin.items())) == ({1: "one"}, {1: "one", 2: "two"})
