"""From what happened to what it means: were the scenario's expectations met?"""

from emulator.audit.expectations import Finding, judge_expectations

__all__ = ["Finding", "judge_expectations"]
