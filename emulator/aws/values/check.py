"""Is this an attribute value, and what is its normal form?

JSON types and base64 are right by the time a value comes here; what is left takes knowledge of DynamoDB. Sentences as the
live service answers them, sources at the lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.aws.errors import ServiceError
from emulator.aws.values.number import ContentError, is_plain_number, normalise_number
from emulator.aws.values.types import AttributeValue, Item
from emulator.aws.wording import Words, duplicate_binaries, duplicate_numbers, duplicate_strings

NESTING_LIMIT = 32  # levels of one attribute, the innermost scalar included

_SPARE_LEVELS = 68  # that a value which is only compared may have beyond

_INVALID = "One or more parameter values were invalid: "
_NAME_LIMIT = 65_535  # bytes


def normalise_item(item: Item, wording: Words = "2026") -> Item:
    """The normal form of an item, the same object if it is normal already. The input is never changed.

    Raises ServiceError (ValidationException) for the first attribute that is not valid."""
    normal = item
    for name, value in item.items():
        if not name or len(name) > 16_383:
            check_name(name)
        # Most attributes are strings, which need nothing more, or numbers in normal form
        if len(value) == 1 and ("S" in value or ("N" in value and is_plain_number(value["N"]))):
            continue
        checked = check_value(value, wording)
        if checked is not value:
            if normal is item:
                normal = dict(item)
            normal[name] = checked
    return normal


def check_value(value: AttributeValue, wording: Words = "2026", depth: int = 1) -> AttributeValue:
    """The normal form of a value, the same object if it is normal already. `depth` is the level that it stands at.

    Raises ServiceError (ValidationException): no type or several, NULL that is not true, empty or duplicate sets, a
    number out of range, more than 32 levels."""
    if len(value) != 1:
        raise _not_one(value, wording, depth)
    for kind, content in value.items():
        check = _CHECKS.get(kind)
        if check is not None:
            checked = check(content, wording, depth)
            if checked is not content:
                return {kind: checked}
    return value


def check_compared(value: AttributeValue, wording: Words = "2026") -> AttributeValue:
    """As `check_value` for a value that need not be stored: conditions may compare with deeper ones (ExtendDB/extenddb#191, against
    the service; where that ends is not known, here at 100 levels)."""
    return check_value(value, wording, 1 - _SPARE_LEVELS)


def check_depth(value: AttributeValue, depth: int = 1) -> None:
    """Raises ServiceError where a value that stands at level `depth` reaches beyond 32 levels."""
    if depth > NESTING_LIMIT:
        raise _refusal(_TOO_DEEP)
    for kind, content in value.items():
        if kind == "L":
            for element in content:
                check_depth(element, depth + 1)
        elif kind == "M":
            for element in content.values():
                check_depth(element, depth + 1)


def too_deep() -> ServiceError:
    """The error for a value that is nested deeper than the service stores."""
    return _refusal(_TOO_DEEP)


# aws/aws-sdk-js#381, aws/aws-sdk-net#428
_NO_TYPE = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
_SEVERAL_TYPES = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
_TOO_DEEP = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"


def _not_one(value: AttributeValue, wording: Words, depth: int) -> ServiceError:
    """The error for a value of no type or of several: what is wrong within them comes first, numbers before all else
    (ExtendDB/extenddb#201; weak: the order of the others as Dynalite has it). Raises that one."""
    for kind in ("N", "NULL", "BS", "NS", "SS", "L", "M"):
        if kind in value:
            _CHECKS[kind](value[kind], wording, depth)
    return _refusal(_SEVERAL_TYPES if value else _NO_TYPE)


def _refusal(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)


def check_name(name: str) -> None:
    """Raises ServiceError for an attribute name that is empty or longer than 65,535 bytes."""
    if not name:
        raise _refusal("Empty attribute name")
    if len(name.encode()) > _NAME_LIMIT:
        # Measured on 2026-09-16, top level and nested alike: ExtendDB/extenddb#365
        raise _refusal("Attribute name is too large, must be less than 65536 bytes")


def _check_null(content: bool, wording: Words, depth: int) -> bool:
    if content is not True:
        raise _refusal(f"{_INVALID}Null attribute value types must have the value of true")
    return content


def _check_number(content: str, wording: Words, depth: int) -> str:
    return normalise_number(content, wording)


def _check_strings(members: list[str], wording: Words, depth: int) -> list[str]:
    if not members:
        # Two blanks: zio/zio-dynamodb#113, Sage-Bionetworks/BridgePF#905
        raise _refusal(f"{_INVALID}An string set  may not be empty")
    if len(set(members)) != len(members):
        raise ContentError("ValidationException", duplicate_strings(wording, members))
    return members


def _check_numbers(members: list[str], wording: Words, depth: int) -> list[str]:
    if not members:
        raise _refusal(f"{_INVALID}An number set  may not be empty")  # aws/aws-sdk-net#3297
    normal = [normalise_number(member, wording) for member in members]
    if len(set(normal)) != len(normal):
        raise ContentError("ValidationException", duplicate_numbers(wording))
    return members if normal == members else normal


def _check_binaries(members: list[str], wording: Words, depth: int) -> list[str]:
    if not members:
        raise _refusal(f"{_INVALID}Binary sets should not be empty")
    if len(set(members)) != len(members):
        raise ContentError("ValidationException", duplicate_binaries(wording, members))
    return members


def _check_list(elements: list[AttributeValue], wording: Words, depth: int) -> list[AttributeValue]:
    if depth >= NESTING_LIMIT:
        raise _refusal(_TOO_DEEP)
    normal = [check_value(element, wording, depth + 1) for element in elements]
    return elements if all(map(_same, normal, elements)) else normal


def _check_map(members: Item, wording: Words, depth: int) -> Item:
    if depth >= NESTING_LIMIT:
        raise _refusal(_TOO_DEEP)
    normal = members
    for name, value in members.items():
        if not name or len(name) > 16_383:
            check_name(name)
        checked = check_value(value, wording, depth + 1)
        if checked is not value:
            if normal is members:
                normal = dict(members)
            normal[name] = checked
    return normal


def _same(left: object, right: object) -> bool:
    return left is right


_CHECKS: dict[str, Callable[[Any, Words, int], Any]] = {
    "N": _check_number,
    "NULL": _check_null,
    "SS": _check_strings,
    "NS": _check_numbers,
    "BS": _check_binaries,
    "L": _check_list,
    "M": _check_map,
}
