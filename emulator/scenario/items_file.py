"""`items: {file: orders.jsonl}`: items in a file of their own, one JSON object in each line, for more than a scenario holds.

The objects mean what they mean in a scenario: plain values and typed ones. Numbers keep all their digits.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from emulator.scenario.items import StoredItem, Typed
from emulator.scenario.nodes import MAX_DEPTH, MAX_SCALAR, MappingNode, Node, ScalarNode, SequenceNode
from emulator.scenario.problems import Position, Problem
from emulator.scenario.reading import Reading, Refused, Reported
from emulator.scenario.saved_files import ItemsFile
from emulator.scenario.scalars import ScalarKind
from emulator.scenario.sources import is_within

MAX_BYTES = 256 * 1024 * 1024
MAX_PROBLEMS = 20


class _Number(str):
    """A JSON number as it is written."""


def read_items(name: str, where: Position, reading: Reading) -> tuple[Typed, ...]:
    """The items of a file, which lies beside or below the scenario. Raises Refused or Reported."""
    if reading.apart:
        return _saved_items(name, reading)
    if reading.folder is None:
        raise Refused(where, "only a scenario in a file can have its items in another", "write the items here")
    if not is_within(reading.folder, name):
        raise Refused(where, f"'{name[:100]}' lies outside the folder of this file", "items lie beside or below the scenario")
    path = reading.folder / name
    reading.source.beside.append(str(path))
    content = _content(path, where)
    reading.source.items.append(ItemsFile(name, str(path), digest_of(content)))
    return _read(str(path), _lines(path, content, where), reading)


def digest_of(content: bytes) -> str:
    """A digest by which the same content of a file is recognised."""
    return sha256(content).hexdigest()


def _saved_items(name: str, reading: Reading) -> tuple[Typed, ...]:
    saved = next((saved for saved in reading.source.items if saved.name == name), None)
    if saved is None or saved.text is None:
        reading.source.beside.append(name if saved is None else saved.path)
        return ()
    return _read(saved.path, saved.text.split("\n"), reading)


def _read(file: str, lines: list[str], reading: Reading) -> tuple[Typed, ...]:
    found, wrong = [], 0
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_item(line, Position(file, number, 1), reading))
            except Refused as refusal:
                wrong += 1
                reading.source.problems.append(Problem(file, number, 1, refusal.message, refusal.hint, line[:1000]))
            except Reported:
                wrong += 1
        if wrong >= MAX_PROBLEMS:
            break
    if wrong:
        raise Reported
    return tuple(found)


def _content(path: Path, where: Position) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused(where, f"'{path}' is too large", f"at most {MAX_BYTES:,} bytes are read")
        return path.read_bytes()
    except OSError as error:
        raise Refused(where, f"'{path}' cannot be read: {error.strerror}") from None


def _lines(path: Path, content: bytes, where: Position) -> list[str]:
    try:
        # Not splitlines(): U+2028 and its like may stand inside a JSON text.
        return text_of(content).split("\n")
    except UnicodeDecodeError:
        raise Refused(where, f"'{path}' cannot be read: not UTF-8 text") from None


def text_of(content: bytes) -> str:
    """What the bytes of a file of items say. Raises UnicodeDecodeError."""
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def _item(line: str, where: Position, reading: Reading) -> Typed:
    if len(line) > 4 * MAX_SCALAR:
        raise Refused(where, f"a line of {len(line):,} characters", "no item is so large")
    try:
        value = json.loads(line, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise Refused(where, f"not a JSON object: {error}") from None
    return StoredItem().read(_node(value, where), reading)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands here twice")
    return found


def _node(value: Any, where: Position, depth: int = 1) -> Node:
    if depth > MAX_DEPTH:
        raise Refused(where, f"values are nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        entries = tuple((ScalarNode(name, ScalarKind.TEXT, where, True), _node(child, where, depth + 1)) for name, child in value.items())
        return MappingNode(entries, where, where)
    if isinstance(value, list):
        return SequenceNode(tuple(_node(child, where, depth + 1) for child in value), where)
    if value is None:
        return ScalarNode("null", ScalarKind.NULL, where)
    if isinstance(value, bool):
        return ScalarNode("true" if value else "false", ScalarKind.FLAG, where)
    return ScalarNode(
        str(value), ScalarKind.NUMBER if isinstance(value, _Number) else ScalarKind.TEXT, where, not isinstance(value, _Number)
    )
