"""`refuse`: nobody listens for a while."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.faults.decision import Draft
from emulator.faults.effect import Effect, Target
from emulator.messages import NOTHING, Ending


@dataclass(frozen=True, slots=True)
class RefuseEffect(Effect):
    """The connection is reset without an answer, and new ones are refused for so many seconds."""

    refuse: float
    applied: bool | None = None

    @property
    def is_applied(self) -> bool:
        return bool(self.applied)

    def add(self, draft: Draft, target: Target) -> None:
        draft.ending = Ending.RESET
        draft.portion = NOTHING
        draft.refuse_for = self.refuse
        draft.texts.append("connections refused")
