"""`dataclass` as in the standard library, in a quarter of the time that it takes to make a class.

The standard decorator writes and compiles every method of every class by itself, which takes 0.3 ms for a frozen class with slots. The
emulator has two hundred such classes, and a server should be ready in a blink. This decorator compiles `__init__` alone, whose parameters
differ from class to class; the other methods are functions that know the fields. Type checkers see the standard decorator.

A package of its own, like a library: it knows nothing of the emulator.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterator, Sequence
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen=False, slots=False, eq=True, order=False, repr=True):
        """The decorator with those options of the standard one that are used here. `field` may say everything but `hash` and `kw_only`
        (TypeError). Methods that a class defines itself stay."""

        def decorate(cls):
            own = vars(cls)
            # For a class without a docstring the standard library would work out its signature
            cls.__doc__ = cls.__doc__ or cls.__name__
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            fields = dataclasses.fields(made)
            if any(field.kw_only or field.hash is not None for field in fields):
                raise TypeError(f"{cls.__qualname__}: fields with kw_only or hash need the standard library's dataclass")
            made.__init__ = _init(made, fields, frozen, slots)
            for method in _methods(made, fields, frozen, slots, eq, order, repr):
                # A class that defines __eq__ and no __hash__ has None for the latter
                if own.get(method.__name__) is None:
                    setattr(made, method.__name__, method)
            if eq and not frozen and "__hash__" not in own:
                made.__hash__ = None
            return made

        return decorate


_Fields = Sequence["dataclasses.Field[Any]"]


def _init(cls: type, fields: _Fields, frozen: bool, slots: bool) -> Callable[..., None]:
    """`__init__`, which sets the attributes of frozen classes, too."""
    scope: dict[str, Any] = {"_missing": dataclasses.MISSING, "_put": object.__setattr__}
    parameters, body = ["self"], []
    for field in fields:
        name = field.name
        parameter, value = _parameter(field, scope)
        if field.init:
            parameters.append(parameter)
        if not value:
            continue
        if not frozen:
            body.append(f"self.{name} = {value}")
        elif slots:
            scope[f"_put_{name}"] = getattr(cls, name).__set__
            body.append(f"_put_{name}(self, {value})")
        else:
            body.append(f"_put(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body or ["pass"]), scope)
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__annotations__ = {field.name: field.type for field in fields if field.init} | {"return": None}
    return made


def _parameter(field: dataclasses.Field[Any], scope: dict[str, Any]) -> tuple[str, str]:
    """The parameter for a field, and the expression that its attribute is set to at first, "" for none. Adds to `scope` the objects that
    they name."""
    name = field.name
    if field.default_factory is not dataclasses.MISSING:
        scope[f"_make_{name}"] = field.default_factory
        made = f"_make_{name}()"
        return f"{name}=_missing", f"{made} if {name} is _missing else {name}" if field.init else made
    if field.default is not dataclasses.MISSING:
        scope[f"_default_{name}"] = field.default
        return f"{name}=_default_{name}", name if field.init else f"_default_{name}"
    return name, name if field.init else ""


def _methods(cls: type, fields: _Fields, frozen: bool, slots: bool, eq: bool, order: bool, repr: bool) -> Iterator[Callable[..., Any]]:
    """The other methods, each under its name."""
    values = _values([field.name for field in fields if field.compare])
    if repr:
        yield _repr([field.name for field in fields if field.repr])
    if eq:
        yield _compared("__eq__", operator.eq, values)
    if eq and frozen:

        def __hash__(self: Any) -> int:
            return hash(values(self))

        yield __hash__
    if order:
        for compare in (operator.lt, operator.le, operator.gt, operator.ge):
            yield _compared(f"__{compare.__name__}__", compare, values)
    if frozen:
        names = [field.name for field in fields]
        yield from _frozen(cls, names)
        if slots:
            yield from _pickled(names)


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _repr(names: list[str]) -> Callable[[Any], str]:
    @recursive_repr()
    def __repr__(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _compared(name: str, compare: Callable[[Any, Any], bool], values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, Any], Any]:
    def compared(self: Any, other: Any) -> Any:
        return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

    compared.__name__ = name
    return compared


def _frozen(cls: Any, names: list[str]) -> Iterator[Callable[..., Any]]:
    """The methods that refuse changes. Attributes that a subclass adds may be changed."""

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return iter((__setattr__, __delattr__))


def _pickled(names: list[str]) -> Iterator[Callable[..., Any]]:
    """The methods by which a frozen class with slots is copied and pickled."""

    def __getstate__(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return iter((__getstate__, __setstate__))
