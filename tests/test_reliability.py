"""Short ones of the runs that `make simulate`, `make soak` and `make crash` do at length; and that each of their checks can fail."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from emulator.messages import NOTHING_WRITTEN
from reliability.checks import Violation, check_data, check_journal
from reliability.crash import crash
from reliability.scenarios import TABLE
from reliability.simulation import World, journal_of, simulate
from reliability.soak import soak

WORLDS = range(150)


def test_nothing_gets_lost_in_simulated_worlds() -> None:
    assert simulate(WORLDS) > 3_000


def test_the_worlds_are_of_every_kind() -> None:
    seen: Counter[str] = Counter()
    for seed in WORLDS:
        world = World(seed)
        world.run()
        for entry in world.core.journal.entries():
            seen[f"delivery {entry.delivery.how}"] += 1
            seen[f"applied {entry.applied}"] += 1
            seen[f"operation {entry.operation}"] += 1
            seen.update(f"fault {word}" for word in entry.fault.replace(",", "").split())
    for wanted in ("delivery hung", "delivery reset", "delivery closed", "applied True", "applied False", "operation CreateBackup"):
        assert seen[wanted] > 5, wanted
    for fault in ("delay", "drip", "unprocessed", "cancelled", "page", "stale", "response", "headers", "InternalServerError"):
        assert seen[f"fault {fault}"] > 5, fault


def test_the_same_seed_gives_the_same_journal() -> None:
    assert journal_of(17) == journal_of(17) != journal_of(18)


def lose_an_item(world: World) -> None:
    """Behind the journal's back."""
    (item, *_) = [entry for entry in world.core.journal.entries() if entry.applied is True]
    assert item.call is not None
    key = {"TableName": TABLE, "Key": {"id": item.call.params["Item"]["id"]}}
    world.core.run.backends.find("dynamodb").execute(replace(item.call, operation="DeleteItem", params=key))


def deny_a_write(world: World) -> None:
    entries = world.core.journal._latest
    place = next(place for place, entry in enumerate(entries) if entry.applied is True)
    entries[place] = entries[place]._replace(written=NOTHING_WRITTEN)


def lose_an_exchange(world: World) -> None:
    world.core.journal._latest.popleft()


def forget_a_firing(world: World) -> None:
    entries = world.core.journal._latest
    place = next(place for place, entry in enumerate(entries) if entry.rule)
    entries[place] = entries[place]._replace(rule="")


def never_deliver(world: World) -> None:
    world.core.journal.entries()[-1].delivery.how = "pending"


@pytest.mark.parametrize("harm", [lose_an_item, deny_a_write, forget_a_firing, never_deliver])
def test_whatever_is_wrong_is_found(harm: Callable[[World], None]) -> None:
    found = 0
    for seed in range(40):
        world = World(seed)
        for number in range(20):
            world.send("PutItem", {"TableName": TABLE, "Item": {"id": {"S": f"k{number}"}}}, client=1)
        try:
            harm(world)
        except (StopIteration, ValueError):
            continue
        entries = world.core.journal.entries()
        try:
            check_journal(world.core, entries, Counter())
            world.clock.advance(5.0)
            world.core.load(None)
            check_data(world._ask, entries)
        except Violation:
            found += 1
        else:
            raise AssertionError(f"nothing was found in world {seed}")
    assert found > 5


def test_a_world_that_fails_says_how_to_run_it_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(World, "run", lose_an_exchange)
    with pytest.raises(Violation, match="run it again: python -m reliability simulate --seed 7"):
        simulate(range(7, 8))


def test_one_world_by_its_seed() -> None:
    command = [sys.executable, "-m", "reliability", "simulate", "--seed", "7"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("1 worlds from seed 7 on, ")


def test_nothing_gets_lost_in_a_soak() -> None:
    assert soak(4.0, seed=1) > 100


def test_nothing_that_was_acknowledged_gets_lost_by_a_kill() -> None:
    assert crash(3, seed=1) > 3
