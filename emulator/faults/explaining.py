"""Why a rule fired for a request, or did not: what the engine noted when it decided, and the differences that show at any time.

Notes are kept for the last requests only; an older request is explained by its differences alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from emulator.faults.counting import Miss
from emulator.faults.decision import Attempt
from emulator.faults.matching import Difference, differences
from emulator.messages import Call
from emulator.scenario.model import Rule

MAX_NOTES = 10_000

# (rule, why not; None: it fired)
Note = tuple[str, Miss | None]
_Request = tuple[str, int]


class Notes:
    """What became of the rules that could be about a request, for the last 10,000 requests that had such. Locked by its owner."""

    def __init__(self) -> None:
        self._notes: dict[_Request, tuple[Note, ...]] = {}

    def add(self, attempt: Attempt, notes: list[Note]) -> None:
        self._notes[attempt.call_id, attempt.ordinal] = tuple(notes)
        if len(self._notes) > MAX_NOTES:
            del self._notes[next(iter(self._notes))]

    def of(self, attempt: Attempt) -> dict[str, Miss | None]:
        return dict(self._notes.get((attempt.call_id, attempt.ordinal), ()))

    def reset(self) -> None:
        self._notes.clear()


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule and one request. `fired`: None if that is no longer known. `differences`: what kept it from firing."""

    rule: str
    fired: bool | None
    differences: tuple[Difference, ...]

    @property
    def text(self) -> str:
        if self.fired:
            return "fired"
        return "; ".join(str(one) for one in self.differences) or "could have fired"


def explain(rule: Rule, call: Call, attempt: Attempt, enabled: bool, notes: dict[str, Miss | None]) -> Explanation:
    """Why a rule fired for a request, or did not. `notes` are those of the request."""
    if rule.name in notes:
        miss = notes[rule.name]
        return Explanation(rule.name, miss is None, () if miss is None else (_difference(rule, miss),))
    found = differences(rule.when, call, attempt)
    if not enabled:
        found = (Difference("enabled", "true", "false"), *found)
    return Explanation(rule.name, False if found else None, found)


def _difference(rule: Rule, miss: Miss) -> Difference:
    wanted = {
        "attempt": rule.when.attempt and rule.when.attempt.written,
        "request": rule.when.request and rule.when.request.written,
        "call": rule.when.call and rule.when.call.written,
        "chance": f"less than {rule.chance}",
        "limit": f"less than {rule.limit} firings",
        "sequence": f"one of the first {len(rule.sequence)} requests",
        "earlier rule": "that none has fired",
        "in": " or ".join(rule.in_ or ()),
        "during": _span(rule),
        "ttl": "not yet over",
    }[miss.key]
    return Difference(miss.key, wanted or "", str(miss.seen))


def _span(rule: Rule) -> str:
    span = rule.during
    if span is None:
        return ""
    return f"{span.start:g}s..{'' if span.end is None else f'{span.end:g}s'}"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The request that came nearest to a rule: its place in what was looked at, from 0, and what was off."""

    index: int
    explanation: Explanation


def nearest(explanations: Iterable[Explanation]) -> NearMiss | None:
    """Of one rule's explanations for several requests, the one with the fewest differences; the first among equals. None if
    there is none, or if the rule fired for one of them."""
    best: NearMiss | None = None
    for index, explanation in enumerate(explanations):
        if explanation.fired:
            return None
        if best is None or len(explanation.differences) < len(best.explanation.differences):
            best = NearMiss(index, explanation)
    return best
