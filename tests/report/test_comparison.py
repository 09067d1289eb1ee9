"""Two runs side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from emulator import Emulator
from emulator.report.comparison import ReportComparison, compare
from emulator.report.formats.compared import COMPARED, render_comparison

ADD = {
    "TableName": "orders",
    "Key": {"id": {"S": "a"}},
    "UpdateExpression": "ADD paid :s",
    "ExpressionAttributeValues": {":s": {"N": "1"}},
}
LOST = {"name": "lost", "when": {"operation": "UpdateItem", "attempt": 1}, "fault": {"connection": "reset", "applied": True}}
SCENARIO: dict[str, Any] = {"version": 1, "name": "<b>|x", "tables": [{"name": "orders", "key": {"id": "S"}}], "seed": 1}


@pytest.fixture
def published(start: Callable[..., Emulator], client_for: Any) -> Callable[..., dict[str, Any]]:
    def run(*rules: dict[str, Any], calls: int = 1) -> dict[str, Any]:
        emulator = start({**SCENARIO, "rules": list(rules)})
        client = client_for(emulator)
        for _ in range(calls):
            client.update_item(**ADD)
        # As it comes from a server or a file
        found: dict[str, Any] = orjson.loads(orjson.dumps(emulator.report().to_json()))
        return found

    return run


@pytest.fixture
def comparison(published: Callable[..., dict[str, Any]]) -> ReportComparison:
    return compare(published(), published(LOST, calls=2), ("before.jsonl", "after.jsonl"))


def test_what_grew_and_what_changed(comparison: ReportComparison) -> None:
    figures = {one.what: (one.before, one.after) for one in comparison.figures}
    assert (figures["calls"], figures["attempts"], figures["faults"]) == (("1", "2"), ("1", "4"), ("0", "2"))
    assert figures["writes applied again"] == ("0", "2")
    assert figures["verdict"] == ("pass", "fail")
    changed = {one.what: (one.before, one.after) for one in comparison.verdicts}
    before, after = changed["V20 A write is not carried out twice"]
    assert (before.partition(":")[0], after.partition(":")[0]) == ("n/a", "fail")
    assert [(one.what, one.before, one.after) for one in comparison.calls] == [
        ("UpdateItem orders #2", "", "2 attempts, success, applied 2 times"),
        ("UpdateItem orders #1", "1 attempt, success, applied 1 time", "2 attempts, success, applied 2 times"),
    ]


@pytest.mark.parametrize("form", COMPARED)
def test_every_form_tells_it(comparison: ReportComparison, form: str) -> None:
    text = render_comparison(comparison, form)
    assert "V20 A write is not carried out twice" in text
    assert "UpdateItem orders" in text
    assert ("<b>" in text) is (form in ("text", "json"))


def test_the_same_run_twice_differs_in_nothing(published: Callable[..., dict[str, Any]]) -> None:
    one = published()
    same = compare(one, one, ("a", "b"))
    assert not same.verdicts
    assert not same.calls
    assert render_comparison(same, "text").endswith("nothing differs\n")


def test_only_the_calls_that_differ_the_most_are_told(published: Callable[..., dict[str, Any]]) -> None:
    one = published()
    many = {**one, "calls": one["calls"] * 250}
    found = compare(one, many, ("a", "b"))
    assert (len(found.calls), found.left_out) == (100, 149)
    assert "and 149 more calls" in render_comparison(found, "text")


def test_the_command_compares_journals_and_servers(
    start: Callable[..., Emulator], client_for: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from emulator.cli.main import run

    healthy, troubled = start(SCENARIO), start({**SCENARIO, "rules": [LOST]})
    for emulator in (healthy, troubled):
        client_for(emulator).update_item(**ADD)
    words = ["report", healthy.url, "--compare", troubled.url]
    assert run(words) == 1
    assert "V20 A write is not carried out twice" in capsys.readouterr().out
    assert run([*words, "--format", "html", "--output", str(tmp_path / "both.html")]) == 1
    assert "<h1>Two runs</h1>" in (tmp_path / "both.html").read_text()
    assert run([*words, "--format", "junit"]) == 2
    assert "--compare comes as text, json, markdown, html" in capsys.readouterr().err
    assert run(["report", troubled.url, "--compare", healthy.url]) == 0
