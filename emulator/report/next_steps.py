"""What to do next: the findings of a report as steps, those that fail the run first."""

from __future__ import annotations

from emulator.report.facts import Facts
from emulator.scenario.phrases import counted


def next_steps(report: Facts) -> list[str]:
    """The steps in sentences; empty if there is nothing to do."""
    steps = []
    if not report.calls and not report.refused:
        steps.append("Point the program's SDK at the emulator: every current one reads AWS_ENDPOINT_URL_DYNAMODB.")
    steps += [f"{counted(len(unmet), 'expectation')} did not hold: see {', '.join(unmet[:3])}." for unmet in (_unmet(report),) if unmet]
    steps += [f"{finding.verdict.id}: {finding.verdict.remedy}" for finding in report.audit if finding.fails]
    complaints = [finding.verdict.id for finding in report.audit if finding.status in ("fail", "warn") and not finding.fails]
    if complaints:
        steps.append(f"{counted(len(complaints), 'warning')}: 'dynafault explain {complaints[0]}' says what it means and what helps.")
    loops = report.evidence.loops
    if loops:
        rounds = sum(len(loop.rounds) for loop in loops)
        steps.append(
            f"{counted(rounds, 'call')} look like {counted(len(loops), 'loop')} around the SDK ({loops[0].label}, ...): "
            "rules count their requests by 'try', not by 'attempt'."
        )
    if report.dropped:
        steps.append("The journal has lost exchanges: reset it between tests (POST /_emulator/reset), or judge shorter runs.")
    return steps


def _unmet(report: Facts) -> list[str]:
    return [finding.where for finding in report.expectations if finding.status == "fail"]
