"""The numbers behind chance show no pattern: over contents, over repetitions of one content, between rules, between seeds."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import combinations, pairwise
from math import sqrt

import pytest

from emulator.faults.chance import Chance, Contents

REQUESTS = 8000
CHANCE = 0.3


def different() -> Iterator[int]:
    """The numbers of requests that all differ."""
    contents = Contents()
    for number in range(REQUESTS):
        yield contents.draw(blake2b(b"%d" % number, digest_size=16).digest()).number


def poller() -> Iterator[int]:
    """Those of one request that comes again and again."""
    contents, content = Contents(), blake2b(b"GetItem", digest_size=16).digest()
    for _ in range(REQUESTS):
        yield contents.draw(content).number


def rules(count: int = 20, seed: int = 1) -> list[Chance]:
    return [Chance(seed, f"rule {number}", CHANCE) for number in range(count)]


def hits(chance: Chance, numbers: list[int]) -> list[bool]:
    return [chance.uniform(number) < CHANCE for number in numbers]


def far(found: int, expected: float, of: int) -> float:
    """How many standard deviations a count of independent events of this probability is off."""
    return abs(found - of * expected) / sqrt(of * expected * (1 - expected))


each_kind = pytest.mark.parametrize("numbers", [list(different()), list(poller())], ids=["different", "poller"])


@each_kind
def test_every_rule_hits_as_often_as_told(numbers: list[int]) -> None:
    assert max(far(sum(hits(rule, numbers)), CHANCE, REQUESTS) for rule in rules(100)) < 4.5


@each_kind
def test_the_numbers_of_a_rule_are_spread_evenly(numbers: list[int]) -> None:
    for rule in rules():
        hundredths = [0] * 100
        for number in numbers:
            hundredths[int(rule.uniform(number) * 100)] += 1
        chi_square = sum((found - REQUESTS / 100) ** 2 / (REQUESTS / 100) for found in hundredths)
        # 99 degrees of freedom: 0.1 of 1,000 are beyond these
        assert 45 < chi_square < 165


@each_kind
def test_rules_say_nothing_of_each_other(numbers: list[int]) -> None:
    hit = [hits(rule, numbers) for rule in rules()]
    both = [sum(a and b for a, b in zip(one, other, strict=True)) for one, other in combinations(hit, 2)]
    assert max(far(found, CHANCE**2, REQUESTS) for found in both) < 4.5
    three = [sum(map(all, zip(*some, strict=True))) for some in combinations(hit[:10], 3)]
    assert max(far(found, CHANCE**3, REQUESTS) for found in three) < 4.5


@each_kind
def test_one_request_says_nothing_of_the_next(numbers: list[int]) -> None:
    for rule in rules():
        hit = hits(rule, numbers)
        for lag in (1, 2, 3, 10, 64, 100, 256):
            both = sum(a and b for a, b in zip(hit, hit[lag:], strict=False))
            assert far(both, CHANCE**2, REQUESTS - lag) < 4.5


@each_kind
def test_the_numbers_of_successive_requests_do_not_go_together(numbers: list[int]) -> None:
    for rule in rules():
        drawn = [rule.uniform(number) - 0.5 for number in numbers]
        for lag in (1, 2, 7):
            correlation = 12 * sum(a * b for a, b in zip(drawn, drawn[lag:], strict=False)) / REQUESTS
            assert abs(correlation) < 4.5 / sqrt(REQUESTS)


@each_kind
def test_runs_are_as_long_as_they_should_be(numbers: list[int]) -> None:
    for rule in rules():
        hit = hits(rule, numbers)
        changes = sum(a != b for a, b in pairwise(hit))
        # That one hits and its neighbour does not; neighbouring pairs share a request, which makes little of a difference
        assert far(changes, 2 * CHANCE * (1 - CHANCE), REQUESTS - 1) < 5
        lengths = [len(run) for run in "".join("x" if one else " " for one in hit).split()]
        assert far(sum(length >= 3 for length in lengths), CHANCE**2, len(lengths)) < 4.5


@each_kind
def test_seeds_say_nothing_of_each_other(numbers: list[int]) -> None:
    hit = [hits(rules(1, seed)[0], numbers) for seed in range(1, 21)]
    both = [sum(a and b for a, b in zip(one, other, strict=True)) for one, other in combinations(hit, 2)]
    assert max(far(found, CHANCE**2, REQUESTS) for found in both) < 4.5


def test_a_content_repeats_and_says_nothing_of_another() -> None:
    one, other = list(poller()), list(poller())
    assert one == other
    contents = Contents()
    third = [contents.draw(blake2b(b"PutItem", digest_size=16).digest()).number for _ in range(REQUESTS)]
    (rule,) = rules(1)
    both = sum(a and b for a, b in zip(hits(rule, one), hits(rule, third), strict=True))
    assert far(both, CHANCE**2, REQUESTS) < 4.5


@pytest.mark.parametrize("chance", [0.0, 1e-12, 0.1, 0.3, 0.5, 0.9999999, 1.0])
def test_the_threshold_says_what_the_chance_does(chance: float) -> None:
    rule = Chance(1, "r", chance)
    for number in [*different()][:2000]:
        low = number * rule.multiplier + rule.offset & 2**64 - 1
        assert (low < rule.threshold) == (rule.uniform(number) < chance)
    # At the very edge, too: the number that comes out at the threshold, and the one below it
    inverse = pow(rule.multiplier, -1, 2**64)
    for wanted in (rule.threshold - 1, rule.threshold):
        if 0 <= wanted < 2**64:
            number = (wanted - rule.offset) * inverse & 2**64 - 1
            assert (wanted < rule.threshold) == (rule.uniform(number) < chance)
