"""`status`: another HTTP status than the answer's own."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class StatusEffect(Effect):
    """The status that the answer goes out with."""

    status: int

    def add(self, decision: Decision, target: Target) -> None:
        decision.status = self.status
