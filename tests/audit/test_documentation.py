"""docs/verdicts.md has all verdicts, in their order; that it says what the table says is tested with the other pages."""

from __future__ import annotations

from pathlib import Path

from emulator.audit import VERDICTS

ROOT = Path(__file__).resolve().parents[2]


def test_every_verdict_has_a_section_of_its_own() -> None:
    headings = [line for line in (ROOT / "docs" / "verdicts.md").read_text().splitlines() if line.startswith("## ")]
    assert headings[0] == "## How far they can be trusted"
    assert headings[1:] == [f"## {verdict.id} {verdict.title}" for verdict in VERDICTS.values()]
