"""Tables that are there from the start, as fixtures of a test: they take no time to create and meet no faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.engine.dispatch import OPERATIONS
from emulator.engine.state import State
from emulator.errors import ServiceError
from emulator.messages import Call, HttpRequest

_NO_REQUEST = HttpRequest("POST", "/", {}, b"")


def furnish(
    state: State, region: str, account: str, create: Mapping[str, Any], items: Iterable[Mapping[str, Any]], ttl: str | None
) -> None:
    """Put a table in place, in the stead of one of that name. `create` are the parameters of CreateTable, `items` in wire form,
    `ttl` the attribute of UpdateTimeToLive. Raises ServiceError for what the service would refuse; then there is no such table."""
    name = create["TableName"]
    at_once = state.without_delay()

    def ask(operation: str, **params: Any) -> None:
        if operation not in OPERATIONS:
            raise ServiceError("UnknownOperationException", f"{operation} is not emulated")
        OPERATIONS[operation](at_once, Call("dynamodb", operation, params, (name,), region, account, "", "", _NO_REQUEST))

    with state.lock:
        state.catalog.remove(account, region, name)
        try:
            ask("CreateTable", **create)
            for item in items:
                ask("PutItem", TableName=name, Item=dict(item))
            if ttl is not None:
                ask("UpdateTimeToLive", TableName=name, TimeToLiveSpecification={"AttributeName": ttl, "Enabled": True})
        except ServiceError:
            state.catalog.remove(account, region, name)
            raise
