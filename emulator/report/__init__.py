"""One set of facts about a run, in several dresses."""

from emulator.report.dresses import DRESSES
from emulator.report.facts import Report, build_report, call_json, rule_json

__all__ = ["DRESSES", "Report", "build_report", "call_json", "rule_json"]
