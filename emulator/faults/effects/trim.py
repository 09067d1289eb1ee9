"""`trim`: what DynamoDB Streams says when the reader was too slow, and what it wants is no longer there."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.aws.errors import ServiceError
from emulator.faults.decision import Draft
from emulator.faults.effect import Effect, Target


@dataclass(frozen=True, slots=True)
class TrimEffect(Effect):
    after_validation = True

    trim: bool

    @property
    def is_applied(self) -> bool:
        return False

    def add(self, draft: Draft, target: Target) -> None:
        draft.error = ServiceError("TrimmedDataAccessException", service="streams")
        draft.texts.append("TrimmedDataAccessException")
