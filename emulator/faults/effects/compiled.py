"""From a fault of the model to the effects that perform it: the table of effects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emulator.faults.chance import Luck
from emulator.faults.decision import Draft
from emulator.faults.effects.backend import StaleEffect, TableStatusEffect
from emulator.faults.effects.cancel import CancelEffect
from emulator.faults.effects.connection import ConnectionEffect, RefuseEffect
from emulator.faults.effects.delay import DelayEffect
from emulator.faults.effects.effect import Effect
from emulator.faults.effects.error import ErrorEffect
from emulator.faults.effects.page import PageEffect, PageTokens
from emulator.faults.effects.reply import DripEffect, HeadersEffect, SkewEffect, StatusEffect
from emulator.faults.effects.response import ResponseEffect
from emulator.faults.effects.streams import StreamEffect
from emulator.faults.effects.unprocessed import Eligible, UnprocessedEffect
from emulator.messages import NOTHING, Call
from emulator.scenario.effects import DAMAGED
from emulator.scenario.model import Fault, FixedDelay


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What effects need beside their own parameters: which entries of a batch the rule is about, and the engine's tokens."""

    eligible: Eligible
    tokens: PageTokens


@dataclass(frozen=True, slots=True)
class CompiledFault:
    """`applied`: the operation is carried out, unless an effect finds otherwise. `by_chance`: effects draw from the request's
    luck."""

    effects: tuple[Effect, ...]
    applied: bool
    by_chance: bool

    def needs_valid(self, call: Call) -> bool:
        for effect in self.effects:
            if effect.needs_valid(call):
                return True
        return False

    def add(self, draft: Draft, call: Call, luck: Luck) -> None:
        draft.applied = draft.applied and self.applied
        if not self.effects:
            draft.texts.append("ok")
        for effect in self.effects:
            effect.add(draft, call, luck)


def compile_fault(fault: Fault, surroundings: Surroundings) -> CompiledFault:
    effects = (*_effects(fault, surroundings), *_modifiers(fault))
    drawn = fault.unprocessed is not None and fault.unprocessed.fraction is not None
    drawn = drawn or fault.response == "garbage" or not isinstance(fault.delay, FixedDelay | None)
    return CompiledFault(effects, _applied(fault), drawn)


def _effects(fault: Fault, surroundings: Surroundings) -> Iterator[Effect]:
    if fault.error is not None:
        yield ErrorEffect(fault.error, fault.message, fault.reasons, fault.item, fault.retry_after, bool(fault.applied), fault.status)
    if fault.connection is not None:
        yield ConnectionEffect(fault.connection, fault.after, fault.for_)
    if fault.refuse is not None:
        yield RefuseEffect(fault.refuse)
    if fault.response is not None:
        yield ResponseEffect(fault.response)
    if fault.unprocessed is not None:
        yield UnprocessedEffect(fault.unprocessed, surroundings.eligible)
    if fault.cancel is not None:
        yield CancelEffect(fault.cancel)
    if fault.page is not None:
        yield PageEffect(fault.page.items, surroundings.tokens)
    if fault.stale is not None:
        yield StaleEffect(fault.stale)
    if fault.table_status is not None:
        yield TableStatusEffect(fault.table_status.status, fault.table_status.for_)
    if fault.expire is not None:
        yield StreamEffect("ExpiredIteratorException")
    if fault.trim:
        yield StreamEffect("TrimmedDataAccessException")


def _modifiers(fault: Fault) -> Iterator[Effect]:
    if fault.delay is not None:
        yield DelayEffect(fault.delay)
    if fault.drip is not None:
        yield DripEffect(fault.drip)
    if fault.skew is not None:
        yield SkewEffect(fault.skew)
    if fault.headers:
        yield HeadersEffect(fault.headers)
    if fault.status is not None:
        yield StatusEffect(fault.status)


def _applied(fault: Fault) -> bool:
    """Whether the operation is carried out. An effect that takes the answer's place prevents it unless the author says
    otherwise; bytes of a real answer stand for an operation that was carried out."""
    if fault.error is not None or fault.refuse is not None or fault.expire is not None or fault.trim:
        return bool(fault.applied)
    if fault.connection is not None:
        return bool(fault.applied) or ConnectionEffect(fault.connection, fault.after).portion != NOTHING
    return fault.response is None or fault.response in DAMAGED or bool(fault.applied)
