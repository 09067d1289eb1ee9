"""The facts themselves, and what a run fails by."""

from __future__ import annotations

from dataclasses import replace

from emulator.audit import VERDICTS
from emulator.report import Report


def test_everything_that_fails_a_run_is_a_reason(hostile_report: Report) -> None:
    unmet, never, doubled, bug = replace(hostile_report, bugs=("Traceback: oh",)).reasons
    assert "expected 1 applied writes for each key" in unmet
    assert "rule 'never' fires" in never
    assert doubled.startswith("V20 A write is not carried out twice\n    1 write that adds up")
    assert bug == "dynafault itself failed:\nTraceback: oh"


def test_a_run_passes_for_want_of_reasons(hostile_report: Report, quiet_report: Report) -> None:
    assert (quiet_report.passed, quiet_report.reasons) == (True, [])
    met = replace(hostile_report, expectations=())
    assert (met.passed, len(met.reasons)) == (False, 1)
    assert replace(met, audit=()).passed
    assert not replace(met, audit=(), bugs=("x",)).passed


def test_the_published_form_has_every_verdict(hostile_report: Report) -> None:
    audit = hostile_report.to_json()["audit"]
    assert [row["id"] for row in audit] == list(VERDICTS)
    assert {row["status"] for row in audit} <= {"pass", "fail", "warn", "info", "n/a"}
    assert audit[19]["calls"] == [hostile_report.calls[0].id]
