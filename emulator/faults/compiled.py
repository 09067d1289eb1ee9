"""From a fault of the model to the effects that perform it, which are found by looking into their folder."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError
from emulator.faults import effects
from emulator.faults.chance import RequestRandom
from emulator.faults.decision import Decision
from emulator.faults.effect import Effect, EffectContext, Skipped, Target
from emulator.messages import Call
from emulator.scenario.fault import EFFECT_KEYS, FAULT_KEYS
from emulator.scenario.model import Fault

_EFFECTS = frozenset(key.name for key in EFFECT_KEYS)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledFault:
    """`applied`: the operation is carried out, unless an effect finds otherwise. `by_chance`: effects draw from the request's
    random. `is_modifier`: it changes the answer, and does not take its place; "ok" does not even that. `is_picky`: there may be requests
    that can never be answered so. Compared by identity."""

    effects: tuple[Effect, ...]
    applied: bool
    by_chance: bool
    is_modifier: bool
    is_picky: bool
    context: EffectContext

    def needs_valid(self, call: Call) -> bool:
        for effect in self.effects:
            if effect.needs_valid(call):
                return True
        return False

    def lacking(self, call: Call) -> Skipped | None:
        """What keeps a valid request from ever being answered so; None where nothing does."""
        for effect in self.effects:
            lack = effect.lacking(call, self.context)
            if lack is not None:
                return lack
        return None

    def add(self, decision: Decision, call: Call, random: RequestRandom, entries: frozenset[int] | None = None) -> None:
        decision.applied = decision.applied and self.applied
        if not self.effects:
            decision.texts.append("ok")
        target = Target(call, random, self.context, entries)
        for effect in self.effects:
            effect.add(decision, target)


def compile_fault(fault: Fault, context: EffectContext) -> CompiledFault:
    """Effects act in the order of the table of keys."""
    found = tuple(_effects(fault.keys))
    applied, by_chance = all(one.is_applied for one in found), any(one.by_chance for one in found)
    is_picky = any(one.is_picky for one in found)
    return CompiledFault(found, applied, by_chance, _EFFECTS.isdisjoint(fault.keys), is_picky, context)


def together(faults: Iterable[CompiledFault]) -> list[CompiledFault]:
    """The faults that take effect for a request whose entries are due for these, in order: one that replaces the whole answer is alone,
    otherwise those that hit single entries go together, with the first that changes the answer around them."""
    faults = list(faults)
    by_entry = [fault for fault in faults if any(effect.by_entry for effect in fault.effects)]
    whole = [fault for fault in faults if fault not in by_entry and not fault.is_modifier]
    if whole:
        return whole[:1]
    modifiers = [fault for fault in faults if fault.is_modifier and (fault.effects or not by_entry)]
    return by_entry + sorted(modifiers, key=lambda fault: not fault.effects)[:1]


def _effects(written: Mapping[str, Any]) -> Iterator[Effect]:
    classes = effect_classes(tuple(effects.__path__))
    for key in FAULT_KEYS:
        kind = classes.get(key.name)
        if kind is not None and key.name in written:
            yield kind.cls(**{field: written[name] for field, name in kind.keys.items() if name in written})


@dataclass(frozen=True, slots=True)
class EffectClass:
    """`keys` are the keys of the language that its fields stand for, by the names of the fields."""

    cls: type[Effect]
    keys: Mapping[str, str]


@cache
def effect_classes(folders: tuple[str, ...]) -> Mapping[str, EffectClass]:
    """The effects by the key that each is for. Raises EmulatorError for a file without one, for fields that are no keys, and for keys
    that no effect takes."""
    names = {key.field: key.name for key in FAULT_KEYS}
    found: dict[str, EffectClass] = {}
    for info in pkgutil.iter_modules(folders):
        cls = _class_of(import_module(f"{effects.__name__}.{info.name}"))
        known = [field.name for field in fields(cls)]  # type: ignore[arg-type]  # each of them is a dataclass, which _class_of sees to
        strange = [name for name in known if name not in names]
        if strange or not known:
            raise EmulatorError(f"{info.name}.py among the faults: {cls.__name__}.{strange[0] if strange else ''} is no key of a fault")
        if names[known[0]] in found:
            raise EmulatorError(f"{info.name}.py among the faults: '{names[known[0]]}' has an effect already")
        found[names[known[0]]] = EffectClass(cls, {name: names[name] for name in known})
    taken = {name for kind in found.values() for name in kind.keys.values()}
    for key in FAULT_KEYS:
        if key.name not in taken or (key.is_effect and key.name not in found):
            raise EmulatorError(f"the key '{key.name}' of a fault has no effect: it wants a file in {folders[0]}")
    return found


def _class_of(module: ModuleType) -> type[Effect]:
    """The one effect of a file."""
    found = [
        one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Effect) and one.__module__ == module.__name__
    ]
    if len(found) != 1 or "__dataclass_fields__" not in vars(found[0]):
        raise EmulatorError(f"{module.__file__}: a fault is one file with one dataclass of Effect, and this has {len(found)}")
    return found[0]
