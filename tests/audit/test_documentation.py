"""docs/verdicts.md says what the table says."""

from __future__ import annotations

import runpy
from pathlib import Path

from emulator.audit import VERDICTS

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_table_says() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "generate_verdicts_page.py"))
    assert (ROOT / "docs" / "verdicts.md").read_text() == tool["render"](), "run python tools/generate_verdicts_page.py"


def test_every_verdict_has_a_section_of_its_own() -> None:
    headings = [line for line in (ROOT / "docs" / "verdicts.md").read_text().splitlines() if line.startswith("## ")]
    assert headings == [f"## {verdict.id} {verdict.title}" for verdict in VERDICTS.values()]
