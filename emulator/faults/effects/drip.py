"""`drip`: a slow line."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class DripEffect(Effect):
    """The answer goes out at this many bytes per second."""

    drip: int

    def add(self, decision: Decision, target: Target) -> None:
        decision.drip = float(self.drip)
        decision.texts.append(f"drip {self.drip}B/s")
