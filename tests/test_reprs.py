"""What an assertion that fails shows of an emulator and of what it saw: a line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator import Emulator

SCENARIO = {
    "version": 1,
    "name": "throttled twice",
    "seed": 7,
    "tables": [{"name": "orders", "key": {"id": "S"}}],
    "rules": [{"name": "throttle", "when": {"operation": "PutItem", "try": "1..2"}, "fault": "ThrottlingException"}],
    "expect": [{"calls": {"operation": "PutItem"}, "attempts": 1}],
}


def test_each_is_a_line(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    emulator = start(SCENARIO)
    client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "a"}})
    assert repr(emulator) == f"<Emulator at {emulator.url}, running, scenario 'throttled twice', seed 7>"
    (call,) = emulator.calls()
    assert repr(call) == f"<LogicalCall {call.id[:8]} PutItem orders #1 ThrottlingException #2 ThrottlingException #3 200: success>"
    assert repr(emulator.journal) == "<Journal of 3 exchanges>"
    assert repr(emulator.journal.entries()[0]) == "<Exchange 1 PutItem orders #1: 400 ThrottlingException, sent, rule 'throttle'>"
    report = repr(emulator.report())
    assert report.startswith("<Report fail: scenario 'throttled twice', seed 7, 1 calls: ")
    assert "\n" not in report
