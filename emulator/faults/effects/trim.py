"""`trim`: what DynamoDB Streams says when the reader was too slow, and what it wants is no longer there."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class TrimEffect(Effect):
    after_validation = True

    trim: bool

    @property
    def is_applied(self) -> bool:
        return False

    def add(self, decision: Decision, target: Target) -> None:
        decision.error = ServiceError("TrimmedDataAccessException", service="streams")
        decision.texts.append("TrimmedDataAccessException")
