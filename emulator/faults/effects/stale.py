"""`stale`: what only the backend can do, so the decision just says so."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.decision import Draft
from emulator.faults.effect import Effect, Target, shown


@dataclass(frozen=True, slots=True)
class StaleEffect(Effect):
    """The read answers from the data as it was so many seconds ago."""

    after_validation = True

    stale: float

    def add(self, draft: Draft, target: Target) -> None:
        draft.stale = self.stale
        draft.texts.append(f"stale by {shown(self.stale)}")
