"""Several files as one scenario: the checks that no file can do alone, and the merge.

The checks look at nodes, not at what was read from them, so that they find what is wrong even in a file that has other
problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dynafault_dataclass import dataclass
from emulator.scenario.language import FILE, JOINED, ONCE, Scenario, Sections
from emulator.scenario.lint import warn
from emulator.scenario.nodes import MappingNode, Node, ScalarNode, SequenceNode, Source
from emulator.scenario.problems import Position, Problem
from emulator.scenario.reading import suggestion
from emulator.scenario.rules import Rule
from emulator.scenario.saved_files import SavedText
from emulator.scenario.tables import limited

_SINGLE = FILE.names_of(ONCE)
_LISTS = FILE.names_of(JOINED)


@dataclass(slots=True)
class Loaded:
    """One file on its way into a scenario. `depth`: 0 for one that was asked for, 1 for one that it includes, ... `scale` is the
    time scale of the file that includes it."""

    source: Source
    depth: int = 0
    scale: float = 1.0
    root: MappingNode | None = None
    file: Sections | None = None
    parameters: tuple[str, ...] = ()


def check(loaded: list[Loaded]) -> None:
    """Report what does not fit together. Raises Unreadable when there is too much of it."""
    _check_unique(loaded, "tables")
    _check_unique(loaded, "rules")
    _check_unique(loaded, "phases")
    _check_known(loaded, "expect", "rule", "rules")
    _check_known(loaded, "rules", "in", "phases")
    _check_opened(loaded)
    _check_known(loaded, "backups", "table", "tables")
    for key in _SINGLE:
        _check_single(loaded, key)


def merge(loaded: list[Loaded]) -> Scenario:
    """The scenario of files that were all read and fit together."""
    files = [(one, one.file) for one in loaded if one.file is not None]
    _warn(files)
    asked = [file for one, file in files if one.depth == 0]
    values: dict[str, Any] = {key: tuple(part for _, file in files for part in getattr(file, key)) for key in _LISTS}
    values["tables"] = tuple(limited(table, values["throughput"]) for table in values["tables"])
    wheres: dict[str, Position] = {}
    for key in _SINGLE:
        for one in _saying(loaded, key)[:1]:
            values[key] = getattr(one.file, key)
            wheres[key] = _node(one, key).where
    return Scenario(
        name=" + ".join(file.name for file in asked if file.name),
        description="\n".join(file.description for file in asked if file.description),
        files=tuple(one.source.file for one, _ in files),
        beside=tuple(dict.fromkeys(name for one, _ in files for name in one.source.beside)),
        texts=tuple(SavedText(one.source.file, one.source.text, one.depth, one.scale, tuple(one.source.items)) for one, _ in files),
        wheres=wheres,
        warnings=tuple(sorted(warning for one, _ in files for warning in one.source.warnings)),
        **values,
    )


def _warn(files: list[tuple[Loaded, Sections]]) -> None:
    tables = {table.name: table for _, file in files for table in file.tables}
    hiding: list[Rule] = []
    for one, file in files:
        warn(one.source, file.rules, file.throughput, hiding, tables)


def _node(one: Loaded, key: str) -> Node:
    node = None if one.root is None else one.root.get(key)
    assert node is not None
    return node


def _saying(loaded: list[Loaded], key: str) -> list[Loaded]:
    """The files that say something about a key, the outermost first."""
    found = [one for one in loaded if one.root is not None and one.root.get(key) is not None]
    return sorted(found, key=lambda one: one.depth)


def _check_single(loaded: list[Loaded], key: str) -> None:
    saying = _saying(loaded, key)
    for other in saying[1:]:
        if other.depth == saying[0].depth:
            place = _node(saying[0], key).where
            other.source.report(_node(other, key).where, f"'{key}' is said twice", f"first at {place}; one run has one")


def _children(one: Loaded, kind: str) -> Iterator[MappingNode]:
    """The mappings below a top-level key, whether or not they could be read."""
    node = None if one.root is None else one.root.get(kind)
    if isinstance(node, SequenceNode):
        yield from (item for item in node.items if isinstance(item, MappingNode))


def _named(loaded: list[Loaded], kind: str, key: str = "name") -> Iterator[tuple[Source, ScalarNode]]:
    """What stands under a key of each mapping below a top-level key: one name, or a list of names."""
    for one in loaded:
        for child in _children(one, kind):
            value = child.get(key)
            for name in value.items if isinstance(value, SequenceNode) else (value,):
                if isinstance(name, ScalarNode):
                    yield one.source, name


def _check_unique(loaded: list[Loaded], kind: str) -> None:
    first: dict[str, Position] = {}
    for source, name in _named(loaded, kind):
        earlier = first.get(name.text)
        if earlier is None:
            first[name.text] = name.where
        else:
            place = f"in line {earlier.line}" if earlier.file == source.file else f"at {earlier}"
            source.report(name.where, f"the {kind[:-1]} '{name.text[:64]}' is here twice", f"first {place}")


def _check_known(loaded: list[Loaded], kind: str, key: str, among: str) -> None:
    known = {name.text for _, name in _named(loaded, among)}
    for source, name in _named(loaded, kind, key):
        _check_name(source, name.where, name.text, known, among)


def _check_name(source: Source, where: Position, name: str, known: set[str], among: str) -> None:
    if name not in known:
        hint = suggestion(name, sorted(known)) or (f"they are {', '.join(sorted(known)[:10])}" if known else f"'{among}' has none")
        source.report(where, f"there is no {among[:-1]} '{name[:64]}'", hint)


def _check_opened(loaded: list[Loaded]) -> None:
    """The phases that `opened` speaks of."""
    phases = {name.text for _, name in _named(loaded, "phases")}
    for one in loaded:
        for child in _children(one, "rules"):
            when = child.get("when")
            node = when.get("opened") if isinstance(when, MappingNode) else None
            if isinstance(node, ScalarNode) and node.text.startswith(("before ", "after ")):
                name = node.text.partition(" ")[2].strip()
                _check_name(one.source, node.where, name, phases, "phases")


def unknown_parameters(loaded: list[Loaded], given: Iterator[str]) -> Iterator[Problem]:
    """A problem for each parameter that was given and that no file declares."""
    known = [name for one in loaded for name in one.parameters]
    for name in given:
        if name not in known:
            hint = suggestion(name, known) or "a scenario declares its parameters under 'parameters'"
            yield Problem("<parameters>", 1, 1, f"unknown parameter '{name[:64]}'", hint)
