"""What docs/stability.md promises is there: every key of the report, every Python name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dynafault
from emulator import Emulator

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "stability.md").read_text("utf-8")
SCENARIO = """
version: 1
tables: [{name: orders, key: {id: S}}]
rules: [{name: trouble, when: {operation: PutItem, attempt: 1}, fault: InternalServerError}]
expect: [{calls: {operation: PutItem}, outcome: success}]
"""


def table(heading: str) -> dict[str, str]:
    """The rows of the table under a row of headings: what the first column names -> the second column."""
    rows = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {name: row.split("|")[2] for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def names_in(text: str) -> set[str]:
    return set(re.findall(r"`([\w.]+)`", text))


def run(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> Emulator:
    emulator = start(SCENARIO)
    client_for(emulator).put_item(TableName="orders", Item={"id": {"S": "a"}})
    return emulator


def test_the_report_has_every_key_that_is_promised(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    report = run(start, client_for).report().to_json()
    promised = table("key of the report | holds")
    assert promised.keys() <= report.keys()
    for key in ("rules", "expectations", "audit"):
        assert names_in(promised[key]) <= report[key][0].keys(), key
    assert table("key of a call | holds").keys() <= report["calls"][0].keys()


def test_gaps_are_the_same_in_python_and_in_the_report(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    emulator = run(start, client_for)
    (call,) = emulator.calls()
    assert emulator.report().to_json()["calls"][0]["gaps_ms"] == call.gaps_ms
    assert len(call.gaps_ms) == 1


def test_every_python_name_that_is_promised_is_there(start: Callable[..., Emulator], client_for: Callable[..., Any]) -> None:
    emulator = run(start, client_for)
    assert names_in(PAGE.split("From `dynafault`:", 1)[1].split("\n", 1)[0]) == set(dynafault.__all__)
    objects: dict[str, Any] = {"Emulator": emulator, "Report": emulator.report(), "LogicalCall": emulator.calls()[0]}
    objects["AdminClient"] = dynafault.AdminClient(emulator.url)
    promised = table("of | names")
    assert promised.keys() == objects.keys()
    for owner, names in promised.items():
        for name in names_in(names):
            found = objects[owner]
            for step in name.split("."):
                found = getattr(found, step)
