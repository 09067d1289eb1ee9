"""`expire`: what DynamoDB Streams says when the reader was too slow, and its iterator has expired."""

from __future__ import annotations

from dynafault_dataclass import dataclass
from emulator.aws.errors import ServiceError
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class ExpireEffect(Effect):
    after_validation = True

    expire: str

    @property
    def is_applied(self) -> bool:
        return False

    def add(self, decision: Decision, target: Target) -> None:
        decision.error = ServiceError("ExpiredIteratorException", service="streams")
        decision.texts.append("ExpiredIteratorException")
