"""`stale`: a read of the past. Only the backend can do it, so the decision just says so."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.aws.services import is_read_only
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, EffectContext, Skipped, Target, shown
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class StaleEffect(Effect):
    """The read answers from the data as it was so many seconds ago."""

    after_validation = True

    stale: float

    def lacking(self, call: Call, context: EffectContext) -> Skipped | None:
        return None if is_read_only(call.operation, call.params) else ("read", call.operation)

    def add(self, decision: Decision, target: Target) -> None:
        decision.stale = self.stale
        decision.texts.append(f"stale by {shown(self.stale)}")
