"""`refuse`: nothing listens for a while."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
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

    def add(self, decision: Decision, target: Target) -> None:
        decision.ending = Ending.RESET
        decision.portion = NOTHING
        decision.refuse_for = self.refuse
        decision.texts.append("connections refused")
