from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest

from emulator.calls import LogicalCall, group
from emulator.journal import Entry
from emulator.messages import Call, HttpReply, HttpRequest

KEY_NAMES = {"orders": ("id",)}


@pytest.fixture
def make_call() -> Callable[..., LogicalCall]:
    """A logical call made of (gap before it in seconds, error or "", applied) for each attempt; each takes 10 ms."""

    def make(call_id: str, *attempts: tuple[float, str, bool | None], operation: str = "PutItem", **params: Any) -> LogicalCall:
        parameters = params or {"TableName": "orders", "Item": {"id": {"S": call_id}}}
        return group(_entries(call_id, attempts, operation, parameters))[0]

    return make


def _entries(call_id: str, attempts: Iterable[tuple[float, str, bool | None]], operation: str, params: dict[str, Any]) -> Iterable[Entry]:
    now = 0.0
    for number, (gap, error, applied) in enumerate(attempts, 1):
        now += gap
        request = HttpRequest("POST", "/", {}, orjson.dumps(params), arrived=now)
        call = Call("dynamodb", operation, params, ("orders",), "us-east-1", "000000000000", "AKID", call_id, request)
        entry = Entry(now, request, call, HttpReply(400 if error else 200, [], b"{}"), call_id=call_id, attempt=number)
        entry.error, entry.applied, entry.rule = error, applied, "r" if error else ""
        entry.key_names = KEY_NAMES if applied else None
        now += 0.01
        entry.ended, entry.how = now, "sent"
        yield entry
