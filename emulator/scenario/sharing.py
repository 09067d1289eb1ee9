"""Which rules several emulators in front of one service decide alike, and which each of them counts for itself: emulators share nothing."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.scenario.language import Scenario
from emulator.scenario.rules import Rule

# Keys of `when` that depend on what an emulator has seen by itself; the attempt is told by the client's SDK
_COUNTED = ("try", "call", "request", "idle", "opened")


def counts_by_itself(rule: Rule) -> list[str]:
    """The keys by which each emulator decides for itself; empty for a rule that depends on nothing but the request, whose attempt the
    SDK tells."""
    found = [name for name in _COUNTED if getattr(rule.when, "try_" if name == "try" else name) is not None]
    found += ["sequence"] if rule.sequence else []
    found += ["chance"] if rule.chance is not None else []
    found += ["limit"] if rule.limit is not None else []
    found += ["during"] if rule.during is not None else []
    found += ["in"] if rule.in_ is not None else []
    return found


def sharing(scenario: Scenario) -> Iterator[str]:
    """For people, a line for each rule and limit."""
    for rule in scenario.rules:
        keys = counts_by_itself(rule)
        if keys:
            yield f"rule '{rule.name}': each counts for itself ({', '.join(keys)})"
        elif rule.when.attempt is not None:
            yield f"rule '{rule.name}': all decide alike, by the attempt that the client's SDK tells"
        else:
            yield f"rule '{rule.name}': all decide alike"
    for limit in scenario.throughput:
        yield f"limit on {limit.table or 'the account'}: each has it for itself, so together they let through as many times as much"
