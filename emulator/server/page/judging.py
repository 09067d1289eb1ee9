"""The verdicts on what has happened so far, at a pace that requests do not feel: judging a long run takes seconds."""

from __future__ import annotations

import threading
from typing import Any

from emulator.audit import AuditFinding
from emulator.core import EmulatorCore
from emulator.report import Report

# Judging takes this share of the time at most
_SHARE = 1 / 20


class Judge:
    """Owns the last judgement of one emulator, under its lock."""

    def __init__(self, core: EmulatorCore) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._of: object = None
        self._told: dict[str, Any] = {}
        self._again = 0.0

    def verdicts(self) -> dict[str, Any]:
        """Verdicts and expectations, as they are now, or as they were when they were last judged, a while ago in a long run; `wait` is
        how many seconds it is until asking again can bring something new."""
        clock, core = self._core.clock, self._core
        with self._lock:
            run, entries = core.run, core.journal.entries()
            of = (run.number, entries[-1].id if entries else 0, len(entries), clock.monotonic() if _is_under_way(entries) else 0.0)
            began = clock.monotonic()
            if of != self._of and (began >= self._again or self._of is None):
                # The program goes on: a call that waits for its retry has not been given up
                self._told = _told(core.report(interrupted=True))
                took = clock.monotonic() - began
                self._of, self._again = of, began + took / _SHARE
            return {**self._told, "wait": max(1.0, round(self._again - clock.monotonic(), 3))}


def _is_under_way(entries: list[Any]) -> bool:
    return bool(entries) and entries[-1].ended is None


def _told(report: Report) -> dict[str, Any]:
    return {
        "verdict": report.verdict,
        "calls": len(report.calls),
        "audit": [_finding_json(finding) for finding in report.audit],
        "expectations": [finding.to_json() for finding in report.expectations],
    }


def _finding_json(finding: AuditFinding) -> dict[str, Any]:
    return {**finding.to_json(), "fails": finding.fails, "advice": finding.verdict.remedy, "source": finding.verdict.source}
