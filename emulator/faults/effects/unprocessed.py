"""`unprocessed`: some entries of a batch come back, and really are not done."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.batches import chosen, entries_of, leave_unprocessed
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target
from emulator.scenario.effects import Unprocessed


@dataclass(frozen=True, slots=True)
class UnprocessedEffect(Effect):
    """Hits only entries that the rule is about: those on the tables, and with the keys, that its `when` names."""

    after_validation = True
    by_entry = True

    unprocessed: Unprocessed

    @property
    def by_chance(self) -> bool:
        return self.unprocessed.fraction is not None

    def add(self, decision: Decision, target: Target) -> None:
        entries = entries_of(target.call)
        candidates = [entry for number, entry in enumerate(entries) if target.is_about(number, entry[0], entry[2])]
        hit = chosen(self.unprocessed, candidates, target.random)
        decision.texts.append(f"unprocessed {len(hit)} of {len(entries)}")
        leave_unprocessed(decision, target.call, frozenset((table, position) for table, position, _ in hit))
