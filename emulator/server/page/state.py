"""What the live page says beside the calls: the scenario, its phases, the clock, the rules and what they have counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.core import EmulatorCore
from emulator.faults import RuleReport
from emulator.report.sentences import rule_sentence

# Of more rules, those that come first: a page of thousands is none
MOST_RULES = 200


def state_json(core: EmulatorCore) -> dict[str, Any]:
    """`offset` is how far the emulated clock is from the machine's, in seconds; `run` changes with each beginning."""
    run = core.run
    scenario, rules = run.scenario, run.rules.rules()
    return {
        "scenario": scenario.name,
        "description": core.quoted(scenario.description),
        "files": list(scenario.files),
        "seed": run.seed,
        "run": run.number,
        "phases": [phase.name for phase in scenario.phases],
        "phase": run.rules.phase,
        "offset": round(core.clock.now() - core.clock.machine()),
        "rules": [_rule_json(rule, core.quoted) for rule in rules[:MOST_RULES]],
        "rule_count": len(rules),
        "exchanges": len(core.journal),
        "dropped": core.journal.dropped,
    }


def _rule_json(rule: RuleReport, quoted: Callable[[str], str]) -> dict[str, Any]:
    where = str(rule.where)
    told = quoted(rule_sentence(rule.rule))
    return {"name": rule.name, "matched": rule.matched, "fired": rule.fired, "enabled": rule.enabled, "where": where, "sentence": told}
