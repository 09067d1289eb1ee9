"""An engine on a clock that stands still, and a short way to call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from emulator.aws.errors import ServiceError
from emulator.backends.dynamodb import Engine
from emulator.clock import ManualClock
from emulator.messages import Call, HttpRequest

Do = Callable[..., dict[str, Any]]


def _call(operation: str, params: dict[str, Any], region: str, account: str) -> Call:
    request = HttpRequest("POST", "/", {}, b"")
    return Call("dynamodb", operation, params, (), region, account, "AKID", "", request)


def _caller(engine: Engine) -> Do:
    """`do("GetItem", TableName=..., ...)`; the answer has been through JSON, as a client sees it."""

    def do(operation: str, *, region: str = "eu-west-1", account: str = "000000000000", **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = orjson.loads(orjson.dumps(engine.execute(_call(operation, params, region, account)).output))
        return answer

    return do


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(clock: ManualClock) -> Engine:
    return Engine(clock)


@pytest.fixture
def do(engine: Engine) -> Do:
    return _caller(engine)


@pytest.fixture
def caller() -> Callable[[Engine], Do]:
    """For tests that make an engine of their own."""
    return _caller


@pytest.fixture
def refused(do: Do) -> Callable[..., str]:
    """`refused("GetItem", ...)`: the text of the ValidationException that it must end in."""

    def refused(operation: str, **params: Any) -> str:
        with pytest.raises(ServiceError) as caught:
            do(operation, **params)
        assert caught.value.spec.name == "ValidationException"
        assert caught.value.message is not None
        return caught.value.message

    return refused


@pytest.fixture
def fails(do: Do) -> Callable[..., ServiceError]:
    """`fails("DescribeTable", ...)`: the error that it must end in, whatever its name."""

    def fails(operation: str, **params: Any) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            do(operation, **params)
        return caught.value

    return fails


def definition(name: str, key: str, **others: Any) -> dict[str, Any]:
    """CreateTable's parameters; `key` such as "pk:S" or "pk:S sk:N"."""
    attributes = [part.split(":") for part in key.split()]
    kinds = ("HASH", "RANGE")
    return {
        "TableName": name,
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for (name, _), kind in zip(attributes, kinds, strict=False)],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": type_} for name, type_ in attributes],
        "BillingMode": "PAY_PER_REQUEST",
        **others,
    }


@pytest.fixture
def defined() -> Callable[..., dict[str, Any]]:
    return definition


@pytest.fixture
def hashed(do: Do) -> str:
    """A table with the key pk:S."""
    do("CreateTable", **definition("hashed", "pk:S"))
    return "hashed"


@pytest.fixture
def sorted_(do: Do) -> str:
    """A table with the key pk:S sk:N."""
    do("CreateTable", **definition("sorted", "pk:S sk:N"))
    return "sorted"
