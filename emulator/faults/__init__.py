"""From a scenario and a request to a decision: matching, counting, seeded chance, and the effects. No I/O, no waiting."""

from emulator.faults.decision import Attempt, Decision, Rewrite
from emulator.faults.engine import FaultEngine, RuleError, RuleReport
from emulator.faults.explaining import Explanation, NearMiss, nearest
from emulator.faults.keys import KeyNames
from emulator.faults.matching import Difference, differences
from emulator.faults.replies import edited

__all__ = [
    "Attempt",
    "Decision",
    "Difference",
    "Explanation",
    "FaultEngine",
    "KeyNames",
    "NearMiss",
    "Rewrite",
    "RuleError",
    "RuleReport",
    "differences",
    "edited",
    "nearest",
]
