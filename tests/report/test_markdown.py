"""The report as Markdown for a job summary."""

from __future__ import annotations

from dataclasses import replace

from emulator.report import FORMATS, Report
from emulator.report.formats.markdown import plain


def test_what_failed_comes_first_and_the_run_can_be_repeated(hostile_report: Report) -> None:
    text = FORMATS["markdown"].render(replace(hostile_report, program="pytest"))
    assert text.startswith("## \u274c ")
    assert f"--seed {hostile_report.seed} -- pytest" in text
    assert "| \u274c | V20 A write is not carried out twice |" in text
    assert text.index("V20") < text.index("<details>")


def test_nothing_of_a_run_becomes_markup(hostile_report: Report) -> None:
    text = FORMATS["markdown"].render(hostile_report)
    # What is indented by four blanks is shown as it is
    shown = [line for line in text.splitlines() if not line.startswith("    ")]
    assert "<script>" not in "\n".join(shown)
    assert plain("a|b <i> `c` [d](e)\n# @team \x1b[2J") == r"a\|b &lt;i&gt; \`c\` \[d\]\(e\) \# \@team " + plain("\x1b[2J")
    assert "\x1b" not in text


def test_tables_keep_their_columns(hostile_report: Report) -> None:
    rows = [line for line in FORMATS["markdown"].render(hostile_report).splitlines() if line.startswith("| ")]
    widths = {len(line.replace(r"\|", "").split("|")) for line in rows}
    assert widths == {5}


def test_a_run_in_which_nobody_came(quiet_report: Report) -> None:
    assert "No client has contacted the emulator." in FORMATS["markdown"].render(quiet_report)
