"""What the tests of the scenario language share."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from emulator.scenario import Problem, Scenario, ScenarioError, load_scenario


@pytest.fixture
def load() -> Callable[..., Scenario]:
    """Load the text of a scenario without its `version` line."""

    def load_body(body: str, **parameters: str | float) -> Scenario:
        return load_scenario("version: 1\n" + textwrap.dedent(body), parameters=parameters)

    return load_body


@pytest.fixture
def problems(load: Callable[..., Scenario]) -> Callable[..., tuple[Problem, ...]]:
    """The problems of a scenario that must have some; lines count from the line after `version`."""

    def of(body: str, **parameters: str | float) -> tuple[Problem, ...]:
        with pytest.raises(ScenarioError) as refused:
            load(body, **parameters)
        return refused.value.problems

    return of


@pytest.fixture
def problem(problems: Callable[..., tuple[Problem, ...]]) -> Callable[..., str]:
    """Message and hint of the only problem of a scenario."""

    def of(body: str, **parameters: str | float) -> str:
        (found,) = problems(body, **parameters)
        return f"{found.message}; {found.hint}"

    return of
