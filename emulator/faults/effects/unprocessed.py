"""`unprocessed`: some entries of a batch come back, and really are not done."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.batches import Entry, entries_of, leave_unprocessed
from emulator.faults.chance import Luck
from emulator.faults.decision import Draft
from emulator.faults.effect import Effect, Target
from emulator.faults.keys import KeyPattern
from emulator.scenario.model import Unprocessed


@dataclass(frozen=True, slots=True)
class UnprocessedEffect(Effect):
    """Hits only entries that the rule is about: those on the tables, and with the keys, that its `when` names."""

    after_validation = True
    by_entry = True

    unprocessed: Unprocessed

    @property
    def by_chance(self) -> bool:
        return self.unprocessed.fraction is not None

    def add(self, draft: Draft, target: Target) -> None:
        entries = entries_of(target.call)
        candidates = [entry for number, entry in enumerate(entries) if target.is_about(number, entry[0], entry[2])]
        hit = _chosen(self.unprocessed, candidates, target.luck)
        draft.texts.append(f"unprocessed {len(hit)} of {len(entries)}")
        leave_unprocessed(draft, target.call, frozenset((table, position) for table, position, _ in hit))


def _chosen(which: Unprocessed, entries: list[Entry], luck: Luck) -> list[Entry]:
    if which.every is not None:
        return entries[which.every - 1 :: which.every]
    if which.indexes is not None:
        return [entry for number, entry in enumerate(entries) if number in which.indexes]
    if which.all_but is not None:
        return entries[which.all_but :]
    if which.keys is not None:
        return [entry for entry in entries if any(KeyPattern(key).fits(entry[2]) for key in which.keys)]
    share = which.fraction or 0.0
    drawn = sorted(range(len(entries)), key=lambda number: luck.uniform(f"entry {number}"))
    return [entries[number] for number in sorted(drawn[: round(share * len(entries))])]
