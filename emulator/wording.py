"""The sentences that the service changed during 2026, old and new side by side.

The live service moved its operations to another validation layer one by one, region by region. An emulator speaks one of two
cohorts: "2026" (what 31 of 33 regions answered in October 2026) or "classic" (what all of them answered before). Only
sentences that differ belong here; a sentence that both cohorts share stands where it is raised.

Some operations have not moved: they answer in the classic words in either cohort. `wording_of` knows which.
"""

from __future__ import annotations

from emulator.errors import EmulatorError

WORDINGS = ("2026", "classic")

# Seen in October 2026: these still answer in the old words in all but a few regions
_NOT_MOVED = frozenset({"BatchWriteItem", "TransactWriteItems", "TransactGetItems", "Scan"})

# What is refused before the table is looked up carries the envelope; key schema, item size and everything that happens at the
# item itself do not (floci#2893: unused names, measured against a table that does not exist; dynoxide#152; ministack#1038)
_ENVELOPED = frozenset({"PutItem", "UpdateItem", "DeleteItem"})

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
    "empty-number": (
        "The parameter cannot be converted to a numeric value: ",
        "The parameter cannot be converted to a numeric value",
    ),
    "duplicates-in-set": (
        "One or more parameter values were invalid: Input collection {quoted} contains duplicates.",
        "One or more parameter values were invalid: Input collection {plain} contains duplicates.",
    ),
}


def check_wording(wording: str) -> str:
    """The wording itself. Raises EmulatorError for one that does not exist."""
    if wording not in WORDINGS:
        raise EmulatorError(f"unknown wording {wording!r}: it is one of {', '.join(WORDINGS)}")
    return wording


def wording_of(operation: str, wording: str) -> str:
    """The cohort whose words that operation uses under the given wording."""
    return "classic" if operation in _NOT_MOVED else wording


def sentence(name: str, wording: str, **fields: str) -> str:
    """The sentence of that name. Raises KeyError for a name, a wording or a missing field: a bug of the caller."""
    modern, classic = _SENTENCES[name]
    template = {"2026": modern, "classic": classic}[wording]
    return template.format(**fields)


def envelope(operation: str, wording: str, message: str) -> str:
    """The text of an error that was found before the table was looked up."""
    if wording == "2026" and operation in _ENVELOPED:
        return f"1 validation error detected: {message}"
    return message
