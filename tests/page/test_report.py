"""The HTML report in a real Chromium: rows open without a script, and a phone shows it whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.report import FORMATS

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
LOST = {"name": "lost", "when": {"operation": "UpdateItem", "attempt": 1}, "fault": {"connection": "reset", "applied": True}}
ADD = {
    "TableName": "orders",
    "Key": {"id": {"S": "a"}},
    "UpdateExpression": "ADD paid :s",
    "ExpressionAttributeValues": {":s": {"N": "1"}},
}


@pytest.fixture
def address(start: Callable[..., Emulator], client_for: Any, tmp_path: Path) -> str:
    emulator = start({"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}], "seed": 1, "rules": [LOST]})
    client = client_for(emulator)
    client.update_item(**ADD)
    client.put_item(TableName="orders", Item={"id": {"S": "b"}})
    file = tmp_path / "report.html"
    file.write_text(FORMATS["html"].render(emulator.report()), encoding="utf-8")
    return file.as_uri()


def test_a_verdict_leads_to_its_call_and_opens_it(address: str, visit: Visit) -> None:
    page = visit(address)
    page.locator("#V20 a").first.click()
    opened = page.locator("details.row[open]")
    expect(opened).to_have_count(1)
    expect(opened.locator("pre").first).to_be_in_viewport()
    assert page.evaluate("() => getComputedStyle(document.querySelector('.opened .fate-lost')).color") != page.evaluate(
        "() => getComputedStyle(document.body).color"
    )


def test_the_keyboard_opens_a_row_and_chooses_the_scale(address: str, visit: Visit) -> None:
    page = visit(address)
    page.locator("summary.line").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.row[open] .attempt")).to_have_count(2)
    page.locator("#own-scale").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#one-clock")).to_be_checked()


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_nothing_is_cut_off_and_letters_keep_their_size(address: str, visit: Visit, width: int) -> None:
    page = visit(address, width=width, height=844)
    page.locator("summary.line").first.click()
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    outside = page.evaluate("""() => [...document.querySelectorAll("h1, h2, p, td, pre, dd, label, summary > *")]
        .filter((one) => { const box = one.getBoundingClientRect(); return box.width && (box.left < -1 || box.right > innerWidth + 1); })
        .map((one) => one.outerHTML.slice(0, 120))""")
    assert outside == []
    assert page.locator("svg text").count() == 0
    assert page.locator(".chart span").first.evaluate("one => getComputedStyle(one).fontSize") == "11px"
