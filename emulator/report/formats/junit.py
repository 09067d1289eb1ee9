"""The report as JUnit XML, for CI systems: a test case for each expectation and each enforced verdict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
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


def junit_suite(report: Facts, *, with_seed: bool = False) -> Element:
    """A report as a test suite. Names are the same in every checkout and with every seed, so that CI systems know a case again;
    `with_seed`: the suite's name has its seed, to tell the runs of one scenario apart."""
    times = _Times(report)
    cases = [_expectation(finding, times) for finding in report.expectations]
    cases += [_verdict(finding, times, _file_of(report)) for finding in report.audit if finding.enforced]
    cases += [_case("dynafault", "dynafault itself works", "error", bug.rstrip().rpartition("\n")[2], bug) for bug in report.bugs]
    _tell_apart(cases)
    name = f"dynafault: {report.scenario or 'no scenario'}{f' (seed {report.seed})' if with_seed else ''}"
    suite = Element("testsuite", {"name": clean_text(name), "tests": str(len(cases)), "time": times.whole})
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", {"name": "seed", "value": str(report.seed)})
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


class _Times:
    """How long calls took, in seconds as JUnit writes them: from the first request to the last answer of those that are asked for."""

    def __init__(self, report: Facts) -> None:
        self._calls = {call.id: (call.started, call.ended) for call in report.evidence.everything}

    @property
    def whole(self) -> str:
        return self.of(tuple(self._calls))

    def of(self, calls: Sequence[str]) -> str:
        found = [self._calls[call] for call in calls if call in self._calls]
        return f"{max(ended for _, ended in found) - min(started for started, _ in found):.3f}" if found else "0.000"


def _file_of(report: Facts) -> str:
    """The scenario's own file, "" where it has none."""
    return next((saved.file for saved in report.texts if saved.depth == 0 and not saved.file.startswith("<")), "")


def _tell_apart(cases: Sequence[Element]) -> None:
    """Numbers the cases that have the same name."""
    seen: Counter[str] = Counter()
    for case in cases:
        name = f"{case.get('classname')} {case.get('name')}"
        seen[name] += 1
        if seen[name] > 1:
            case.set("name", f"{case.get('name')} ({seen[name]})")


def _expectation(finding: Finding, times: _Times) -> Element:
    tag = "failure" if finding.status == "fail" else ""
    details = f"{_details(finding.why, finding.calls)}\nwhere: {finding.where}"
    case = _case("dynafault.expectations", finding.text, tag, finding.why, details, times.of(finding.calls))
    file, line, _ = finding.where.rsplit(":", 2) if finding.where.count(":") >= 2 else (finding.where, "", "")
    _place(case, file, line)
    return case


def _place(case: Element, file: str, line: str) -> None:
    """Where a case is written: relative to the working directory if it is below, as CI systems link it."""
    if file and not file.startswith("<"):
        path = Path(file)
        here = Path.cwd()
        case.set("file", clean_text((path.relative_to(here) if path.is_relative_to(here) else path).as_posix()))
        if line:
            case.set("line", line)


def _verdict(finding: AuditFinding, times: _Times, file: str) -> Element:
    verdict, ruling = finding.verdict, finding.ruling
    tag = "failure" if finding.fails else "skipped" if finding.status == "n/a" else ""
    details = f"{_details(ruling.why, ruling.calls)}\nwhat helps: {verdict.remedy}\nsource: {verdict.source}"
    told = details if tag == "failure" else ""
    case = _case("dynafault.audit", f"{verdict.id} {verdict.title}", tag, ruling.why, told, times.of(ruling.calls))
    _place(case, file, "1")
    return case


def _details(why: str, calls: Sequence[str]) -> str:
    return f"{why}\ncalls: {', '.join(calls)}" if calls else why


def _case(group: str, name: str, tag: str, message: str, details: str, time: str = "0.000") -> Element:
    case = Element("testcase", {"classname": group, "name": clean_text(name), "time": time})
    if tag:
        ElementTree.SubElement(case, tag, {"message": clean_text(message)}).text = clean_text(details) or None
    return case


def clean_text(text: str) -> str:
    """Text as XML can hold it."""
    return _FORBIDDEN.sub("\ufffd", text)
