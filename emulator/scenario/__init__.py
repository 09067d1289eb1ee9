"""The scenario language: YAML read into a frozen model, and every problem of a file with its place.

What a scenario makes happen belongs to `faults`; what it expects is judged by `audit`.
"""

from emulator.scenario.expectations import Expectation
from emulator.scenario.language import Scenario
from emulator.scenario.loading import load_edited, load_rule, load_saved, load_scenario, load_scenarios
from emulator.scenario.model import FEATURES, Demand, Fault
from emulator.scenario.problems import Position, Problem, ScenarioError
from emulator.scenario.rules import Rule
from emulator.scenario.saved_files import ItemsFile, SavedText
from emulator.scenario.schema import json_schema
from emulator.scenario.sources import ScenarioSource
from emulator.scenario.tables import TableFixture
from emulator.scenario.values import parse_duration
from emulator.scenario.when import When

__all__ = [
    "FEATURES",
    "Demand",
    "Expectation",
    "Fault",
    "ItemsFile",
    "Position",
    "Problem",
    "Rule",
    "SavedText",
    "Scenario",
    "ScenarioError",
    "ScenarioSource",
    "TableFixture",
    "When",
    "json_schema",
    "load_edited",
    "load_rule",
    "load_saved",
    "load_scenario",
    "load_scenarios",
    "parse_duration",
]
