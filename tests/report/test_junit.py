"""The report as JUnit XML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emulator.audit import Finding
from emulator.report import FORMATS, Report
from emulator.report.formats.junit import junit_document, junit_suite


def suite_of(report: Report) -> ElementTree.Element:
    (suite,) = ElementTree.fromstring(FORMATS["junit"].render(report).encode())
    return suite


def test_there_is_a_case_for_each_expectation_and_each_enforced_verdict(hostile_report: Report) -> None:
    suite = suite_of(hostile_report)
    cases = {group: [case for case in suite if case.get("classname") == f"dynafault.{group}"] for group in ("expectations", "audit")}
    enforced = [finding for finding in hostile_report.audit if finding.enforced]
    assert [len(cases["expectations"]), len(cases["audit"])] == [3, len(enforced)]
    assert all(finding.verdict.grade.value == "fail" for finding in enforced)


def test_failures_say_why_and_what_helps(hostile_report: Report) -> None:
    suite = suite_of(hostile_report)
    failed = {case.get("name", ""): case.find("failure") for case in suite if case.find("failure") is not None}
    assert len(failed) == 3
    doubled = failed["V20 A write is not carried out twice"]
    assert doubled is not None
    assert "1 write that adds up" in doubled.get("message", "")
    assert "what helps: Give writes that add up" in (doubled.text or "")


def test_verdicts_with_nothing_to_judge_are_skipped_and_everything_is_counted(hostile_report: Report) -> None:
    suite = suite_of(hostile_report)
    counts = {tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")}
    assert (suite.get("tests"), suite.get("failures")) == (str(len(suite.findall("testcase"))), str(counts["failure"]))
    assert (suite.get("errors"), suite.get("skipped")) == ("0", str(counts["skipped"]))
    assert counts["skipped"] == sum(finding.status == "n/a" and finding.enforced for finding in hostile_report.audit) > 0


def test_names_are_the_same_in_every_checkout_and_with_every_seed(hostile_report: Report) -> None:
    call = hostile_report.calls[0].id

    def told(folder: str, seed: int) -> list[tuple[str | None, ...]]:
        where = f"{folder}/case.yaml:7:3"
        findings = tuple(Finding("each is applied once", "fail", "twice", where, (call,)) for _ in range(2))
        report = replace(hostile_report, expectations=findings, seed=seed)
        suite = suite_of(report)
        return [(suite.get("name"),), *((case.get("classname"), case.get("name")) for case in suite.findall("testcase"))]

    assert told("/home/a", 1) == told("/build/b", 2)
    assert [name for _, name in told("/x", 1)[1:3]] == ["each is applied once", "each is applied once (2)"]


def test_cases_have_file_line_and_time(hostile_report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    finding = Finding("once", "fail", "twice", f"{tmp_path}/sub/case.yaml:7:3", (hostile_report.calls[0].id,))
    case = suite_of(replace(hostile_report, expectations=(finding,))).find("testcase")
    assert case is not None
    assert (case.get("file"), case.get("line")) == ("sub/case.yaml", "7")
    assert float(case.get("time", "")) > 0


def test_what_xml_cannot_hold_is_replaced(hostile_report: Report) -> None:
    assert "<script>alert('x')</script> & [bold]" in suite_of(hostile_report).get("name", "")
    report = replace(hostile_report, scenario="a\x00b\x1bc\ud800d\ufffee\U0001f600")
    assert "a\ufffdb\ufffdc\ufffdd\ufffde\U0001f600" in suite_of(report).get("name", "")


def test_several_runs_are_several_suites(quiet_report: Report, hostile_report: Report) -> None:
    root = ElementTree.fromstring(junit_document([junit_suite(quiet_report), junit_suite(hostile_report)]).encode())
    assert len(root) == 2
    assert root.get("tests") == str(sum(len(suite.findall("testcase")) for suite in root))
    assert root.get("failures") == "3"
