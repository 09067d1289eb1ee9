"""One set of facts about a run, in several formats."""

from emulator.report.facts import call_json, rule_json
from emulator.report.formats.registry import FORMATS
from emulator.report.report import Report, build_report

__all__ = ["FORMATS", "Report", "build_report", "call_json", "rule_json"]
