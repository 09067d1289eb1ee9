"""Puts functions in the place of Python's own, for the while that fast time lasts, and puts those back."""

from __future__ import annotations

import ctypes
import gc
import sys
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_MISSING = object()
# They measure and wait for what goes on around a program, such as a test's own duration
_LEFT_ALONE = ("dynafault_time", "_pytest", "pytest", "pluggy", "pytest_timeout", "xdist", "execnet", "coverage", "time_machine")


@dataclass(frozen=True, slots=True)
class Patch:
    """`value` is to stand for the attribute `name` of a module, a class or a built-in type."""

    owner: Any
    name: str
    value: Any


class Patched:
    """Patches that are in place."""

    def __init__(self, patches: Iterable[Patch]) -> None:
        self._before: list[tuple[Any, str, Any]] = []
        self._values: dict[int, Any] = {}
        for patch in patches:
            before = vars(patch.owner).get(patch.name, _MISSING)
            self._before.append((patch.owner, patch.name, before))
            _set(patch.owner, patch.name, patch.value)
            if isinstance(patch.owner, types.ModuleType):
                self._values[id(before)] = (before, patch.value)
        _replace_everywhere({key: value for key, (_, value) in self._values.items()})

    def undo(self) -> None:
        _replace_everywhere({id(value): before for before, value in self._values.values()})
        for owner, name, before in reversed(self._before):
            _set(owner, name, before)


def _set(owner: Any, name: str, value: Any) -> None:
    try:
        if value is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, value)
    except TypeError:
        # A type of C: its attributes are not to be set, but they are looked up in a dictionary all the same
        namespace = gc.get_referents(vars(owner))[0]
        if value is _MISSING:
            del namespace[name]
        else:
            namespace[name] = value
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))


def _replace_everywhere(values: Mapping[int, Any]) -> None:
    """Modules have taken functions over under names of their own (`from time import sleep`)."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _LEFT_ALONE or not isinstance(module, types.ModuleType):
            continue
        namespace = vars(module)
        found = [(attribute, id(value)) for attribute, value in list(namespace.items()) if id(value) in values]
        for attribute, key in found:
            namespace[attribute] = values[key]
