"""Values as the service prints them inside its sentences: Java's `toString` of its own classes.

Seen on the live service: lists as `[a, b]`, maps as `{k=v}`, structures as `KeySchemaElement(attributeName=pk, keyType=HASH)` with
all their members, unset ones as null, and with some that the public model does not have (risingwavelabs/risingwave#17572).
Maps come in the order of Java's hash tables."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from emulator.aws.java_order import in_hash_order
from emulator.aws.services import Service, Shape

# A hostile body can be megabytes; what the service prints of the largest list that it refuses by a little is shorter
LONGEST = 60_000

# The members of values as the service has them, with number types that it has never published
_VALUE_MEMBERS = (
    *("S", "N", "B", "INT", "DECIMAL", "DOUBLE", "SS", "NS", "BS", "INTSET", "DECIMALSET", "DOUBLESET"),
    *("M", "L", "NULL", "BOOL"),
)
# What these have besides their public members, at the end
_PROFILED = frozenset({"PutRequest", "DeleteRequest", "Get", "Put", "Delete", "Update", "ConditionCheck"})


def java_text(service: Service, shape_name: str, value: Any) -> str:
    text = _text(service, shape_name, value, 0)
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def _text(service: Service, shape_name: str | None, value: Any, depth: int) -> str:
    shape = None if shape_name is None else service.shape(shape_name)
    if shape is None or depth > 8 or not isinstance(value, (dict, list)):
        return _binary(value) if shape is not None and shape.type == "blob" else _scalar(value)
    if isinstance(value, list):
        return f"[{', '.join(_text(service, shape.member, element, depth + 1) for element in value[:LONGEST])}]"
    if shape.type == "map":
        return f"{{{', '.join(f'{key}={_text(service, shape.value, value[key], depth + 1)}' for key in in_hash_order(value))}}}"
    return f"{shape.name}({', '.join(_members(service, shape, value, depth + 1))})"


def _members(service: Service, shape: Shape, value: dict[str, Any], depth: int) -> Iterable[str]:
    for name in _VALUE_MEMBERS if shape.name == "AttributeValue" else shape.members:
        member = shape.members.get(name)
        text = "null" if member is None else _text(service, member.shape, value.get(name), depth)
        yield f"{name[:1].lower()}{name[1:]}={text}"
    if shape.name in _PROFILED:
        yield "workloadProfileName=null"


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
