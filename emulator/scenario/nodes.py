"""YAML text as a tree of nodes that know where they stand: the only module that talks to PyYAML.

Events are read, not objects: no tag can build anything, the depth and the number of nodes are bounded while reading, and
what an alias stands for counts each time that it is used. Any break of these bounds ends the reading at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any

import yaml

from dynafault_dataclass import dataclass
from emulator.scenario.problems import Position, Problem
from emulator.scenario.saved_files import ItemsFile
from emulator.scenario.scalars import ScalarKind, kind_of

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 64
MAX_NODES = 200_000
MAX_SCALAR = 400_000  # an item may not be larger
MAX_PROBLEMS = 200

_TOO_DEEP = f"values are nested more than {MAX_DEPTH} deep"
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class ScalarNode:
    text: str
    kind: ScalarKind
    where: Position
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class SequenceNode:
    items: tuple[Node, ...]
    where: Position


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Entries in the order of the file; keys are unique."""

    entries: tuple[tuple[ScalarNode, Node], ...]
    where: Position
    end: Position

    def get(self, name: str) -> Node | None:
        return next((value for key, value in self.entries if key.text == name), None)


Node = ScalarNode | SequenceNode | MappingNode


def describe(node: Node) -> str:
    """What a node is, for the sentence "expected ..., got ..."."""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a mapping"
    if node.kind is ScalarKind.NULL:
        return "nothing"
    shown = node.text if len(node.text) <= 40 else node.text[:37] + "..."
    return f"the number {shown}" if node.kind is ScalarKind.NUMBER else repr(shown)


class Unreadable(Exception):
    """Reading cannot go on; the problem has been reported to the source."""


@dataclass(slots=True)
class Source:
    """The text of one file, and what is wrong with it."""

    file: str
    text: str
    lines: list[str] = field(init=False)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    # Where unknown parameters stand
    unfilled: set[Position] = field(default_factory=set)
    # Other files whose contents it takes in
    beside: list[str] = field(default_factory=list)
    items: list[ItemsFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = _LINE_BREAK.split(self.text)

    def report(self, where: Position, message: str, hint: str = "") -> None:
        """Add a problem. Raises Unreadable once there are more than anybody reads: a file of nothing but mistakes must not keep us busy."""
        if len(self.problems) >= MAX_PROBLEMS:
            raise Unreadable
        self.problems.append(self.problem(where, message, hint))

    def warn(self, where: Position, message: str, hint: str = "") -> None:
        self.warnings.append(self.problem(where, message, hint))

    def problem(self, where: Position, message: str, hint: str = "") -> Problem:
        line = self.lines[where.line - 1] if where.file == self.file and where.line <= len(self.lines) else ""
        return Problem(where.file, where.line, where.column, message, hint, line)

    def excerpt(self, node: MappingNode) -> str:
        """The text that a mapping was written as, on one line, for people to recognise it by."""
        first, last = node.where, node.end
        lines = self.lines[first.line - 1 : last.line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: last.column - 1]
        lines[0] = lines[0][first.column - 1 :]
        return " ".join(" ".join(lines).split())


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen. `parts` alternates keys and values for a mapping."""

    anchor: str | None
    where: Position
    is_mapping: bool
    parts: list[Node] = field(default_factory=list)
    count: int = 1


def read_nodes(source: Source) -> Node:
    """The tree of the only document of a source. Raises Unreadable for text that has none; duplicate keys and the like are
    reported to the source, and the first of them stands."""
    if len(source.text) > MAX_CHARACTERS:
        _stop(source, Position(source.file, 1, 1), f"the file has {len(source.text):,} characters", f"at most {MAX_CHARACTERS:,} are read")
    return _Reader(source).read()


def _stop(source: Source, where: Position, message: str, hint: str = "") -> None:
    source.report(where, message, hint)
    raise Unreadable


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._root: Node | None = None
        self._total = 0
        self._last: Position = Position(source.file, 1, 1)

    def read(self) -> Node:
        for event in self._events():
            if isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
                self._fail(event, "a second document begins here", "one file holds one scenario")
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
        if self._root is None:
            _stop(self._source, Position(self._source.file, 1, 1), "the file is empty", "a scenario starts with 'version: 1'")
        assert self._root is not None
        return self._root

    def _events(self) -> Iterator[Any]:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            yield from yaml.parse(self._source.text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            self._explain(error)
        except yaml.reader.ReaderError as error:
            before = self._source.text[: error.position]
            lines = _LINE_BREAK.split(before)
            where = Position(self._source.file, len(lines), len(lines[-1]) + 1)
            _stop(
                self._source,
                where,
                f"the character U+{_code(error.character):04X} is not allowed in YAML",
                "write it as an escape in quotes",
            )

    def _explain(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        where = self._position(mark) if mark else Position(self._source.file, 1, 1)
        # PyYAML reads ahead, and since 6.0.4 it has a limit of its own, which far too deep a text meets before ours
        if "nesting" in (error.problem or ""):
            _stop(self._source, where, _TOO_DEEP)
        message = ", ".join(part for part in (error.context, error.problem) if part) or "this is not YAML"
        line = self._source.lines[where.line - 1] if where.line <= len(self._source.lines) else ""
        _stop(self._source, where, f"not YAML: {message}", _syntax_hint(line, message))

    def _node(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._alias(event)
            return
        if event.tag is not None:
            self._source.report(
                self._position(event.start_mark), f"the tag '{event.tag}' is not part of the language", "quotes make a value text"
            )
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        else:
            self._begin(event)

    def _alias(self, event: Any) -> None:
        self._last = self._position(event.end_mark)
        known = self._anchors.get(event.anchor)
        if known is None:
            self._fail(
                event, f"there is no complete value with the anchor '&{event.anchor}' before this", "an alias repeats an earlier value"
            )
        else:
            self._add(event, *known)

    def _scalar(self, event: Any) -> None:
        if len(event.value) > MAX_SCALAR:
            self._fail(event, f"a value of {len(event.value):,} characters", f"at most {MAX_SCALAR:,} are read")
        quoted = not event.implicit[0]
        kind = ScalarKind.TEXT if quoted else kind_of(event.value)
        node = ScalarNode(event.value, kind, self._position(event.start_mark), quoted)
        self._last = self._position(event.end_mark)
        self._add(event, node, 1)
        self._anchor(event.anchor, node, 1)

    def _begin(self, event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._fail(event, _TOO_DEEP)
        self._open.append(_Open(event.anchor, self._position(event.start_mark), isinstance(event, yaml.MappingStartEvent)))

    def _close(self, event: Any) -> None:
        done = self._open.pop()
        # A block has no closing mark of its own: it ends where the last value in it does.
        if event.start_mark.index != event.end_mark.index:
            self._last = self._position(event.end_mark)
        if done.is_mapping:
            node: Node = MappingNode(self._entries(done.parts), done.where, self._last)
        else:
            node = SequenceNode(tuple(done.parts), done.where)
        self._total -= done.count - 1
        self._add(event, node, done.count)
        self._anchor(done.anchor, node, done.count)

    def _add(self, event: Any, node: Node, count: int) -> None:
        self._total += count
        if self._total > MAX_NODES:
            self._fail(event, f"more than {MAX_NODES:,} values, each alias counted as what it stands for")
        if self._open:
            self._open[-1].parts.append(node)
            self._open[-1].count += count
        else:
            self._root = node

    def _anchor(self, name: str | None, node: Node, count: int) -> None:
        if name is not None:
            self._anchors[name] = (node, count)

    def _entries(self, parts: list[Node]) -> tuple[tuple[ScalarNode, Node], ...]:
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self._source.report(key.where, f"a key must be text, not {describe(key)}")
            elif key.text == "<<" and not key.quoted:
                self._source.report(key.where, "merge keys ('<<') are not part of the language", "write the keys out")
            elif key.text in entries:
                first = entries[key.text][0].where
                self._source.report(key.where, f"the key {describe(key)} stands here twice", f"first in line {first.line}")
            else:
                entries[key.text] = (key, value)
        return tuple(entries.values())

    def _position(self, mark: Any) -> Position:
        return Position(self._source.file, mark.line + 1, mark.column + 1)

    def _fail(self, event: Any, message: str, hint: str = "") -> None:
        _stop(self._source, self._position(event.start_mark), message, hint)


def _code(character: Any) -> int:
    return ord(character) if isinstance(character, str) else int(character)


# What is meant by what YAML's parser says, for the slips that are made most
_SYNTAX_HINTS = {
    "mapping values are not allowed": "text with ': ' in it needs quotes; keys of one mapping stand below each other",
    "expected ',' or '}'": "a comma is missing, or the '}' that closes the mapping",
    "expected ',' or ']'": "a comma is missing, or the ']' that closes the list",
    "expected key": "keys of one mapping stand below each other",
    "expected '-' indicator": "elements of one list stand below each other, each with its '- '",
    "expected ':'": "a key ends with ': '",
    "cannot start any token": "text that begins with this character needs quotes",
    "quoted scalar": "a quote is not closed",
    "block sequence entries are not allowed": "a list begins on a line of its own",
}


def _syntax_hint(line: str, message: str) -> str:
    if "${" in line:
        return 'inside {...} or [...] a parameter needs quotes: "${name}"'
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "YAML is indented with spaces, not tabs"
    return next((hint for said, hint in _SYNTAX_HINTS.items() if said in message), "")
