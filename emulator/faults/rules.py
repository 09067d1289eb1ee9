"""The one way to look at the rules, and to change them, while the emulator runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from emulator.faults.rule_set import RuleReport, RuleSet
from emulator.scenario import Rule, load_rule


class RulesOwner(Protocol):
    """Who has a set of rules, and replaces it."""

    @property
    def rule_set(self) -> RuleSet: ...

    def check_rule(self, rule: Rule) -> None:
        """Raises ScenarioError for a rule that demands what cannot be done here."""

    def change_rules(self, change: Callable[[RuleSet], RuleSet]) -> None:
        """Go on with other rules, and the same counters."""


class Rules:
    """The rules at work, and the only way to change them while the emulator runs. What they have counted stays."""

    def __init__(self, owner: RulesOwner) -> None:
        self._owner = owner

    def list(self) -> tuple[RuleReport, ...]:
        """All of them in order, with what they counted."""
        return self._owner.rule_set.rules()

    def add(self, rule: Rule | Mapping[str, Any] | str, *, ttl: float | None = None) -> None:
        """Add a rule (or the mapping or YAML text of one) behind the others; after `ttl` seconds it is gone. Raises ScenarioError for
        one that is not right, or that demands what this emulator cannot do, RuleError for a name that is taken."""
        rule = rule if isinstance(rule, Rule) else load_rule(rule)
        self._owner.check_rule(rule)
        self._owner.change_rules(lambda rules: rules.with_rule(rule, ttl=ttl))

    def remove(self, name: str) -> None:
        """Take a rule away. Raises RuleError for a rule that is not there."""
        self._owner.change_rules(lambda rules: rules.without(name))

    def enable(self, name: str, enabled: bool = True) -> None:
        """Let a rule fire, or not for now. Raises RuleError for a rule that is not there."""
        self._owner.change_rules(lambda rules: rules.switched(name, enabled=enabled))

    def off(self) -> None:
        """Let everything through from now on, limits and denials included, whatever is loaded in rules beside; `on` takes it back. Who may
        sign is still checked. What is being held back by a server goes on within a second."""
        self._owner.change_rules(lambda rules: rules.turned(is_off=True))

    def on(self) -> None:
        """As before `off`."""
        self._owner.change_rules(lambda rules: rules.turned(is_off=False))
