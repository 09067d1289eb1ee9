"""A section of the language, told once: the dataclass that it becomes is its table of keys.

    @dataclass(frozen=True, slots=True)
    class Limit:
        \"""Throughput that is really limited.\"""

        where: Position
        limit: str = key(one_of("provisioned", "account"), "what is limited", example="account", default="provisioned")
        read: float | None = key(UNITS, "read capacity units per second", example="5", default=None, left_out="reads are not limited")
        write: float | None = key(UNITS, "write capacity units per second", example="5", default=None, left_out="writes are not limited")

    LIMIT = section("a limit", Limit, at_least_one("read", "write", says="a limit on nothing", hint="give one"))

The name of a field is its key, with an underscore behind it where Python has the word; its default is the model's, and a field without
one is a required key. The reader, the JSON Schema, the documentation and `explain` follow from these rows. A field `where` that is no key
gets the section's place; any other that is none has a default, or its value from `build`.

A section that becomes something else than a dataclass has its rows and its `build` written out: `Section(title, (Key(...), ...), build)`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, field, fields
from inspect import get_annotations
from typing import Any, Generic, TypeVar, overload

from dynafault_dataclass import dataclass
from emulator.scenario.nodes import MappingNode, Node
from emulator.scenario.problems import Position
from emulator.scenario.reading import MAX_NAME, Reading, Refused, Reported, Schema, Value, refuse, suggestion
from emulator.scenario.synonyms import in_our_words

D = TypeVar("D")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """One row of a table: a key of the language, how its value is read, and what it means. `example` is a value as it would be
    written; `default` says what holds where the key is left out. `kind` is for a section whose keys are of several kinds."""

    name: str
    value: Value[Any]
    doc: str
    example: str
    default: str = ""
    required: bool = False
    kind: str = ""

    @property
    def field(self) -> str:
        """Its name in the model: the key itself, with an underscore where Python has the word."""
        return _field(self.name)

    def schema(self) -> Schema:
        left_out = f"; left out: {self.default}" if self.default else ""
        return {**self.value.schema(), "description": f"{self.doc}{left_out}\n\n{self.name}: {self.example}"}


@dataclass(frozen=True, slots=True)
class KeysConstraint:
    """What the keys of a section say of each other, whatever their values are. `check` reports what breaks it; it sees which keys are
    there, even if some of their values could not be read. `schema` is the same in JSON Schema, as far as that can say it."""

    check: Callable[[MappingNode, Reading], None]
    schema: Schema = field(default_factory=dict)


@dataclass(slots=True)
class Fields:
    """What a section's mapping said, by key; only keys that were written."""

    node: MappingNode
    values: dict[str, Any]

    @property
    def where(self) -> Position:
        return self.node.where

    def at(self, name: str) -> Position:
        """Where the value of a key stands, or the section itself if the key is not there."""
        found = self.node.get(name)
        return self.node.where if found is None else found.where

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.values

    def build(self, model: type[T], **others: Any) -> T:
        """The dataclass of the section; what it has no field for is left out. `others` are its values that come from no key, or not as
        they were read."""
        known = _fields_of(model)
        said = {_field(name): value for name, value in self.values.items() if _field(name) in known}
        place = known.get("where")
        if place is not None and _ROW not in place.metadata:
            said["where"] = self.where
        return model(**{**said, **others})


@dataclass(frozen=True)
class Section(Generic[T]):
    """A mapping with known keys. `together` is what they say of each other. `check` and `build` run only when all values could be read:
    `check` reports what is wrong with the values together, and so may `build`."""

    title: str
    keys: tuple[Key, ...]
    build: Callable[[Fields, Reading], T]
    together: tuple[KeysConstraint, ...] = ()
    check: Callable[[Fields, Reading], None] | None = None

    @property
    def shape(self) -> str:
        keys = f"with the {'key' if len(self.keys) == 1 else 'keys'} {', '.join(self.names)}"
        # A title in quotes is that of the key, which says nothing of what may stand under it
        return f"a mapping ({keys})" if self.title.startswith("'") else f"{self.title} (a mapping {keys})"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys)

    def names_of(self, *kinds: str) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.kind in kinds)

    @property
    def slug(self) -> str:
        """Its name among the definitions of the JSON Schema."""
        return "-".join(re.findall(r"[a-z]+", self.title))

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.slug}"}

    def definition(self) -> Schema:
        """What `schema` refers to."""
        return {
            "type": "object",
            "properties": {key.name: key.schema() for key in self.keys},
            "required": [key.name for key in self.keys if key.required],
            "additionalProperties": False,
            **_all_of(constraint.schema for constraint in self.together),
        }

    def read(self, node: Node, reading: Reading) -> T:
        if not isinstance(node, MappingNode):
            refuse(node, self.shape)
        before = reading.refused
        fields = Fields(node, self._values(node, reading))
        self._missing(node, reading)
        for constraint in self.together:
            constraint.check(node, reading)
        if reading.refused == before and self.check is not None:
            self.check(fields, reading)
        if reading.refused > before:
            raise Reported
        built = self.build(fields, reading)
        if reading.refused > before:
            raise Reported
        return built

    def _values(self, node: MappingNode, reading: Reading) -> dict[str, Any]:
        known = {key.name: key for key in self.keys}
        values: dict[str, Any] = {}
        for name, value in node.entries:
            key = known.get(name.text)
            if key is None:
                reading.report(self._unknown(name.text, name.where, reading))
            else:
                for read in reading.attempt(key.value, value):
                    values[key.name] = read
        return values

    def _unknown(self, name: str, where: Position, reading: Reading) -> Refused:
        shown = name if len(name) <= MAX_NAME else name[: MAX_NAME - 3] + "..."
        return Refused(where, f"unknown key '{shown}' in {self.title}", self._hint(name, reading))

    def _hint(self, name: str, reading: Reading) -> str:
        ours = in_our_words(name)
        if ours:
            return ours
        others = [section for section in reading.sections_by_key.get(name, ()) if section != self.title]
        # A near miss of a key that belongs here comes first: 'tables' in 'when' is a slip, not a misplaced fixture.
        near = suggestion(name, self.names, likeness=0.8 if others else 0.6)
        return near or (f"it belongs in {' or '.join(others)}" if others else f"its keys are {', '.join(self.names)}")

    def _missing(self, node: MappingNode, reading: Reading) -> None:
        for key in self.keys:
            if key.required and node.get(key.name) is None:
                reading.report(Refused(node.where, f"{self.title} needs the key '{key.name}'", key.doc))


def _all_of(schemas: Iterable[Schema]) -> Schema:
    """One schema that says what several say."""
    found: Schema = {}
    for schema in schemas:
        for word, said in schema.items():
            known = found.get(word)
            if known is None:
                found[word] = said
            elif isinstance(known, dict) and not known.keys() & said.keys():
                found[word] = {**known, **said}
            else:
                found.setdefault("allOf", []).append({word: said})
    return found


def _field(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


# --- a dataclass as a table

# Under this, a field keeps what is said of its key beside the name and the default
_ROW = "key of the language"


@overload
def key(value: Value[T], doc: str, *, example: str, kind: str = "") -> T: ...


@overload
def key(value: Value[T], doc: str, *, example: str, default: D, left_out: str | None = None, kind: str = "") -> T | D: ...


@overload
def key(
    value: Value[T], doc: str, *, example: str, default_factory: Callable[[], D], left_out: str | None = None, kind: str = ""
) -> T | D: ...


def key(
    value: Value[Any],
    doc: str,
    *,
    example: str,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    left_out: str | None = None,
    kind: str = "",
) -> Any:
    """A field of a dataclass that is a key of the language: how its value is read, what it means, a value as it would be written.
    `default` is the model's where the key is left out; without one it is required. `left_out` says for people what holds then; without
    it, a default that is a word, a whole number or a truth value speaks for itself, and any other means "nothing of the kind"."""
    return field(default=default, default_factory=default_factory, metadata={_ROW: (value, doc, example, left_out, kind)})


def section(
    title: str,
    model: type[T],
    *together: KeysConstraint,
    check: Callable[[Fields, Reading], None] | None = None,
    build: Callable[[Fields, Reading], T] | None = None,
) -> Section[T]:
    """The section that becomes a dataclass, read by the keys among its fields."""
    return Section(title, keys_of(model), build or (lambda fields, reading: fields.build(model)), together, check)


def keys_of(model: type[Any]) -> tuple[Key, ...]:
    """The rows of a dataclass, and of those that it is based on, in the order in which they are declared. A class variable that is a `Key`
    is a row, too, of a key that its model does not hold."""
    names = dict.fromkeys(name for base in reversed(model.__mro__) for name in get_annotations(base))
    known = _fields_of(model)
    rows = (_key(known[name]) if name in known else getattr(model, name, None) for name in names)
    return tuple(row for row in rows if isinstance(row, Key))


def _fields_of(model: Any) -> dict[str, Field[Any]]:
    return {one.name: one for one in fields(model)}


def _key(declared: Field[Any]) -> Key | None:
    """The row of a field, None for one that is no key."""
    if _ROW not in declared.metadata:
        return None
    value, doc, example, left_out, kind = declared.metadata[_ROW]
    word = declared.name.removesuffix("_")
    name = word if declared.name == _field(word) else declared.name
    required = declared.default is MISSING and declared.default_factory is MISSING
    return Key(name, value, doc, example, _speaks(declared.default) if left_out is None else left_out, required, kind)


def _speaks(default: Any) -> str:
    """The text of a default that says for itself what holds; "" for any other."""
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if isinstance(default, str | int) else ""
