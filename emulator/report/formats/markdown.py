"""The report as GitHub's Markdown, as job summaries show it: what failed and what to do first, the rest folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from emulator.audit import AuditFinding, Finding
from emulator.report.facts import Facts
from emulator.report.formats.text import call_line
from emulator.report.next_steps import next_steps
from emulator.report.relevant_calls import relevant_calls
from emulator.scenario.phrases import printable

MAX_CALLS = 40
_SIGNS = {"pass": "\u2705", "fail": "\u274c", "warn": "\u26a0\ufe0f", "info": "\u2139\ufe0f"}
# What means something in Markdown, or to a browser
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~@$])")


def render_markdown(report: Facts) -> str:
    """The report as a document that begins with a heading of the second level."""
    return "\n".join(_lines(report)) + "\n"


def plain(text: str) -> str:
    """Any text in one line that stays as it is."""
    shown = printable(" ".join(text.split()))
    return _SPECIAL.sub(r"\\\1", shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; cells are Markdown already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _lines(report: Facts) -> Iterator[str]:
    yield f"## {_SIGNS[report.verdict]} {plain(report.scenario or 'no scenario')}: {report.verdict}"
    yield ""
    attempts = sum(call.attempts for call in report.calls)
    yield f"{len(report.calls):,} calls, {attempts:,} attempts, seed {report.seed}. The run again:"
    yield ""
    yield f"    {printable(report.repeated_by)}"
    yield ""
    if report.upstream is not None:
        yield f"Upstream: {plain(report.upstream.text)}."
        yield ""
    if report.dropped:
        yield f"The journal was full: {report.dropped:,} exchanges dropped, so figures are too low."
        yield ""
    yield from (f"- {plain(step)}" for step in next_steps(report))
    yield ""
    yield from _findings(report.expectations, report.audit)
    yield from _rules(report)
    yield from _calls(report)
    for bug in report.bugs:
        yield from ("dynafault itself failed, please report this:", "", *(f"    {printable(line)}" for line in bug.splitlines()), "")


def _findings(expectations: Sequence[Finding], audit: Sequence[AuditFinding]) -> Iterator[str]:
    told = [one for one in audit if one.status in ("fail", "warn", "info")]
    told.sort(key=lambda one: ("fail", "warn", "info").index(one.status))
    rows = [(_SIGNS[one.status], plain(one.text), plain(one.why)) for one in expectations]
    rows += [(_SIGNS[one.status], f"{one.verdict.id} {plain(one.verdict.title)}", plain(one.ruling.why)) for one in told]
    if rows:
        yield from table(("", "what", "why"), iter(rows))
    passed = [one.verdict.id for one in audit if one.status == "pass"]
    if passed:
        yield f"{_SIGNS['pass']} {' '.join(passed)}"
        yield ""


def _rules(report: Facts) -> Iterator[str]:
    if report.rules:
        rows = ((plain(rule.name), f"{rule.matched:,}", f"{rule.fired:,}") for rule in report.rules[:MAX_CALLS])
        yield from ("<details><summary>Rules</summary>", "", *table(("rule", "matched", "fired"), rows), "</details>", "")


def _calls(report: Facts) -> Iterator[str]:
    shown = relevant_calls(report, MAX_CALLS)
    if not shown:
        yield "No client has contacted the emulator."
        return
    seen = {call.id: call for call in report.evidence.everything}
    lines = [f"    {printable(call_line(seen[call.id], report.evidence.key_names).plain)}" for call in shown]
    left_out = len(report.calls) - len(shown)
    more = [f"    ... and {left_out:,} more"] if left_out else []
    yield from ("<details><summary>Calls</summary>", "", *lines, *more, "", "</details>", "")
