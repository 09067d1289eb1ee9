"""The report as JUnit XML, for CI systems: a test case for each expectation and each enforced verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from emulator.audit import AuditFinding, Finding
from emulator.report.facts import Facts

# What XML 1.0 cannot hold, not even escaped
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Facts) -> str:
    """A report as a document of its own."""
    return junit_document([junit_suite(report)])


def junit_document(suites: Sequence[Element]) -> str:
    """The document of several runs."""
    root = Element("testsuites")
    root.extend(suites)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def junit_suite(report: Facts) -> Element:
    """A report as a test suite."""
    cases = [_expectation(finding) for finding in report.expectations]
    cases += [_verdict(finding) for finding in report.audit if finding.enforced]
    cases += [_case("dynafault", "dynafault itself works", "error", bug.rstrip().rpartition("\n")[2], bug) for bug in report.bugs]
    name = f"dynafault: {report.scenario or 'no scenario'} (seed {report.seed})"
    suite = Element("testsuite", {"name": _clean(name), "tests": str(len(cases))})
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _expectation(finding: Finding) -> Element:
    tag = "failure" if finding.status == "fail" else ""
    return _case("dynafault.expectations", f"{finding.where} {finding.text}", tag, finding.why, _details(finding.why, finding.calls))


def _verdict(finding: AuditFinding) -> Element:
    verdict, ruling = finding.verdict, finding.ruling
    tag = "failure" if finding.fails else "skipped" if finding.status == "n/a" else ""
    details = f"{_details(ruling.why, ruling.calls)}\nwhat helps: {verdict.advice}\nsource: {verdict.source}"
    return _case("dynafault.audit", f"{verdict.id} {verdict.title}", tag, ruling.why, details if tag == "failure" else "")


def _details(why: str, calls: Sequence[str]) -> str:
    return f"{why}\ncalls: {', '.join(calls)}" if calls else why


def _case(group: str, name: str, tag: str, message: str, details: str) -> Element:
    case = Element("testcase", {"classname": group, "name": _clean(name)})
    if tag:
        ElementTree.SubElement(case, tag, {"message": _clean(message)}).text = _clean(details) or None
    return case


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
