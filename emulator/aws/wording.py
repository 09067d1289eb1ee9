"""The sentences that the service changed during 2026, old and new side by side.

The live service moved its operations to another validation layer one by one, region by region. An emulator speaks one of two
cohorts: "2026" (what 31 of 33 regions answered in October 2026) or "classic" (what all of them answered before). Only
sentences that differ belong here; a sentence that both cohorts share stands where it is raised.

Some operations have not moved: they answer in the classic words in either cohort. `wording_of` knows which.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from emulator.aws.errors import EmulatorError

Wording = Literal["2026", "classic"]
WORDINGS: tuple[Wording, ...] = ("2026", "classic")

# Seen in October 2026: these still answer in the old words in all but a few regions
_NOT_MOVED = frozenset({"BatchWriteItem", "TransactWriteItems", "TransactGetItems", "Scan"})

# What is refused before the table is looked up carries the envelope; key schema, item size and everything that happens at the
# item itself do not (floci#2893: unused names, measured against a table that does not exist; dynoxide#152; ministack#1038)
_ENVELOPED = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
# A value that has no type, or two, is found as the request is read, and is not wrapped (two peers that follow the live service
# agree on it, November 2026)
_FOUND_EARLIER = "Supplied AttributeValue "

# name -> (2026, classic)
_SENTENCES: dict[str, tuple[str, str]] = {
    "values-without-expression": (
        "ExpressionAttributeValues can only be specified when using expressions",
        "ExpressionAttributeValues can only be specified when using expressions: {nulls}",
    ),
    "bad-expression-value": (
        "{reason}",
        "ExpressionAttributeValues contains invalid value: {reason} for key {key}",
    ),
    # Measured on 2026-09-16 with UpdateItem: ExtendDB/extenddb#365
    "bad-expression-name": (
        "{reason}",
        "ExpressionAttributeNames contains invalid value: {reason} for key {key}",
    ),
    "empty-number": (
        "The parameter cannot be converted to a numeric value: ",
        "The parameter cannot be converted to a numeric value",
    ),
    # Numbers and binaries in the words of 2026: two peers that follow the live service agree on them, November 2026
    "duplicate-numbers": (
        "One or more parameter values were invalid: Input collection contains duplicates.",
        "Input collection contains duplicates",  # ExtendDB/extenddb#100, dynamoose/dynamoose#79
    ),
    "duplicate-binaries": (
        "One or more parameter values were invalid: Input collection [{quoted}]of type BS contains duplicates.",
        "One or more parameter values were invalid: Input collection [{as_sent}]of type BS contains duplicates.",
    ),
    "duplicate-strings": (
        "One or more parameter values were invalid: Input collection {sorted_and_quoted} contains duplicates.",
        "One or more parameter values were invalid: Input collection {as_sent} contains duplicates.",
    ),
}


def check_wording(wording: str) -> Wording:
    """The wording itself. Raises EmulatorError for one that does not exist."""
    if wording not in WORDINGS:
        raise EmulatorError(f"unknown wording {wording!r}: it is one of {', '.join(WORDINGS)}")
    return "classic" if wording == "classic" else "2026"


def wording_of(operation: str, wording: Wording) -> Wording:
    """The cohort whose words that operation uses under the given wording."""
    return "classic" if operation in _NOT_MOVED else wording


def envelope(operation: str, wording: Wording, message: str) -> str:
    """The text of an error that was found before the table was looked up."""
    if wording == "2026" and operation in _ENVELOPED and not message.startswith(_FOUND_EARLIER):
        return f"1 validation error detected: {message}"
    return message


def values_without_expression(wording: Wording, nulls: str) -> str:
    """`nulls`: what is missing, such as "ConditionExpression is null"."""
    return _sentence("values-without-expression", wording, nulls=nulls)


def bad_expression_value(wording: Wording, reason: str, key: str) -> str:
    """`reason`: the sentence about the value itself; `key`: its placeholder, such as ":v"."""
    return _sentence("bad-expression-value", wording, reason=reason, key=key)


def bad_expression_name(wording: Wording, reason: str, key: str) -> str:
    """`reason`: the sentence about the attribute name; `key`: its placeholder, such as "#n"."""
    return _sentence("bad-expression-name", wording, reason=reason, key=key)


def not_a_number(wording: Wording, text: str) -> str:
    if not text:
        return _sentence("empty-number", wording)
    return f"The parameter cannot be converted to a numeric value: {text}"


def duplicate_strings(wording: Wording, members: Iterable[str]) -> str:
    """A string set with duplicates, `members` as sent."""
    as_sent = list(members)
    quoted = ", ".join(f'"{member}"' for member in sorted(as_sent))
    return _sentence("duplicate-strings", wording, sorted_and_quoted=f"[{quoted}]", as_sent=f"[{', '.join(as_sent)}]")


def duplicate_numbers(wording: Wording) -> str:
    return _sentence("duplicate-numbers", wording)


def duplicate_binaries(wording: Wording, members: Iterable[str]) -> str:
    """A binary set with duplicates, `members` as sent."""
    as_sent = list(members)
    quoted = ",".join(f'"{member}"' for member in as_sent)
    return _sentence("duplicate-binaries", wording, quoted=quoted, as_sent=", ".join(as_sent))


def _sentence(name: str, wording: Wording, **fields: str) -> str:
    return _SENTENCES[name][wording == "classic"].format(**fields)
