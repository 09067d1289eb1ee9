"""How a tree of nodes becomes values: one reader per kind of value, and a problem for everything else.

A `Value` reads one node, or raises `Refused` with the place and the reason. What reads several goes on after a refusal, so that all
problems of a file come at once, and raises `Reported` when it has told of at least one.

A mapping with known keys is a section, and a section is declared as the dataclass that it becomes: each field is a key of the language,
`key(...)` says how its value is read and what it means, and `section(...)` makes the reader of it (`sections.py`); what keys say of each
other are the values of `constraints.py`. The dataclass stands in the module of its section, not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from dynafault_dataclass import dataclass
from emulator.scenario.nodes import MappingNode, Node, SequenceNode, Source, describe
from emulator.scenario.problems import Position

K = TypeVar("K")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_NAME = 64

Schema = dict[str, Any]

# A reference to a parameter may stand for any scalar
PARAMETER: Schema = {"type": "string", "pattern": r"\$\{"}


def or_parameter(schema: Schema) -> Schema:
    return {"anyOf": [schema, PARAMETER]}


class Refused(Exception):
    """A node that cannot be read as what it should be."""

    def __init__(self, where: Position, message: str, hint: str = "") -> None:
        self.where = where
        self.message = message
        self.hint = hint
        super().__init__(message)


class Reported(Exception):
    """A node that cannot be read; its problems have been reported."""


class Value(Protocol[T_co]):
    """A kind of value. `shape` says in a few words what may stand there. All readers of values have these three."""

    @property
    def shape(self) -> str: ...

    def read(self, node: Node, reading: Reading) -> T_co: ...

    def schema(self) -> Schema:
        """The same in JSON Schema, as far as that can say it."""
        ...


def refuse(node: Node, shape: str, hint: str = "") -> NoReturn:
    raise Refused(node.where, f"expected {shape}, got {describe(node)}", hint)


def suggestion(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The hint "did you mean ...?", or "" where nothing is near. `likeness` from 0 to 1 says how near it must be."""
    # Most starts have nothing to suggest
    from difflib import get_close_matches

    words = {word.lower(): word for word in known}
    near = get_close_matches(name[:MAX_NAME].lower(), words, n=1, cutoff=likeness)
    return f"did you mean '{words[near[0]]}'?" if near else ""


@dataclass(slots=True)
class Reading:
    """The reading of one source. `sections_by_key` tells for each key of the language in which sections it may stand; `time_scale` is
    what the durations of the scenario are multiplied by; `folder` is where the file lies, None for what is no file. `apart`: the
    text was saved without the files beside it, so items in files of their own are those that were saved with it. `refused` counts what
    could not be read."""

    source: Source
    sections_by_key: dict[str, tuple[str, ...]]
    time_scale: float = 1.0
    folder: Path | None = None
    apart: bool = False
    refused: int = 0

    def attempt(self, value: Value[T], node: Node) -> tuple[T, ...]:
        """What the node says, or an empty tuple once its problems have been reported."""
        try:
            return (value.read(node, self),)
        except Refused as refusal:
            self.report(refusal)
        except Reported:
            self.refused += 1
        return ()

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Report what is refused inside the `with`, and go on behind it, so that one problem does not hide the next."""
        try:
            yield
        except Refused as refusal:
            self.report(refusal)

    def report(self, refusal: Refused) -> None:
        self.refused += 1
        # What stands for an unknown parameter is no value of any kind, which need not be said again
        if refusal.where not in self.source.unfilled:
            self.source.report(refusal.where, refusal.message, refusal.hint)


def read_each(parts: Iterable[tuple[Value[T], Node]], reading: Reading) -> tuple[T, ...]:
    """Read nodes, each by its own reader. Raises Reported if any of them was refused, once all of them have been read."""
    parts = tuple(parts)
    found = tuple(value for reader, node in parts for value in reading.attempt(reader, node))
    if len(found) < len(parts):
        raise Reported
    return found


def read_pairs(node: MappingNode, name: Value[K], value: Value[T], reading: Reading) -> tuple[tuple[K, T], ...]:
    """Read the entries of a mapping whose keys have a form of their own. Raises Reported if any was refused, once all have been read."""
    found = []
    for key, written in node.entries:
        pair = (reading.attempt(name, key), reading.attempt(value, written))
        found += [(one, other) for one in pair[0] for other in pair[1]]
    if len(found) < len(node.entries):
        raise Reported
    return tuple(found)


def _as_list(node: Node) -> str:
    """The hint for what stands where a list should."""
    if isinstance(node, MappingNode):
        return "each element of a list begins with '- '"
    written = getattr(node, "text", "")
    if not written:
        return "leave the key out, or write []"
    return f"a list of one: [{written}]" if len(written) <= 60 else ""


@dataclass(frozen=True)
class ListOf(Generic[T]):
    """A list, its elements read alike."""

    element: Value[T]
    maximum: int = 10_000
    minimum: int = 0

    @property
    def shape(self) -> str:
        return f"a list; each: {self.element.shape}"

    def read(self, node: Node, reading: Reading) -> tuple[T, ...]:
        if not isinstance(node, SequenceNode):
            refuse(node, self.shape, _as_list(node))
        if not self.minimum <= len(node.items) <= self.maximum:
            raise Refused(node.where, f"the list has {len(node.items)} elements", f"{self.minimum} to {self.maximum:,} may stand here")
        return read_each(((self.element, item) for item in node.items), reading)

    def schema(self) -> Schema:
        return {"type": "array", "items": self.element.schema(), "minItems": self.minimum, "maxItems": self.maximum}


@dataclass(frozen=True)
class OneOrMany(Generic[T]):
    """An element, or a list of such elements; a tuple either way."""

    element: Value[T]
    maximum: int = 100

    @property
    def shape(self) -> str:
        return f"{self.element.shape}, or a list of such"

    def read(self, node: Node, reading: Reading) -> tuple[T, ...]:
        if isinstance(node, SequenceNode):
            return ListOf(self.element, self.maximum, minimum=1).read(node, reading)
        return (self.element.read(node, reading),)

    def schema(self) -> Schema:
        return {"anyOf": [self.element.schema(), ListOf(self.element, self.maximum, minimum=1).schema()]}
