"""From a fault of the model to the effects that perform it: the table of effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emulator.faults.decision import Draft
from emulator.faults.effects.connection import ConnectionEffect
from emulator.faults.effects.delay import DelayEffect
from emulator.faults.effects.error import ErrorEffect
from emulator.messages import NOTHING, Call
from emulator.scenario.model import Fault


class Effect(Protocol):
    def add(self, draft: Draft, call: Call) -> None:
        """Add this effect's part to the decision about `call`."""
        ...


@dataclass(frozen=True, slots=True)
class CompiledFault:
    """`applied`: the operation is carried out."""

    effects: tuple[Effect, ...]
    applied: bool

    def add(self, draft: Draft, call: Call) -> None:
        if not self.effects:
            draft.texts.append("ok")
        for effect in self.effects:
            effect.add(draft, call)
        draft.applied = draft.applied and self.applied


def compile_fault(fault: Fault) -> CompiledFault:
    effects: list[Effect] = []
    applied = True
    if fault.error is not None:
        effects.append(ErrorEffect(fault.error, fault.message, fault.status, fault.reasons, fault.item, fault.retry_after))
        applied = bool(fault.applied)
    if fault.connection is not None:
        connection = ConnectionEffect(fault.connection, fault.after, fault.for_)
        effects.append(connection)
        # Bytes of an answer stand for an operation that was carried out; the reader asks the author of a write to say so.
        applied = bool(fault.applied) or connection.portion != NOTHING
    if fault.delay is not None:
        effects.append(DelayEffect(fault.delay.fixed))
    return CompiledFault(tuple(effects), applied)
