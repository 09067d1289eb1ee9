"""The table of verdicts as a whole, and which of them fail a run."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.audit import VERDICTS, Status, evidence_of, judge_audit
from emulator.journal.invocations import group
from emulator.scenario.verdicts import Audit

LEGACY = "Boto3/1.44.5 md/Botocore#1.44.5 m/D cfg/retry-mode#legacy Botocore/1.44.5"


def test_verdicts_are_numbered_without_a_gap() -> None:
    assert list(VERDICTS) == [f"V{number}" for number in range(1, len(VERDICTS) + 1)]
    assert all(VERDICTS[name].id == name for name in VERDICTS)


def test_every_verdict_says_what_to_do_and_who_says_so() -> None:
    for verdict in VERDICTS.values():
        assert verdict.remedy.endswith("."), verdict.id
        assert verdict.source, verdict.id
        assert verdict.title[0].isupper(), verdict.id
    assert len({verdict.title for verdict in VERDICTS.values()}) == len(VERDICTS)


@pytest.mark.parametrize("name", list(VERDICTS))
def test_an_empty_run_gives_nothing_to_judge(name: str) -> None:
    assert VERDICTS[name].judge(evidence_of([])).status is Status.NOTHING


@pytest.fixture
def gave_up(call: Any) -> list[Any]:
    """A client that gives up at once (V1, graded fail), and one in a mode without jitter (V11, graded warn)."""
    entries = call("a", "ThrottlingException") + call("b", "ok", at=5.0)
    for number in range(8):
        entries += call(f"c{number}", "InternalServerError", "ok", at=10.0 + number, agent=LEGACY)
    return group(entries)


@pytest.mark.parametrize(
    ("audit", "failing"),
    [
        (None, ["V1"]),
        (Audit(), ["V1"]),
        (Audit(ignore=("V1",)), []),
        (Audit(enforce=("V4",)), []),
        (Audit(enforce=("V11",)), ["V11"]),
        (Audit(enforce=("V1", "V11")), ["V1", "V11"]),
    ],
)
def test_a_scenario_says_which_verdicts_fail_its_run(gave_up: Any, audit: Audit | None, failing: list[str]) -> None:
    findings = judge_audit(audit, evidence_of(gave_up))
    assert [finding.verdict.id for finding in findings if finding.fails] == failing
    assert [finding.verdict.id for finding in findings if finding.status == "fail"] == ([] if audit and "V1" in audit.ignore else ["V1"])


def test_an_audit_that_is_off_says_nothing(gave_up: Any) -> None:
    assert judge_audit(Audit(off=True), evidence_of(gave_up)) == []


def test_what_is_ignored_is_not_shown(gave_up: Any) -> None:
    findings = judge_audit(Audit(ignore=("V11", "V40")), evidence_of(gave_up))
    assert len(findings) == len(VERDICTS) - 2
    assert {"V11", "V40"}.isdisjoint(finding.verdict.id for finding in findings)


def test_the_published_form(gave_up: Any) -> None:
    first = judge_audit(None, evidence_of(gave_up))[0].to_json()
    assert first == {
        "id": "V1",
        "title": "Throttling is retried",
        "status": "fail",
        "why": "1 call ended at ThrottlingException and never tried again after it (PutItem a)",
        "calls": ["a"],
        "enforced": True,
    }
