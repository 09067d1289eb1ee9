"""The order of checks: each operation is asked with every two of its mistakes at once, and names the one that its table has first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import orjson
import pytest

from emulator.aws.wording import WordingName
from emulator.backends.dynamodb.checks import MISSING_TABLE, NEEDS, ORDER, TABLES, Check, Order
from emulator.clock import ManualClock
from emulator.core import EmulatorCore
from emulator.journal.exchange import Exchange
from emulator.messages import HttpRequest

Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"


@pytest.fixture(params=["2026-10", "classic"])
def ask(request: pytest.FixtureRequest) -> Ask:
    wording: WordingName = request.param
    core = EmulatorCore(clock=ManualClock(), wording=wording, seed=1)

    def ask(operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
            "x-amz-date": "20261120T120000Z",
            "authorization": AUTHORIZATION,
        }
        exchange = core.exchange(HttpRequest("POST", "/", headers, orjson.dumps(dict(params))))
        assert isinstance(exchange, Exchange)
        assert exchange.reply is not None
        answer: dict[str, Any] = orjson.loads(exchange.reply.body or b"{}")
        return answer

    for table in TABLES:
        assert "TableDescription" in ask("CreateTable", table)
    return ask


def assert_refused(answer: Mapping[str, Any], check: Check) -> None:
    text = answer.get("message", answer.get("Message", ""))
    assert (answer.get("__type", "").partition("#")[2], check.says in text) == (check.error, True), f"{check.what}: {text}"


def together(order: Order, *checks: Check) -> dict[str, Any] | None:
    """A request with all these mistakes; None where two of them are of one parameter."""
    params = dict(order.good)
    for check in checks:
        params.update(check.wrong)
    return params if all(params[name] == value for check in checks for name, value in check.wrong.items()) else None


@pytest.mark.parametrize("operation", ORDER)
def test_a_good_request_passes_and_each_mistake_is_found(ask: Ask, operation: str) -> None:
    order = ORDER[operation]
    for check in order.checks:
        params = together(order, check)
        assert params is not None
        assert_refused(ask(operation, params), check)
    assert "__type" not in ask(operation, order.good)


@pytest.mark.parametrize("operation", ORDER)
def test_of_two_mistakes_the_first_is_named(ask: Ask, operation: str) -> None:
    order = ORDER[operation]
    pairs = [(first, params) for first, second in combinations(order.checks, 2) if (params := together(order, first, second)) is not None]
    for first, params in pairs:
        assert_refused(ask(operation, params), first)


@pytest.mark.parametrize("operation", [name for name, order in ORDER.items() if "TableName" in order.good])
def test_what_needs_no_table_needs_none(ask: Ask, operation: str) -> None:
    order = ORDER[operation]
    missing = next(check for check in order.checks if check.needs == "table")
    for check in order.checks:
        if "TableName" not in check.wrong:
            params = together(order, missing, check)
            assert params is not None
            assert_refused(ask(operation, params), check if check.needs == "request" else missing)


@pytest.mark.parametrize("operation", ORDER)
def test_what_is_known_later_is_asked_later(operation: str) -> None:
    places = [list(NEEDS).index(check.needs) for check in ORDER[operation].checks]
    assert places == sorted(places)
    assert MISSING_TABLE not in {table["TableName"] for table in TABLES}
