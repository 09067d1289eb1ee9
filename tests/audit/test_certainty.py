from __future__ import annotations

import pytest

from emulator.audit.certainty import at_least, sureness


@pytest.mark.parametrize(
    ("count", "chances", "expected"),
    [
        (0, [0.5], 1.0),
        (1, [0.5], 0.5),
        (2, [0.5, 0.5], 0.25),
        (1, [0.5, 0.5], 0.75),
        (3, [0.2, 0.1, 0.05], 0.001),
        (2, [0.5, 0.2, 0.1], 0.15),
    ],
)
def test_the_chance_of_some_events_is_exact_for_few(count: int, chances: list[float], expected: float) -> None:
    assert at_least(count, chances) == pytest.approx(expected)


def test_beyond_some_hundred_events_it_is_bounded_from_above() -> None:
    exact = at_least(150, [0.4] * 300)
    bound = at_least(151, [0.4] * 301)
    assert exact < bound < 0.1
    assert at_least(100, [0.4] * 400) == 1.0


def test_sureness_never_claims_everything() -> None:
    assert [sureness(chance) for chance in (0.005, 1e-12)] == ["99.5 % sure", "99.9 % sure"]
