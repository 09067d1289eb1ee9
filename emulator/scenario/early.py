"""Rules that decide about a request before its body has come: how that is read."""

from __future__ import annotations

from emulator.scenario.model import Fault, Rule

KEYS = ("upload", "received")


def is_early_fault(fault: Fault) -> bool:
    """Whether it is about how a request's body is read."""
    return any(name in fault.keys for name in KEYS)


def is_early(rule: Rule) -> bool:
    """Whether a rule decides before a request's body has come."""
    return any(map(is_early_fault, rule.faults))
