"""The sentences that the service changed during 2026, old and new side by side.

The live service moved its operations to another validation layer one by one, region by region: `MOVES` has which, when, and
where that was seen. An emulator answers as the service did at one of three times (`WORDINGS`), so each of its operations speaks
the new words or the old ones; `words_of` knows which. Only sentences that differ belong here; a sentence that both share
stands where it is raised.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from dynafault_dataclass import dataclass
from emulator.aws.errors import EmulatorError

# What an operation speaks
Words = Literal["2026", "classic"]
WORDS: tuple[Words, ...] = ("2026", "classic")

# As of when, the latest first
Wording = Literal["2026-10", "2026-05", "classic"]
WORDINGS: tuple[Wording, ...] = ("2026-10", "2026-05", "classic")
# What users may write: the year alone is its latest
WordingName = Literal["2026", "2026-10", "2026-05", "classic"]
WORDING_NAMES: tuple[WordingName, ...] = ("2026-10", "2026-05", "classic", "2026")


@dataclass(frozen=True, slots=True)
class Move:
    """An operation that answers in the words of 2026 from a wording on. `one_at_a_time`: it names the first broken constraint alone
    and wraps what else it refuses before the table is looked up; otherwise only lengths and magnitudes are worded anew. `seen` is when
    and where the live service answered so, and what else there is to say of it."""

    operation: str
    since: Wording
    one_at_a_time: bool
    seen: str


_OCTOBER = "captures of October 2026, 31 of 33 regions; when it moved is not known"

MOVES = (
    Move(
        "PutItem",
        "2026-05",
        True,
        "2026-05-21, one region (ExtendDB/extenddb#64); 2026-06-09, eu-west-2 and eu-central-1, but neither us-east-1 nor ap-southeast-2 "
        "(paritysuite/dynamodb-conformance#25); 2026-07-21, six of 33 regions (#104 there); October 2026, 31 of 33",
    ),
    Move(
        "UpdateItem",
        "2026-05",
        True,
        "2026-05-21, one region (ExtendDB/extenddb#65); 2026-06-18, eu-west-2 and eu-central-1 (nubo-db/dynoxide#83); "
        "October 2026, 31 of 33 regions",
    ),
    Move("DeleteItem", "2026-10", True, f"{_OCTOBER}, but after 2026-07-23, when only the other two had (nubo-db/dynoxide#152)"),
    Move("GetItem", "2026-10", False, _OCTOBER),
    Move(
        "BatchGetItem",
        "2026-10",
        False,
        "an empty RequestItems: 2026-08-17, 11 of 33 regions (paritysuite/dynamodb-conformance#157); 2026-09-02, 32 of 33 "
        "(nubo-db/dynoxide#198)",
    ),
    Move(
        "Query",
        "2026-10",
        False,
        "contradictions of Select in the envelope: 2026-07-02 (nubo-db/dynoxide#121) and 2026-07-13 (ExtendDB/extenddb#211); on 2026-09-01 "
        "ap-southeast-1 still printed the value (floci-io/floci#2871); the rest in captures of October 2026, 31 of 33 regions",
    ),
)
_SINCE = {move.operation: move.since for move in MOVES}

# Not moved by October 2026, and in the old words in every wording, with where that was seen
NOT_MOVED = {
    "BatchWriteItem": "2026-09-02, 31 of 33 regions in the old words (nubo-db/dynoxide#198); eu-north-1 has had the new ones since "
    "2026-08-22 (paritysuite/dynamodb-conformance#167)",
    "TransactWriteItems": "captures of October 2026, all but a few regions",
    "TransactGetItems": "captures of October 2026, all but a few regions",
    "Scan": "captures of October 2026, all but a few regions; contradictions of Select come bare: 2026-07-13 (ExtendDB/extenddb#211)",
}

# What is refused before the table is looked up carries the envelope; key schema, item size and everything that happens at the
# item itself do not (floci#2893: unused names, measured against a table that does not exist; dynoxide#152; ministack#1038)
ONE_AT_A_TIME = frozenset(move.operation for move in MOVES if move.one_at_a_time)
# A value that has no type, or two, is found as the request is read, and is not wrapped (weak: two peers that follow the live service
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
    "key-condition": ("Invalid KeyConditionExpression: {reason}", "{reason}"),
    "select": ("1 validation error detected: {reason}", "{reason}"),
    "empty-number": (
        "The parameter cannot be converted to a numeric value: ",
        "The parameter cannot be converted to a numeric value",
    ),
    # Numbers and binaries in the words of 2026: weak, two peers that follow the live service agree on them, November 2026
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


def check_wording(name: str) -> Wording:
    """The wording of that name. Raises EmulatorError for one that does not exist."""
    if name == "2026":
        return WORDINGS[0]
    for wording in WORDINGS:
        if name == wording:
            return wording
    raise EmulatorError(f"unknown wording {name!r}: it is one of {', '.join(WORDING_NAMES)}")


def words_of(operation: str, wording: Wording) -> Words:
    """The words in which an operation of DynamoDB spoke of values and expressions at that time. Of one that is in neither table (PartiQL)
    nothing has been seen that tells: it is taken for one that had moved by October."""
    if operation in NOT_MOVED:
        return "classic"
    if operation not in _SINCE:
        return "2026" if wording == WORDINGS[0] else "classic"
    return "2026" if has_moved(operation, wording) else "classic"


def has_moved(operation: str, wording: Wording) -> bool:
    """Whether the operation's constraints were worded anew at that time."""
    since = _SINCE.get(operation)
    return since is not None and WORDINGS.index(since) >= WORDINGS.index(wording)


def envelope(operation: str, words: Words, message: str) -> str:
    """The text of an error that was found before the table was looked up."""
    if words == "2026" and operation in ONE_AT_A_TIME and not message.startswith(_FOUND_EARLIER):
        return f"1 validation error detected: {message}"
    return message


def values_without_expression(words: Words, nulls: str) -> str:
    """`nulls`: what is missing, such as "ConditionExpression is null"."""
    return _sentence("values-without-expression", words, nulls=nulls)


def bad_expression_value(words: Words, reason: str, key: str) -> str:
    """`reason`: the sentence about the value itself; `key`: its placeholder, such as ":v"."""
    return _sentence("bad-expression-value", words, reason=reason, key=key)


def bad_expression_name(words: Words, reason: str, key: str) -> str:
    """`reason`: the sentence about the attribute name; `key`: its placeholder, such as "#n"."""
    return _sentence("bad-expression-name", words, reason=reason, key=key)


def key_condition(words: Words, reason: str) -> str:
    """A KeyConditionExpression that is a condition, and none of keys."""
    return _sentence("key-condition", words, reason=reason)


def contradicting_select(words: Words, reason: str) -> str:
    """A Select that contradicts the other parameters."""
    return _sentence("select", words, reason=reason)


def not_a_number(words: Words, text: str) -> str:
    if not text:
        return _sentence("empty-number", words)
    return f"The parameter cannot be converted to a numeric value: {text}"


def duplicate_strings(words: Words, members: Iterable[str]) -> str:
    """A string set with duplicates, `members` as sent."""
    as_sent = list(members)
    quoted = ", ".join(f'"{member}"' for member in sorted(as_sent))
    return _sentence("duplicate-strings", words, sorted_and_quoted=f"[{quoted}]", as_sent=f"[{', '.join(as_sent)}]")


def duplicate_numbers(words: Words) -> str:
    return _sentence("duplicate-numbers", words)


def duplicate_binaries(words: Words, members: Iterable[str]) -> str:
    """A binary set with duplicates, `members` as sent."""
    as_sent = list(members)
    quoted = ",".join(f'"{member}"' for member in as_sent)
    return _sentence("duplicate-binaries", words, quoted=quoted, as_sent=", ".join(as_sent))


def _sentence(name: str, words: Words, **fields: str) -> str:
    return _SENTENCES[name][words == "classic"].format(**fields)
