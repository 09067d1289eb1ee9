"""The report on a terminal: each call as a line of attempts and gaps, the rules, the expectations, the verdicts, and what to do next.

Rich decides about colours and width; where the output is no terminal it comes plain."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from emulator.audit import AuditFinding, Finding, JudgedCall
from emulator.journal import Exchange
from emulator.journal.outcomes import ResponseClass, classify_response
from emulator.report.call_notes import KeyNames, attempt_notes, items_text, outcome_notes
from emulator.report.facts import Facts
from emulator.report.next_steps import next_steps
from emulator.report.relevant_calls import refusals, relevant_calls
from emulator.report.sentences import short_place
from emulator.scenario.phrases import counted, printable

# Of longer runs the calls that say most are shown; the JSON report has all of them
MAX_CALLS = 40
_WIDTH = 140
_MAX_REFUSALS = 5
# If a call has more attempts than this, the first ones and the last are shown
_MAX_ATTEMPTS = 20
_STYLES = {"fail": "bold red", "warn": "yellow", "info": "cyan", "pass": "green", "n/a": "dim"}


def render_text(report: Facts, *, color: bool = False) -> str:
    """The report as text, with terminal colours if wanted."""
    out = io.StringIO()
    print_report(report, Console(file=out, width=_WIDTH, force_terminal=color, no_color=not color, highlight=False))
    return out.getvalue()


def console_for(stream: TextIO) -> Console:
    return Console(file=stream, width=None if stream.isatty() else _WIDTH, highlight=False)


def print_report(report: Facts, console: Console) -> None:
    title = f"scenario: {report.scenario}" if report.scenario else "no scenario"
    _print(console, Text(f"{title}   seed: {report.seed}", "bold"))
    if report.upstream is not None:
        _print(console, Text(f"upstream: {report.upstream.text}"))
    _print_calls(report, console)
    _print_refusals(report, console)
    _print_rules(report, console)
    _print_expectations(report.expectations, console)
    _print_audit(report.audit, console)
    if report.dropped:
        _print(console, Text(f"the journal does not have {counted(report.dropped, 'exchange')} any more, so figures are too low", "yellow"))
    for bug in report.bugs:
        _print(console, Text(f"dynafault itself failed, please report this:\n{bug}", "red"))
    for place, step in enumerate(next_steps(report)):
        _print(console, Text("next: " if place == 0 else "      ", "bold").append(step, "default"))
    _print(console, Text(f"verdict: {report.verdict}", "bold green" if report.passed else "bold red"))


def _print_refusals(report: Facts, console: Console) -> None:
    if not report.refused:
        return
    _print(console, Text(f"{counted(len(report.refused), 'request')} could not be understood as a call of an operation:"))
    for refusal in refusals(report.refused, _MAX_REFUSALS):
        times = f"   {refusal.times} times" if refusal.times > 1 else ""
        _print(console, Text(f"  {refusal.operation}: {refusal.error}: {refusal.message[:_WIDTH]}{times}"))


def _print(console: Console, text: Text) -> None:
    """Prints a text in which nothing that clients or scenarios put there moves the cursor or changes the terminal."""
    text.plain = printable(text.plain)
    console.print(text, soft_wrap=True)


def _print_calls(report: Facts, console: Console) -> None:
    calls = report.calls
    if not calls:
        _print(console, Text("calls: none" if report.refused else "calls: none, no client has contacted the emulator"))
        return
    shown = relevant_calls(report, MAX_CALLS)
    _print(console, Text(f"calls: {len(calls)}"))
    seen = {call.id: call for call in report.evidence.everything}
    for call in shown:
        _print(console, call_line(seen[call.id], report.evidence.key_names))
    if len(shown) < len(calls):
        _print(console, Text(f"  ... and {len(calls) - len(shown)} more"))


def call_line(call: JudgedCall, names: KeyNames) -> Text:
    """A call as a time line: `PutItem 3f6a0b1c  orders id=a   #1 ThrottlingException --812 ms-- #2 200   success, applied once`."""
    first = call.entries[0]
    about = " ".join(filter(None, (", ".join(call.request.tables), items_text(call.request, names))))
    line = Text(f"  {call.label:<27} {about:<20} ")
    gaps = {gap.retry + 1: gap.seconds for gap in call.gaps}
    for place, (entry, answer) in enumerate(zip(call.entries, call.answers, strict=True)):
        if _MAX_ATTEMPTS <= place < call.attempts - 1:
            if place == _MAX_ATTEMPTS:
                line.append(f" ... {call.attempts - 1 - _MAX_ATTEMPTS} more ...", "dim")
            continue
        if place:
            line.append(f" --{f'{gaps[place] * 1000:.0f} ms' if place in gaps else '?'}-- ", "dim")
        line.append(f"#{entry.attempt or '?'} ")
        line.append(attempt_text(entry), "red" if entry.fault else "green" if not entry.error else "yellow")
        notes = attempt_notes(entry, answer, names)
        if notes:
            line.append(f" ({', '.join(notes)})", "bold yellow")
    line.append(f"   {call.outcome}", "green" if call.outcome == "success" else "red")
    line.append(outcome_notes(call.entries, call.outcome, names), "bold yellow")
    if first.applied is not None:
        line.append(f", applied {_times(call.applied)}", "yellow" if call.applied > 1 else "")
    return line


def attempt_text(entry: Exchange) -> str:
    """What became of one attempt, in a word or two."""
    answer = classify_response(entry)
    return entry.error or str(entry.reply.status) if answer.outcome is ResponseClass.PENDING else answer.error or str(entry.reply.status)


def _print_rules(report: Facts, console: Console) -> None:
    if report.rules:
        _print(console, Text("rules:"))
    for rule in report.rules:
        state = "" if rule.enabled else ", disabled"
        _print(console, Text(f"  {rule.name}: matched {rule.matched}, fired {rule.fired}{state}   ({short_place(rule.where)})"))
        near = report.near_misses.get(rule.name)
        if near is not None:
            _print(console, Text(f"        {near.text}", "dim"))


def _print_expectations(findings: Sequence[Finding], console: Console) -> None:
    if findings:
        _print(console, Text("expectations:"))
    for finding in findings:
        line = Text("  ").append(f"{finding.status:<5}", _STYLES[finding.status])
        _print(console, line.append(f" {finding.text}\n        {finding.why}   ({short_place(finding.where)})"))


def _print_audit(findings: Sequence[AuditFinding], console: Console) -> None:
    """The complaints in full, the other verdicts by number; nothing if no verdict had anything to judge."""
    by_status: dict[str, list[AuditFinding]] = {}
    for finding in findings:
        by_status.setdefault(finding.status, []).append(finding)
    if not set(by_status) - {"n/a"}:
        return
    _print(console, Text("audit of the client's retries:"))
    for status in ("fail", "warn", "info"):
        for finding in by_status.get(status, ()):
            mark = "" if status != "fail" or finding.fails else " (not enforced)"
            line = Text("  ").append(f"{status:<5}", _STYLES[status])
            _print(console, line.append(f" {finding.verdict.id} {finding.verdict.title}{mark}\n        {finding.ruling.why}"))
    if by_status.get("pass"):
        names = " ".join(finding.verdict.id for finding in by_status["pass"])
        _print(console, Text("  ").append("pass ", _STYLES["pass"]).append(f" {names}"))
    idle = len(by_status.get("n/a", ()))
    if idle:
        _print(console, Text("  ").append("n/a  ", _STYLES["n/a"]).append(f" {counted(idle, 'verdict')} had nothing to judge"))


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
