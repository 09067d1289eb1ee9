"""Values as the service prints them inside its sentences: Java's `toString` of its own classes.

Seen on the live service: lists as `[a, b]`, maps as `{k=v}`, structures as `KeySchemaElement(attributeName=pk, keyType=HASH)` with
all their members, unset ones as null, and with some that the public model does not have (risingwavelabs/risingwave#17572).
Maps come in the order of Java's hash tables."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from emulator.aws.java_order import in_hash_order
from emulator.aws.services import Service, Shape

# A hostile body can be megabytes; what the service prints of the largest list that it refuses by a little is shorter
MAX_LENGTH = 60_000
# The order of a larger map is left as it came
MAX_ORDERED = 10_000

# The members of values as the service has them, with number types that it has never published
_VALUE_MEMBERS = (
    *("S", "N", "B", "INT", "DECIMAL", "DOUBLE", "SS", "NS", "BS", "INTSET", "DECIMALSET", "DOUBLESET"),
    *("M", "L", "NULL", "BOOL"),
)
# What these have besides their public members, at the end
_PROFILED = frozenset({"PutRequest", "DeleteRequest", "Get", "Put", "Delete", "Update", "ConditionCheck"})


def java_text(service: Service, shape_name: str, value: Any) -> str:
    """No longer than MAX_LENGTH, and no more work than that."""
    pieces: list[str] = []
    left = MAX_LENGTH
    for piece in _pieces(service, shape_name, value, 0):
        pieces.append(piece[:left])
        left -= len(piece)
        if left < 0:
            return "".join([*pieces, "..."])
    return "".join(pieces)


def _pieces(service: Service, shape_name: str | None, value: Any, depth: int) -> Iterator[str]:
    shape = None if shape_name is None else service.shape(shape_name)
    if shape is None or depth > 8 or not isinstance(value, (dict, list)):
        yield _binary(value) if shape is not None and shape.type == "blob" else _scalar(value)
    elif isinstance(value, list):
        yield "["
        for place, element in enumerate(value):
            yield ", " if place else ""
            yield from _pieces(service, shape.member, element, depth + 1)
        yield "]"
    elif shape.type == "map":
        yield "{"
        # Nobody has seen the service print more of them
        for place, key in enumerate(in_hash_order(value) if len(value) <= MAX_ORDERED else value):
            yield f"{', ' if place else ''}{key}="
            yield from _pieces(service, shape.value, value[key], depth + 1)
        yield "}"
    else:
        yield f"{shape.name}("
        yield from _members(service, shape, value, depth + 1)
        yield ")"


def _members(service: Service, shape: Shape, value: dict[str, Any], depth: int) -> Iterator[str]:
    before = ""
    for name in _VALUE_MEMBERS if shape.name == "AttributeValue" else shape.members:
        member = shape.members.get(name)
        yield f"{before}{name[:1].lower()}{name[1:]}="
        before = ", "
        if member is None:
            yield "null"
        else:
            yield from _pieces(service, member.shape, value.get(name), depth)
    if shape.name in _PROFILED:
        yield f"{before}workloadProfileName=null"


def _binary(value: Any) -> str:
    if not isinstance(value, str):
        return _scalar(value)
    try:
        size = len(base64.b64decode(value))
    except binascii.Error:
        return value
    return f"java.nio.HeapByteBuffer[pos=0 lim={size} cap={size}]"


def _scalar(value: Any) -> str:
    if value is True or value is False:
        return str(value).lower()
    return "null" if value is None else str(value)
