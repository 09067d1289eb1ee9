"""What the tests of the faults share."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from emulator.clock import ManualClock
from emulator.faults import Decision, RuleSet
from emulator.messages import Attempt, Call, HttpRequest
from emulator.scenario import load_scenario


@pytest.fixture
def call() -> Callable[..., Call]:
    """A request to DynamoDB; its params may be given as keywords."""

    def make(
        operation: str = "GetItem", *tables: str, service: str = "dynamodb", request: HttpRequest | None = None, **params: Any
    ) -> Call:
        http = request or HttpRequest("POST", "/", {"user-agent": "test"}, b"", connection=1, peer="127.0.0.1:5000")
        return Call(service, operation, params, tables, "eu-west-1", "000000000000", "AKID", "", http)

    return make


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class Client:
    """Sends requests to a set of rules; each is a call of its own unless `attempts` or `call_id` say otherwise."""

    def __init__(self, rules: RuleSet, call: Callable[..., Call]) -> None:
        self.rules = rules
        self._call = call
        self._ids = count(1)

    def decide(self, operation: str, *tables: str, call_id: str | None = None, attempt: int = 1, **more: Any) -> Decision | None:
        tried = Attempt(call_id or f"call-{next(self._ids)}", attempt)
        return self.rules.decide(self._call(operation, *tables, **more), tried)

    def fault(self, operation: str, *tables: str, **more: Any) -> str | None:
        decision = self.decide(operation, *tables, **more)
        return None if decision is None else decision.fault

    def faults(self, requests: int, operation: str, *tables: str, **more: Any) -> list[str | None]:
        return [self.fault(operation, *tables, **more) for _ in range(requests)]

    def attempts(self, number: int, operation: str, *tables: str, **more: Any) -> list[str | None]:
        """The faults of one call's attempts."""
        call_id = f"call-{next(self._ids)}"
        return [self.fault(operation, *tables, call_id=call_id, attempt=ordinal, **more) for ordinal in range(1, number + 1)]

    def counted(self, rule: str) -> tuple[int, int]:
        """(matched, fired)"""
        return next((report.matched, report.fired) for report in self.rules.rules() if report.name == rule)


@pytest.fixture
def client(call: Callable[..., Call], clock: ManualClock) -> Callable[..., Client]:
    """A client of the rules of the text of some rules."""

    def of(body: str, seed: int = 1, **options: Any) -> Client:
        scenario = load_scenario("version: 1\n" + textwrap.dedent(body))
        return Client(RuleSet.of(scenario, clock, seed, **options), call)

    return of
