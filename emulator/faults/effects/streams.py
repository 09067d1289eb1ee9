"""`expire` and `trim`: what DynamoDB Streams says when a reader was too slow."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.errors import ServiceError
from emulator.faults.chance import Luck
from emulator.faults.decision import Draft
from emulator.faults.effects.effect import Effect
from emulator.messages import Call


@dataclass(frozen=True, slots=True)
class StreamEffect(Effect):
    """`error` is ExpiredIteratorException or TrimmedDataAccessException."""

    after_validation = True

    error: str

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.error = ServiceError(self.error, service="streams")
        draft.texts.append(self.error)
