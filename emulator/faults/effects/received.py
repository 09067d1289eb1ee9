"""`received`: the connection ends before all of the request has come."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target
from emulator.messages import Portion


@dataclass(frozen=True, slots=True)
class ReceivedEffect(Effect):
    """This much of the request's body is read, and nothing is carried out."""

    received: Portion

    @property
    def is_applied(self) -> bool:
        return False

    def add(self, decision: Decision, target: Target) -> None:
        decision.received = self.received
        decision.texts.append("before all of the request had come")
