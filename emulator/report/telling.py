"""Which calls of a long run to show first: those that findings are about, then failed ones, doubled writes, retried ones."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.calls import LogicalCall
from emulator.report.facts import Report


def flagged(report: Report) -> dict[str, list[str]]:
    """For each call that a failed expectation or a complaining verdict is about, what complains: "V9", or the expectation's text."""
    found: dict[str, list[str]] = {}
    for finding in report.expectations:
        if finding.status == "fail":
            for call in finding.calls:
                found.setdefault(call, []).append(finding.text)
    for verdict in report.audit:
        if verdict.status in ("fail", "warn"):
            for call in verdict.ruling.calls:
                found.setdefault(call, []).append(verdict.verdict.id)
    return found


def telling(report: Report, most: int) -> Sequence[LogicalCall]:
    """At most so many calls, in order of arrival."""
    calls = report.calls
    if len(calls) <= most:
        return calls
    named = flagged(report)
    ranked = sorted(range(len(calls)), key=lambda place: _rank(calls[place], named))[:most]
    return [calls[place] for place in sorted(ranked)]


def _rank(call: LogicalCall, named: dict[str, list[str]]) -> tuple[bool, bool, bool, int]:
    return call.id not in named, call.outcome == "success", call.applied <= 1, -call.attempts
