"""For each rule that never fired: which request came nearest to it, and what did not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dynafault_dataclass import dataclass
from emulator.faults import Explanation, NotesOf, RuleReport, nearest
from emulator.journal import Exchange

# How many of the latest requests are looked at
MAX_REQUESTS = 2_000


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The exchange that came nearest to a rule, and what kept the rule from firing."""

    entry: Exchange
    explanation: Explanation

    @property
    def text(self) -> str:
        return f"nearest was exchange {self.entry.id} ({self.entry.operation}): {self.explanation.text}"

    def to_json(self) -> dict[str, Any]:
        found = self.explanation.to_json()
        return {"exchange": self.entry.id, "why": found["why"], "differences": found["differences"]}


def near_misses(
    rules: Iterable[RuleReport], entries: Sequence[Exchange], notes_of: NotesOf, quoted: Callable[[str], str] = str
) -> dict[str, NearMiss]:
    """The near misses by the rules' names. A rule that has fired has none, nor has one that no request could be compared with."""
    seen = [entry for entry in entries if entry.call is not None][-MAX_REQUESTS:]
    requests = [(entry.call, entry.place) for entry in seen if entry.call is not None]
    found = {}
    for report in rules:
        near = None if report.fired else nearest(report.rule, report.enabled, requests, notes_of)
        if near is not None:
            found[report.name] = NearMiss(seen[near.index], near.explanation.quoted(quoted))
    return found
