"""The report on a terminal: each call as a line of attempts and gaps, the rules, the expectations, the verdict.

Rich decides about colours and width; where the output is no terminal it comes plain."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from emulator.audit import Finding
from emulator.calls import LogicalCall
from emulator.journal import Entry
from emulator.report.facts import Report

# Longer runs are cut: the JSON report has all of it
MOST_CALLS = 40
_WIDTH = 140


def render_text(report: Report, *, color: bool = False) -> str:
    """The report as text, with terminal colours if wanted."""
    out = io.StringIO()
    print_report(report, Console(file=out, width=_WIDTH, force_terminal=color, no_color=not color, highlight=False))
    return out.getvalue()


def console_for(stream: TextIO) -> Console:
    return Console(file=stream, width=None if stream.isatty() else _WIDTH, highlight=False)


def print_report(report: Report, console: Console) -> None:
    title = f"scenario: {report.scenario}" if report.scenario else "no scenario"
    console.print(Text(f"{title}   seed: {report.seed}", "bold"), soft_wrap=True)
    _print_calls(report.calls, console)
    if report.refused:
        console.print(f"{_counted(len(report.refused), 'request')} could not be understood as a call of an operation")
    _print_rules(report, console)
    _print_expectations(report.expectations, console)
    if report.dropped:
        console.print(
            Text(f"the journal was full: {_counted(report.dropped, 'exchange')} of this run dropped, so figures are too low", "yellow")
        )
    for bug in report.bugs:
        console.print(Text(f"dynafault itself failed, please report this:\n{bug}", "red"))
    console.print(Text(f"verdict: {report.verdict}", "bold green" if report.passed else "bold red"))


def _print_calls(calls: Sequence[LogicalCall], console: Console) -> None:
    if not calls:
        console.print("calls: none, no client has contacted the emulator")
        return
    console.print(f"calls: {len(calls)}")
    for call in calls[:MOST_CALLS]:
        console.print(call_line(call), soft_wrap=True)
    if len(calls) > MOST_CALLS:
        console.print(f"  ... and {len(calls) - MOST_CALLS} more")


def call_line(call: LogicalCall) -> Text:
    """A call as a time line: `PutItem orders   #1 ThrottlingException --812 ms-- #2 200   success, applied once`."""
    first = call.first
    assert first.call is not None
    line = Text(f"  {first.call.operation:<18} {', '.join(first.call.tables):<14} ")
    gaps: list[float | None] = [None, *call.gaps]
    for entry, gap in zip(call.exchanges, gaps, strict=True):
        if entry is not first:
            line.append(f" --{'?' if gap is None else f'{gap * 1000:.0f} ms'}-- ", "dim")
        line.append(f"#{entry.attempt} ")
        line.append(attempt_text(entry), "red" if entry.fault else "green" if not entry.error else "yellow")
    line.append(f"   {call.outcome}", "green" if call.outcome == "success" else "red")
    if first.applied is not None:
        line.append(f", applied {_times(call.applied)}", "yellow" if call.applied > 1 else "")
    return line


def attempt_text(entry: Entry) -> str:
    """What became of one attempt, in a word or two."""
    if entry.how not in ("sent", "pending"):
        return f"connection {entry.how}"
    return entry.error or str(entry.reply.status)


def _print_rules(report: Report, console: Console) -> None:
    if report.rules:
        console.print("rules:")
    for rule in report.rules:
        state = "" if rule.enabled else ", disabled"
        console.print(f"  {rule.name}: matched {rule.matched}, fired {rule.fired}{state}   ({rule.where})", soft_wrap=True)
        near = report.near_misses.get(rule.name)
        if near is not None:
            console.print(Text(f"        {near.text}", "dim"), soft_wrap=True)


def _print_expectations(findings: Sequence[Finding], console: Console) -> None:
    if findings:
        console.print("expectations:")
    for finding in findings:
        style = "red" if finding.status == "fail" else "green"
        line = Text("  ").append(f"{finding.status:<5}", style).append(f" {finding.text}\n        {finding.why}   ({finding.where})")
        console.print(line, soft_wrap=True)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
