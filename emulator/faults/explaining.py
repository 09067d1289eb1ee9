"""Why a rule fired for a request, or did not: what was noted when it was decided, and the differences that can be found at any time.

Notes are kept for the latest requests only; an older request is explained by its differences alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.faults.effect import Skipped
from emulator.faults.matching import Difference, Matcher
from emulator.messages import Attempt, Call
from emulator.scenario.ranges import Span
from emulator.scenario.rules import Rule

# What was noted of a request, by the names of the rules
NotesOf = Callable[[Attempt], dict[str, "Skipped | None"]]


def no_notes(attempt: Attempt) -> dict[str, Skipped | None]:
    """For requests of which nothing was noted: a saved run's."""
    return {}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule and one request. `fired`: None if that is no longer known. `differences`: what kept it from firing."""

    rule: str
    fired: bool | None
    differences: tuple[Difference, ...]

    def quoted(self, shown: Callable[[str], str]) -> Explanation:
        """With its texts as they are to be shown."""
        differences = tuple(Difference(one.key, shown(one.wanted), shown(one.seen)) for one in self.differences)
        return Explanation(self.rule, self.fired, differences)

    @property
    def text(self) -> str:
        if self.fired:
            return "fired"
        return "; ".join(str(one) for one in self.differences) or "could have fired"

    def to_json(self) -> dict[str, Any]:
        found = [{"key": one.key, "wanted": one.wanted, "seen": one.seen} for one in self.differences]
        return {"rule": self.rule, "fired": self.fired, "why": self.text, "differences": found}


class Explainer:
    """Explains one rule, for many requests. `enabled`: whether it is switched on now."""

    def __init__(self, rule: Rule, enabled: bool) -> None:
        self._rule = rule
        self._disabled = () if enabled else (Difference("enabled", "true", "false"),)
        self._matcher = Matcher(rule.when)

    def explain(self, call: Call, attempt: Attempt, notes: dict[str, Skipped | None]) -> Explanation:
        """Why the rule fired for a request, or did not. `notes` are those of the request."""
        rule = self._rule
        if rule.name in notes:
            miss = notes[rule.name]
            return Explanation(rule.name, miss is None, () if miss is None else (_difference(rule, miss),))
        found = (*self._disabled, *self._matcher.differences(call, attempt))
        return Explanation(rule.name, False if found else None, found)


def _difference(rule: Rule, miss: Skipped) -> Difference:
    key, seen = miss
    wanted = {
        "attempt": rule.when.attempt and rule.when.attempt.written,
        "try": rule.when.try_ and rule.when.try_.written,
        "request": rule.when.request and rule.when.request.written,
        "call": rule.when.call and rule.when.call.written,
        "chance": f"less than {rule.chance}",
        "limit": f"less than {rule.limit} firings",
        "sequence": f"one of the first {len(rule.sequence)} requests",
        "earlier rule": "that none has fired",
        "in": " or ".join(rule.in_ or ()),
        "during": _written(rule.during),
        "idle": _written(rule.when.idle),
        "opened": str(rule.when.opened),
        "ttl": "not yet over",
        "auth": "an action that is allowed",
        "condition": "a request that can fail a condition",
        "read": "a request that reads",
        "validation": "a request that the service does not refuse by itself",
    }[key]
    return Difference(key, wanted or "", _SEEN.get(key, str)(seen))


def _seconds(seen: Any) -> str:
    return f"{seen:g}s" if isinstance(seen, float) else str(seen)


# Where a bare number would not do; they are worded here, and not for each request
_SEEN: dict[str, Callable[[Any], str]] = {"chance": "{:.4f}".format, "during": _seconds, "idle": _seconds}


def _written(span: Span | None) -> str:
    if span is None:
        return ""
    return f"{span.start:g}s..{'' if span.end is None else f'{span.end:g}s'}"


@dataclass(frozen=True, slots=True)
class NearestRequest:
    """The request that came nearest to a rule: its place in what was looked at, from 0, and what was off."""

    index: int
    explanation: Explanation


def nearest(rule: Rule, enabled: bool, requests: Sequence[tuple[Call, Attempt]], notes_of: NotesOf = no_notes) -> NearestRequest | None:
    """Of several requests, the one that has the fewest differences from what a rule is about; the first among equals. None if
    there is none, or if the rule fired for one of them."""
    explainer = Explainer(rule, enabled)
    best: NearestRequest | None = None
    for index, (call, attempt) in enumerate(requests):
        explanation = explainer.explain(call, attempt, notes_of(attempt))
        if explanation.fired:
            return None
        if best is None or len(explanation.differences) < len(best.explanation.differences):
            best = NearestRequest(index, explanation)
    return best
