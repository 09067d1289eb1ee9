"""An exploration as JUnit XML, for CI systems: a test case for each cell. A cell fails that shows a finding which the baseline does not
have; one that was not tried is skipped."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from emulator.explore.findings import ExploredFinding
from emulator.explore.results import CellResult, Result
from emulator.report.formats.junit import clean_text, junit_document


def render_junit(result: Result) -> str:
    suite = Element("testsuite", {"name": "dynafault explore", "time": f"{result.seconds:.3f}"})
    findings = {one.id: one for one in result.findings}
    cases = [_case(cell, findings.get(cell.finding)) for cell in result.cells]
    cases += [_of_no_cell(one) for one in result.new if not one.cells]
    suite.set("tests", str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return junit_document([suite])


def _case(cell: CellResult, finding: ExploredFinding | None) -> Element:
    case = Element("testcase", {"classname": "dynafault.explore", "name": clean_text(cell.id), "time": f"{cell.seconds:.3f}"})
    if cell.outcome is None:
        ElementTree.SubElement(case, "skipped", {"message": clean_text(cell.note)})
    elif finding is not None and not finding.known:
        failure = ElementTree.SubElement(case, "failure", {"message": clean_text(finding.title), "type": cell.outcome})
        failure.text = clean_text("\n".join([*cell.why, f"scenario: {finding.scenario}"]))
    return case


def _of_no_cell(finding: ExploredFinding) -> Element:
    case = Element("testcase", {"classname": "dynafault.explore", "name": clean_text(finding.id), "time": "0.000"})
    ElementTree.SubElement(case, "failure", {"message": clean_text(finding.title), "type": finding.outcome})
    return case
