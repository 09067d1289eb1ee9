"""Our `dataclass` makes of a class what the standard library makes of it."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, replace
from typing import Any, ClassVar

import pytest

from dynafault_dataclass import dataclass

DECORATORS = {"ours": dataclass, "standard": dataclasses.dataclass}
OPTIONS = [
    {"frozen": True, "slots": True},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True, "order": True},
    {"frozen": True, "slots": True, "eq": False},
    {"slots": True, "repr": False},
]


@dataclass(frozen=True, slots=True)
class Kept:
    """Pickles are of classes that can be found."""

    name: str
    parts: tuple[int, ...] = ()


def point(decorate: Callable[..., Any]) -> Any:
    class Point:
        """A place."""

        x: int
        y: int = 0
        near: list[str] = field(default_factory=list, compare=False)
        total: int = field(init=False, default_factory=lambda: 7, repr=False)
        unit: str = field(init=False, default="m")
        kind: ClassVar[str] = "flat"

        def moved(self) -> Any:
            return replace(self, x=self.x + 1)  # type: ignore[type-var]  # it is made one below

    Point.__qualname__ = "Point"
    return decorate(Point)


def single(decorate: Callable[..., Any]) -> Any:
    class Single:
        x: Any

    Single.__qualname__ = "Single"
    return decorate(Single)


def described(cls: Any) -> dict[str, Any]:
    """What can be told of a class and of its values without their addresses."""
    one, same, other = cls(1), cls(1), cls(2)
    found = {"repr": repr(one) if "__repr__" in vars(cls) else None, "equal": one == same, "different": one == other}
    found["others"] = one.__eq__(1) if "__eq__" in vars(cls) else None
    found["hashes"] = cls.__hash__ is not None and hash(one) == hash(same)
    found["slots"] = getattr(cls, "__slots__", None)
    found["match"] = cls.__match_args__
    found["parameters"] = [(one.name, one.annotation, one.kind) for one in inspect.signature(cls).parameters.values()]
    found["refused"] = tried(lambda: setattr(one, "x", 5)), tried(lambda: delattr(one, "x"))
    found["order"] = tried(lambda: [same < other, same <= other, same > other, same >= other, sorted([other, same]) == [same, other]])
    found["too few"], found["too many"], found["unknown"] = (
        tried(cls),
        tried(lambda: cls(1, 2, 3, 4, 5)),
        tried(lambda: cls(1, z=2)),
    )
    found["fields"] = [(one.name, one.init, one.repr, one.compare) for one in dataclasses.fields(cls)]
    found["replaced"] = repr(dataclasses.asdict(replace(same, x=9)))
    found["copied"] = [dataclasses.asdict(made) for made in (copy.copy(same), copy.deepcopy(same))]
    return found


def tried(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("make", [point, single])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_classes_are_those_of_the_standard_library(make: Callable[..., Any], options: dict[str, bool]) -> None:
    ours, standard = (described(make(decorate(**options))) for decorate in DECORATORS.values())
    assert ours == standard


def test_a_copy_has_lists_of_its_own() -> None:
    made = point(dataclass(frozen=True, slots=True))
    one, other = made(1), made(1)
    assert one.near == []
    assert one.near is not other.near
    assert one.moved() == made(2)
    assert copy.deepcopy(one).near is not one.near


@pytest.mark.parametrize("decorate", DECORATORS.values(), ids=DECORATORS)
def test_methods_of_the_class_itself_stay(decorate: Any) -> None:
    @decorate(frozen=True, slots=True)
    class Word:
        text: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Word) and self.text.lower() == other.text.lower()

        def __hash__(self) -> int:
            return hash(self.text.lower())

        def __repr__(self) -> str:
            return self.text

    made: Any = Word
    assert made("A") == made("a")
    assert len({made("A"), made("a")}) == 1
    assert repr(made("A")) == "A"


@pytest.mark.parametrize("decorate", DECORATORS.values(), ids=DECORATORS)
def test_a_class_that_is_compared_its_own_way_has_the_hash_of_its_fields(decorate: Any) -> None:
    @decorate(frozen=True, slots=True)
    class Word:
        text: str

        def __eq__(self, other: object) -> bool:
            return True

    made: Any = Word
    assert hash(made("a")) == hash(made("a"))


@pytest.mark.parametrize("decorate", DECORATORS.values(), ids=DECORATORS)
def test_classes_inherit(decorate: Any) -> None:
    @decorate(frozen=True, slots=True)
    class Base:
        a: int
        b: int = 2

        def __post_init__(self) -> None:
            object.__setattr__(self, "b", self.b * 10)

    @decorate(frozen=True, slots=True)
    class Derived(Base):
        b: int = 3
        c: int = 4

    base: Any = Base
    derived: Any = Derived
    assert [getattr(derived(1), name) for name in "abc"] == [1, 30, 4]
    assert derived(1) != base(1)
    assert not hasattr(derived(1), "__dict__")
    with pytest.raises(FrozenInstanceError):
        derived(1).a = 2


def test_a_subclass_has_attributes_of_its_own() -> None:
    """With slots, those of the standard library refuse them by mistake."""

    class Plain(Kept):
        def __init__(self) -> None:
            self.own = 1
            super().__init__("a")
            self.own += 1
            del self.own

    assert Plain().name == "a"
    with pytest.raises(FrozenInstanceError):
        Plain().name = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del Plain().name


def test_values_are_pickled() -> None:
    kept = Kept("a", (1, 2))
    assert pickle.loads(pickle.dumps(kept)) == kept


@pytest.mark.parametrize("decorate", DECORATORS.values(), ids=DECORATORS)
def test_a_value_that_holds_itself_is_shown(decorate: Any) -> None:
    @decorate(slots=True)
    class Knot:
        end: Any = None

    knot = Knot()
    knot.end = [knot]
    assert repr(knot).endswith("Knot(end=[...])")


@pytest.mark.parametrize("option", [field(kw_only=True), field(hash=True)], ids=["kw_only", "hash"])
def test_what_is_not_understood_is_refused(option: Any) -> None:
    class Word:
        text: str = option

    with pytest.raises(TypeError, match="Word: fields with kw_only or hash need the standard library's dataclass"):
        dataclass(slots=True)(Word)


@pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace is of Python 3.13")
def test_copy_replaces() -> None:
    assert copy.replace(Kept("a"), name="b") == Kept("b")  # type: ignore[attr-defined,unused-ignore]
