"""One set of facts about a run, in several dresses."""

from emulator.report.facts import Report, build_report, call_json, rule_json

__all__ = ["Report", "build_report", "call_json", "rule_json"]
