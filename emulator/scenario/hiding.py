"""A scenario's text without the values of some attributes, so that it can be kept and still be read: in items, and in the keys that rules
are about."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator

import yaml

# Where a scenario speaks of items: `key` does so in conditions, and names types in tables
_HOLDERS = frozenset({"items"})
_IN_CONDITIONS = frozenset({"key", "keys"})
_CONDITIONS = frozenset({"when", "expect"})
_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"})
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_FLAGS = frozenset({"tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"})
# (attribute, value) -> what tells the value from others
Number = Callable[[str, str], int]


def hidden_text(text: str, hides: Callable[[str], bool], number: Number) -> str:
    """The text with other values, of the same types, in place of those of attributes that `hides` says yes to."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return ""
    found = sorted(_found(root, hides), key=lambda one: one[1].start_mark.index)
    parts, end = [], 0
    for name, node, kind in found:
        parts += [text[end : node.start_mark.index], _instead(node, kind, number(name, node.value))]
        end = node.end_mark.index
    return "".join([*parts, text[end:]])


def hidden_values(text: str, hides: Callable[[str], bool]) -> set[str]:
    """What `hidden_text` leaves out."""
    try:
        return {node.value for _, node, _ in _found(yaml.compose(text, Loader=yaml.SafeLoader), hides)}
    except yaml.YAMLError:
        return set()


def _found(root: yaml.Node | None, hides: Callable[[str], bool]) -> Iterator[tuple[str, yaml.ScalarNode, str]]:
    """The scalars to hide, each with its attribute and the type that stands before it, as far as one does."""
    pending: list[tuple[yaml.Node | None, str, str, bool, frozenset[str]]] = [(root, "", "", False, _HOLDERS)]
    while pending:
        one, attribute, kind, is_within, holders = pending.pop()
        if isinstance(one, yaml.ScalarNode) and attribute and one.tag not in _FLAGS:
            yield attribute, one, kind
        elif isinstance(one, yaml.SequenceNode):
            pending += [(member, attribute, kind, is_within, holders) for member in one.value]
        elif isinstance(one, yaml.MappingNode):
            for key, member in one.value:
                word = str(key.value)
                hidden = attribute or (word if is_within and word not in _TYPES and hides(word) else "")
                below = holders | _IN_CONDITIONS if word in _CONDITIONS else holders
                pending.append((member, hidden, word if word in _TYPES else "", is_within or word in holders, below))


def _instead(node: yaml.ScalarNode, kind: str, number: int) -> str:
    shown = "***" if number == 1 else f"***{number}"
    if kind in ("N", "NS") or (not kind and node.tag in _NUMBERS):
        return str(number)
    return f'"{b64encode(shown.encode()).decode()}"' if kind in ("B", "BS") else f'"{shown}"'
