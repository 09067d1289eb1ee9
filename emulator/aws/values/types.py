"""The shape of DynamoDB values: names of the types, nothing else."""

from __future__ import annotations

from typing import Any

AttributeValue = dict[str, Any]
Item = dict[str, AttributeValue]

TYPES = frozenset(("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"))
SET_TYPES = frozenset(("SS", "NS", "BS"))


def type_of(value: AttributeValue) -> str:
    """The type member of a checked value, such as "S"."""
    for kind in value:
        return kind
    raise ValueError("an attribute value has a type")
