"""`stale` and `table_status`: what only the backend can do, so the decision just says so."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.chance import Luck
from emulator.faults.decision import Draft, TableDelay
from emulator.faults.effects.delay import shown
from emulator.faults.effects.effect import Effect
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class StaleEffect(Effect):
    """The read answers from the data as it was so many seconds ago."""

    after_validation = True

    seconds: float

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.stale = self.seconds
        draft.texts.append(f"stale by {shown(self.seconds)}")


@dataclass(frozen=True, slots=True)
class TableStatusEffect(Effect):
    """The table stays in `status` for so many seconds."""

    after_validation = True

    status: str
    seconds: float

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.table_delay = TableDelay(self.status, self.seconds)
        draft.texts.append(f"{self.status} for {shown(self.seconds)}")
