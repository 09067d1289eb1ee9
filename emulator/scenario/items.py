"""Items as people write them: plain YAML values become S, N, BOOL, NULL, L and M; a mapping with a single key that is the
name of a type, such as `{SS: [a, b]}` or `{B: aGk=}`, is a typed value.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values import normalise_item
from emulator.scenario.nodes import MappingNode, Node, ScalarNode, SequenceNode
from emulator.scenario.reading import Reading, Refused, Reported, Schema, refuse
from emulator.scenario.scalars import ScalarKind, flag

Typed = dict[str, Any]

_SHAPE = "an attribute's value"


def _number(node: Node) -> str:
    if not isinstance(node, ScalarNode) or node.kind not in (ScalarKind.NUMBER, ScalarKind.TEXT):
        refuse(node, "a number")
    try:
        number = Decimal(node.text)
    except ArithmeticError:
        refuse(node, "a number")
    if not number.is_finite():
        refuse(node, "a number")
    return node.text


def _text(node: Node) -> str:
    if not isinstance(node, ScalarNode) or node.kind is not ScalarKind.TEXT:
        refuse(node, "text", f"quotes make it text: '{node.text[:40]}'" if isinstance(node, ScalarNode) else "")
    return node.text


def _binary(node: Node) -> str:
    text = _text(node)
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        refuse(node, "bytes in base64")
    return text


def _flag(node: Node) -> bool:
    if not isinstance(node, ScalarNode) or node.kind is not ScalarKind.FLAG:
        refuse(node, "true or false")
    return flag(node.text)


def _null(node: Node) -> bool:
    if _flag(node) is not True:
        refuse(node, "true")
    return True


def _set_of(element: Callable[[Node], str]) -> Callable[[Node], list[str]]:
    def read(node: Node) -> list[str]:
        if not isinstance(node, SequenceNode) or not node.items:
            refuse(node, "a list with at least one element")
        return [element(item) for item in node.items]

    return read


def _list(node: Node) -> list[Typed]:
    if not isinstance(node, SequenceNode):
        refuse(node, "a list")
    return [typed(item) for item in node.items]


def _map(node: Node) -> dict[str, Typed]:
    if not isinstance(node, MappingNode):
        refuse(node, "a mapping")
    return {key.text: typed(value) for key, value in node.entries}


_TYPES: dict[str, Callable[[Node], Any]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": _flag,
    "NULL": _null,
    "SS": _set_of(_text),
    "NS": _set_of(_number),
    "BS": _set_of(_binary),
    "L": _list,
    "M": _map,
}


def typed(node: Node) -> Typed:
    """A value in wire form. Raises Refused."""
    if isinstance(node, MappingNode):
        if len(node.entries) == 1 and (name := node.entries[0][0].text) in _TYPES:
            return {name: _TYPES[name](node.entries[0][1])}
        return {"M": _map(node)}
    if isinstance(node, SequenceNode):
        return {"L": _list(node)}
    return _scalar(node)


def _scalar(node: ScalarNode) -> Typed:
    if node.kind is ScalarKind.TEXT:
        return {"S": node.text}
    if node.kind is ScalarKind.NUMBER:
        return {"N": node.text}
    if node.kind is ScalarKind.FLAG:
        return {"BOOL": flag(node.text)}
    if node.kind is ScalarKind.NULL:
        return {"NULL": True}
    raise Refused(node.where, f"readers of YAML do not agree on what {node.text[:40]} is", f"quotes make it text: '{node.text[:40]}'")


class ItemValue:
    """An item: a mapping of attribute names to values; in wire form once read."""

    shape = "an item: a mapping of attribute names to values, such as {customer: ada, order: 1}"

    def read(self, node: Node, reading: Reading) -> dict[str, Typed]:
        if not isinstance(node, MappingNode):
            refuse(node, self.shape)
        item: dict[str, Typed] = {}
        for name, value in node.entries:
            try:
                item[name.text] = typed(value)
            except Refused as refusal:
                reading.report(refusal)
        if len(item) < len(node.entries):
            raise Reported
        return item

    def schema(self) -> Schema:
        # Plain values and typed ones alike; what no table can hold only the reader knows.
        return {"type": "object"}


class StoredItem:
    """An item that is valid by the service's own rules, numbers normalised."""

    shape = ItemValue.shape

    def read(self, node: Node, reading: Reading) -> dict[str, Typed]:
        item = ItemValue().read(node, reading)
        try:
            return normalise_item(item)
        except ServiceError as error:
            raise Refused(node.where, f"no table can hold this item: {error.message}") from None

    def schema(self) -> Schema:
        return ItemValue().schema()
