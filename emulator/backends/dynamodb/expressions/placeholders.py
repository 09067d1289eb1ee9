"""ExpressionAttributeNames and ExpressionAttributeValues of one request: their own checks, and which of them were used."""

from __future__ import annotations

import re
from collections.abc import Iterable

from emulator.aws.errors import ServiceError
from emulator.aws.values import AttributeValue, check_compared, check_name
from emulator.aws.wording import Words, bad_expression_name, bad_expression_value
from emulator.backends.dynamodb.expressions.cache import NO_CACHE, SyntaxCache
from emulator.backends.dynamodb.refusals import refusal

_NAMES = "ExpressionAttributeNames"
_VALUES = "ExpressionAttributeValues"
_KEY_LIMIT = 255  # bytes, the leading mark included

_NAME_KEY = re.compile(r"#[A-Za-z0-9_]+", re.ASCII).fullmatch
_VALUE_KEY = re.compile(r":[A-Za-z0-9_]+", re.ASCII).fullmatch


class Placeholders:
    """Resolves `#name` and `:value` for all expressions of one request.

    Raises ServiceError (ValidationException), names before values and keys before what they stand for: a map that is empty,
    a key that is no placeholder, an attribute name or a value that is not valid. Values are brought into normal form.
    `cache` spares parsing a text that it has seen in an earlier request."""

    __slots__ = ("_names", "_unused_names", "_unused_values", "_values", "cache")

    def __init__(
        self,
        names: dict[str, str] | None,
        values: dict[str, AttributeValue] | None,
        wording: Words = "2026",
        cache: SyntaxCache = NO_CACHE,
    ) -> None:
        self.cache = cache
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}
        if names is not None:
            self._names = _checked_names(names, wording)
        if values is not None:
            self._values = _checked_values(values, wording)
        self._unused_names = set(self._names)
        self._unused_values = set(self._values)

    def name(self, key: str) -> str | None:
        """The attribute name that `#key` stands for, None if it is not defined. Counts as a use."""
        self._unused_names.discard(key)
        return self._names.get(key)

    def value(self, key: str) -> AttributeValue | None:
        """The value that `:key` stands for, None if it is not defined. Counts as a use."""
        self._unused_values.discard(key)
        return self._values.get(key)

    def check_all_used(self) -> None:
        """Raises ServiceError (ValidationException) if a name or a value occurred in no expression."""
        if self._unused_names:
            raise _unused(_NAMES, (key for key in self._names if key in self._unused_names))
        if self._unused_values:
            raise _unused(_VALUES, (key for key in self._values if key in self._unused_values))


def _checked_names(names: dict[str, str], wording: Words) -> dict[str, str]:
    if not names:
        raise refusal(f"{_NAMES} must not be empty")
    for key in names:
        if len(key) > _KEY_LIMIT or not _NAME_KEY(key):
            raise _bad_key(_NAMES, key)
    for key, name in names.items():
        try:
            check_name(name)
        except ServiceError as error:
            raise refusal(bad_expression_name(wording, error.message or "", key)) from None
    return names


def _checked_values(values: dict[str, AttributeValue], wording: Words) -> dict[str, AttributeValue]:
    if not values:
        raise refusal(f"{_VALUES} must not be empty")
    for key in values:
        if len(key) > _KEY_LIMIT or not _VALUE_KEY(key):
            raise _bad_key(_VALUES, key)
    normal = {}
    for key, value in values.items():
        if len(value) == 1 and "S" in value:
            # Any text is right
            normal[key] = value
            continue
        try:
            normal[key] = check_compared(value, wording)
        except ServiceError as error:
            raise refusal(bad_expression_value(wording, error.message or "", key)) from None
    return normal


def _bad_key(parameter: str, key: str) -> ServiceError:
    # The length is checked before the syntax: ExtendDB/extenddb#181
    if len(key.encode()) > _KEY_LIMIT:
        return refusal(f'{parameter} contains invalid key: The expression attribute map contains a key that is too long; key: "{key}"')
    return refusal(f'{parameter} contains invalid key: Syntax error; key: "{key}"')


def _unused(parameter: str, keys: Iterable[str]) -> ServiceError:
    return refusal(f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(keys)}}}")
