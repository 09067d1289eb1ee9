"""What the live page says beside the calls: the scenario, its phases, the clock, the rules and what they have counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.core import EmulatorCore
from emulator.faults import RuleReport
from emulator.report.sentences import rule_sentence

# Of more rules, those that come first: a page of thousands is none
MAX_RULES = 200


def state_json(core: EmulatorCore) -> dict[str, Any]:
    """`offset` is how far the emulated clock is from the machine's, in seconds; `run` changes with each beginning. `begun` are the phases
    so far, `at` in milliseconds since the emulator was started, without a name after the last one."""
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
        "begun": [{"name": name, "at": _moment(core, at)} for name, at in run.rules.phases_begun],
        "offset": round(core.clock.now() - core.clock.machine()),
        "rules": [_rule_json(rule, core.quoted) for rule in rules[:MAX_RULES]],
        "rule_count": len(rules),
        "exchanges": len(core.journal),
        "dropped": core.journal.dropped,
    }


def _moment(core: EmulatorCore, elapsed: float) -> float:
    """When so much had passed for the emulated service, in milliseconds since the emulator was started."""
    clock = core.clock
    before, after = core.started, clock.monotonic()
    # To a tenth of a millisecond: a clock that was moved on has not passed the time between
    while after - before > 0.0001:
        middle = (before + after) / 2
        before, after = (before, middle) if clock.elapsed_at(middle) >= elapsed else (middle, after)
    return round((after - core.started) * 1000, 1)


def _rule_json(rule: RuleReport, quoted: Callable[[str], str]) -> dict[str, Any]:
    where = str(rule.where)
    told = quoted(rule_sentence(rule.rule))
    return {"name": rule.name, "matched": rule.matched, "fired": rule.fired, "enabled": rule.enabled, "where": where, "sentence": told}
