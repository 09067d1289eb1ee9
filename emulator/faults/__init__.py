"""From a scenario and a request to a decision: matching, counting, seeded chance, and the effects. No I/O, no waiting."""

from emulator.faults.decision import Decision, Rewrite, ShownItem
from emulator.faults.explaining import Explanation, NearestRequest, NotesOf, nearest, no_notes
from emulator.faults.keys import KeyNames
from emulator.faults.matching import Difference, Matcher
from emulator.faults.replies import edited
from emulator.faults.rule_set import RuleError, RuleReport, RuleSet
from emulator.faults.rules import Rules

__all__ = [
    "Decision",
    "Difference",
    "Explanation",
    "KeyNames",
    "Matcher",
    "NearestRequest",
    "NotesOf",
    "Rewrite",
    "RuleError",
    "RuleReport",
    "RuleSet",
    "Rules",
    "ShownItem",
    "edited",
    "nearest",
    "no_notes",
]
