"""The story of one run as rows of markup: its calls as a waterfall, those around the fault opened with both messages."""

from __future__ import annotations

from emulator.audit import JudgedCall
from emulator.explore.runs import Ran, is_the_fault
from emulator.report.formats.html.opened import opened_rows
from emulator.report.formats.html.waterfall import RunTime, row_of

# Calls that are shown of a run, and how many of those before the fault
_MAX_CALLS = 24
_BEFORE = 6


def story_of(ran: Ran, *, opened: bool) -> str:
    """The rows of the calls from a little before the fault on; `opened`: they can be opened."""
    report = ran.report
    calls = report.evidence.everything
    names = report.evidence.key_names
    first = next((place for place, call in enumerate(calls) if _is_hit(call)), 0)
    shown = calls[max(0, first - _BEFORE) :][:_MAX_CALLS]
    run = RunTime(min((call.started for call in calls), default=0.0), max((call.ended for call in calls), default=0.0))
    named = {call.id: ("fault",) for call in shown if _is_hit(call)}
    markup = opened_rows(report, named) if opened else {}
    rows = [row_of(call, (), names, run, markup.get(call.id, "")).markup for call in shown]
    left = len(calls) - len(shown)
    more = f'<p class="soft">{left:,} more calls are left out.</p>' if left else ""
    return f'<div class="calls">{"".join(rows)}</div>{more}'


def _is_hit(call: JudgedCall) -> bool:
    return any(is_the_fault(entry.rule) for entry in call.entries)
