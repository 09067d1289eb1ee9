"""`parameters`: names with defaults, and `${name}` in any scalar. `$${name}` stands for the text `${name}`.

A scalar that is nothing but `${name}` takes the parameter's value with its kind, so that a number stays a number; inside
other text the value is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.scenario.nodes import MAX_CHARACTERS, MappingNode, Node, ScalarNode, SequenceNode, Source, Unreadable
from emulator.scenario.reading import suggestion
from emulator.scenario.scalars import ScalarKind, kind_of

Value = str | int | float | bool

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]{0,200})\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


def declared(root: MappingNode, source: Source) -> dict[str, ScalarNode]:
    """The parameters that a file declares, with their defaults. What is wrong with them is reported."""
    node = root.get("parameters")
    if node is None:
        return {}
    if not isinstance(node, MappingNode):
        source.report(node.where, "expected parameters with their defaults", "parameters: {table: orders}")
        return {}
    found = {}
    for name, default in node.entries:
        if not _NAME.fullmatch(name.text):
            source.report(name.where, f"'{name.text[:64]}' is no name for a parameter", "letters, digits, '_' and '-', a letter first")
        elif not isinstance(default, ScalarNode) or default.kind is ScalarKind.NULL:
            source.report(default.where, f"the parameter '{name.text}' needs a default", "one text, number or truth value")
        else:
            found[name.text] = default
    return found


def overridden(defaults: Mapping[str, ScalarNode], given: Mapping[str, Value]) -> dict[str, ScalarNode]:
    """The values to use: what was given for a declared name, else its default."""
    return {name: _given(default, given[name]) if name in given else default for name, default in defaults.items()}


def _given(default: ScalarNode, value: Value) -> ScalarNode:
    if isinstance(value, bool):
        return ScalarNode("true" if value else "false", ScalarKind.FLAG, default.where)
    if isinstance(value, int | float):
        return ScalarNode(str(value), kind_of(str(value)), default.where)
    # A command line has only text, so the default says what kind of value is meant.
    return ScalarNode(value, ScalarKind.TEXT if default.kind is ScalarKind.TEXT else kind_of(value), default.where)


class Substitution:
    """Puts values in the place of references. Raises Unreadable when the text would grow beyond what a file may have."""

    def __init__(self, values: Mapping[str, ScalarNode], source: Source) -> None:
        self._values = values
        self._source = source
        self._written = 0

    def apply(self, node: Node) -> Node:
        if isinstance(node, ScalarNode):
            return self._scalar(node) if "${" in node.text else node
        if isinstance(node, SequenceNode):
            return SequenceNode(tuple(self.apply(item) for item in node.items), node.where)
        return self.mapping(node)

    def mapping(self, node: MappingNode) -> MappingNode:
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in node.entries:
            name = self._scalar(key) if "${" in key.text else key
            if name.text in entries:
                self._source.report(key.where, f"the key '{name.text[:64]}' stands here twice once its parameters are filled in")
            entries[name.text] = (name, self.apply(value))
        return MappingNode(tuple(entries.values()), node.where, node.end)

    def _scalar(self, node: ScalarNode) -> ScalarNode:
        whole = _REFERENCE.fullmatch(node.text)
        if whole is not None and whole[1] is not None:
            value = self._values.get(whole[1])
            if value is None:
                self._unknown(node, whole[1])
                return node
            return ScalarNode(value.text, value.kind, node.where, value.quoted)
        text = _REFERENCE.sub(lambda found: self._text(node, found), node.text)
        self._written += len(text)
        if self._written > MAX_CHARACTERS:
            self._source.report(
                node.where, "with its parameters filled in the file is too large", f"at most {MAX_CHARACTERS:,} characters are read"
            )
            raise Unreadable
        return ScalarNode(text, ScalarKind.TEXT if node.quoted else kind_of(text), node.where, node.quoted)

    def _text(self, node: ScalarNode, found: re.Match[str]) -> str:
        if found[1] is None:
            return "${"
        value = self._values.get(found[1])
        if value is None:
            self._unknown(node, found[1])
        return "" if value is None else value.text

    def _unknown(self, node: ScalarNode, name: str) -> None:
        hint = suggestion(name, tuple(self._values)) or "it is not among the file's 'parameters'; a literal '${' is written '$${'"
        self._source.unfilled.add(node.where)
        self._source.report(node.where, f"unknown parameter '{name[:64]}'", hint)
