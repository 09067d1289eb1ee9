"""The ways in which a call can fail: a row for each, with the calls that it is for (see `suitable_points`) and the rules that bring it
about.

A transient fault is to be absorbed: the program does its work as if nothing had happened. A lasting one is to be survived: the program ends
by itself, says that it failed, and does the work when it is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from dynafault_dataclass import dataclass
from emulator.explore.points import Point
from emulator.explore.suitable_points import (
    always,
    corrects_clock,
    has_entries,
    has_token,
    is_of_data,
    is_of_dynamodb,
    is_of_items,
    is_paged,
    is_transaction,
    is_write,
    may_be_empty,
    reads_eventually,
    reads_stream,
)

Rule = dict[str, Any]
# What the rules of an exploration are called by, with a number behind where there are several
RULE_NAME = "explored"
CLOCK_RULE = f"{RULE_NAME}-clock"
_STALE = "2s"


class FaultFamily(Enum):
    """What a program has to get right about a fault; faults of one family show the same bug."""

    ERROR = "error"
    LOST = "lost acknowledgement"
    LEFTOVERS = "leftovers"
    PAGE = "page"
    STALE = "stale read"
    CONFLICT = "conflict"
    ITERATOR = "iterator"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Tuning:
    """`hang` is how long a connection stays silent before it is closed, None: until the client gives up; `attempts` how many attempts the
    client makes of a call, None where that is not known."""

    hang: str | None = "3s"
    attempts: int | None = None


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One way to fail. `id` names it in JSON, scenarios and findings; `title` says it in a word or two, `does` in a sentence, and
    `operations` which calls it is for. `rules` gives its rules for a point, as mappings in the scenario language."""

    id: str
    title: str
    does: str
    operations: str
    family: FaultFamily
    applies: Callable[[Point], bool]
    rules: Callable[[Point, Tuning], Sequence[Rule]]
    is_lasting: bool = False


# --- by which rules


def _when(point: Point, *, on: bool = False) -> dict[str, Any]:
    """The request of a point; `on`: and those like it from then on."""
    kind = point.kind
    when: dict[str, Any] = {"operation": kind.operation}
    if kind.service != "dynamodb":
        when["service"] = kind.service
    if kind.tables:
        when["table"] = kind.tables[0]
    when["call"] = f"{point.ordinal}.." if on else point.ordinal
    return when


def _once(fault: Any) -> Callable[[Point, Tuning], Sequence[Rule]]:
    """At the first attempt of a call."""
    return lambda point, tuning: [{"name": RULE_NAME, "when": {**_when(point), "attempt": 1}, "fault": _of(fault, point, tuning)}]


def _for_good(fault: Any) -> Callable[[Point, Tuning], Sequence[Rule]]:
    """At every attempt of this call and of those like it that follow."""
    return lambda point, tuning: [{"name": RULE_NAME, "when": _when(point, on=True), "fault": _of(fault, point, tuning)}]


def _of(fault: Any, point: Point, tuning: Tuning) -> Any:
    return fault(point, tuning) if callable(fault) else fault


def _throttling(point: Point, tuning: Tuning) -> str:
    if point.kind.service == "streams":
        return "LimitExceededException"
    return "ProvisionedThroughputExceededException" if is_of_data(point) else "ThrottlingException"


def _silence(point: Point, tuning: Tuning) -> dict[str, Any]:
    """A write is carried out: that its answer does not come says nothing of it."""
    lasts = {"for": tuning.hang} if tuning.hang else {}
    return {"connection": "hang", **lasts, **({"applied": True} if is_write(point) else {})}


def _silence_unapplied(point: Point, tuning: Tuning) -> dict[str, Any]:
    return {"connection": "hang", **({"for": tuning.hang} if tuning.hang else {})}


def _wrong_clock(point: Point, tuning: Tuning) -> Sequence[Rule]:
    """The service's clock is the same in every answer."""
    return [
        {"name": CLOCK_RULE, "fault": {"skew": "20m"}, "continue": True, "unfired": "allow"},
        {"name": RULE_NAME, "when": {**_when(point), "attempt": 1}, "fault": "RequestTimeTooSkewed"},
    ]


def _in_progress(point: Point, tuning: Tuning) -> Sequence[Rule]:
    when = _when(point)
    return [
        {"name": RULE_NAME, "when": {**when, "attempt": 1}, "fault": {"connection": "reset", "applied": True}},
        {
            "name": f"{RULE_NAME}-2",
            "when": {**when, "attempt": 2},
            "fault": "TransactionInProgressException",
            "unfired": "allow",
        },
    ]


def _lost_at_last(point: Point, tuning: Tuning) -> Sequence[Rule]:
    last = tuning.attempts
    if last is None or last < 2:
        return ()
    when = _when(point)
    before = 1 if last == 2 else f"1..{last - 1}"
    return [
        {"name": RULE_NAME, "when": {**when, "attempt": before}, "fault": "InternalServerError"},
        {
            "name": f"{RULE_NAME}-2",
            "when": {**when, "attempt": last},
            "fault": {"connection": "reset", "applied": True},
            "unfired": "allow",
        },
    ]


_LOST = {"connection": "reset", "applied": True}
_ANY = "all operations"
_ITEMS = "operations on items"
_WRITES = "writes of items"

KINDS: tuple[FaultKind, ...] = (
    FaultKind("throttled", "throttled once", "The first attempt is throttled.", _ANY, FaultFamily.ERROR, always, _once(_throttling)),
    FaultKind(
        "500-before",
        "500, nothing done",
        "The first attempt is answered 500, and not carried out.",
        _ANY,
        FaultFamily.ERROR,
        always,
        _once("InternalServerError"),
    ),
    FaultKind(
        "500-after",
        "500, but applied",
        "The first attempt is carried out, and answered 500.",
        _WRITES,
        FaultFamily.LOST,
        is_write,
        _once({"error": "InternalServerError", "applied": True}),
    ),
    FaultKind(
        "reset-before",
        "reset, nothing done",
        "The connection is reset before the first attempt is carried out.",
        _ANY,
        FaultFamily.ERROR,
        always,
        _once({"connection": "reset"}),
    ),
    FaultKind(
        "reset-after",
        "reset, but applied",
        "The first attempt is carried out, and its answer is lost.",
        _WRITES,
        FaultFamily.LOST,
        is_write,
        _once(_LOST),
    ),
    FaultKind(
        "time-out",
        "no answer",
        "No answer comes to the first attempt; a write is carried out.",
        _ITEMS,
        FaultFamily.LOST,
        is_of_items,
        _once(_silence),
    ),
    FaultKind(
        "wrong-checksum",
        "broken checksum",
        "The answer to the first attempt does not fit its checksum.",
        _ITEMS,
        FaultFamily.LOST,
        is_of_items,
        _once({"response": "wrong-crc"}),
    ),
    FaultKind(
        "half-batch",
        "half a batch",
        "Every other entry of the batch comes back unprocessed.",
        "BatchWriteItem and BatchGetItem with several entries",
        FaultFamily.LEFTOVERS,
        has_entries,
        _once({"unprocessed": {"every": 2}}),
    ),
    FaultKind(
        "short-page",
        "a short page",
        "A page has one item and a LastEvaluatedKey.",
        "Query and Scan that find several items, unless their client leaves the rest of them alone",
        FaultFamily.PAGE,
        is_paged,
        _once({"page": {"items": 1}}),
    ),
    FaultKind(
        "empty-page",
        "an empty page",
        "A page has no item and a LastEvaluatedKey.",
        "Query and Scan with a filter, or that find several items, unless their client leaves the rest of them alone",
        FaultFamily.PAGE,
        may_be_empty,
        _once({"page": "empty"}),
    ),
    FaultKind(
        "stale-read",
        "an old answer",
        f"A read sees the data as they were {_STALE} before.",
        "reads without ConsistentRead",
        FaultFamily.STALE,
        reads_eventually,
        _once({"stale": _STALE}),
    ),
    FaultKind(
        "transaction-conflict",
        "a conflict",
        "The transaction is cancelled, since another one is at its first item.",
        "transactions",
        FaultFamily.CONFLICT,
        is_transaction,
        _once({"cancel": {0: "TransactionConflict"}}),
    ),
    FaultKind(
        "transaction-in-progress",
        "still in progress",
        "The transaction is carried out, its answer is lost, and the second attempt is told that it is still in progress.",
        "transactions that write, with a token",
        FaultFamily.LOST,
        has_token,
        _in_progress,
    ),
    FaultKind(
        "expired-iterator",
        "an expired iterator",
        "The shard iterator has expired.",
        "GetRecords",
        FaultFamily.ITERATOR,
        reads_stream,
        _once({"expire": "iterator"}),
    ),
    FaultKind(
        "clock-skew",
        "a wrong clock",
        "The first attempt is refused for its signing time, and the Date of every answer is twenty minutes ahead.",
        "clients whose SDK corrects its clock",
        FaultFamily.CLOCK,
        corrects_clock,
        _wrong_clock,
    ),
    FaultKind(
        "always-throttled",
        "always throttled",
        "Every attempt is throttled, from this call on.",
        _ANY,
        FaultFamily.ERROR,
        always,
        _for_good(_throttling),
        is_lasting=True,
    ),
    FaultKind(
        "always-500",
        "always 500",
        "Every attempt is answered 500, from this call on.",
        _ANY,
        FaultFamily.ERROR,
        always,
        _for_good("InternalServerError"),
        is_lasting=True,
    ),
    FaultKind(
        "denied",
        "denied",
        "Access is denied, from this call on.",
        "all operations of DynamoDB",
        FaultFamily.ERROR,
        is_of_dynamodb,
        _for_good("AccessDeniedException"),
        is_lasting=True,
    ),
    FaultKind(
        "table-gone",
        "the table is gone",
        "The table is not found, from this call on.",
        _ITEMS,
        FaultFamily.ERROR,
        is_of_items,
        _for_good("ResourceNotFoundException"),
        is_lasting=True,
    ),
    FaultKind(
        "always-hangs",
        "never an answer",
        "No answer comes to any attempt, from this call on, and nothing is carried out.",
        _ITEMS,
        FaultFamily.ERROR,
        is_of_items,
        _for_good(_silence_unapplied),
        is_lasting=True,
    ),
    FaultKind(
        "never-processed",
        "an entry never done",
        "The first entry of every batch comes back unprocessed, from this call on.",
        "BatchWriteItem and BatchGetItem with several entries",
        FaultFamily.LEFTOVERS,
        has_entries,
        _for_good({"unprocessed": {"indexes": [0]}}),
        is_lasting=True,
    ),
    FaultKind(
        "lost-at-last",
        "lost on the last attempt",
        "Every attempt but the last is answered 500; the last is carried out, and its answer is lost.",
        f"{_WRITES}, by clients that make several attempts",
        FaultFamily.LOST,
        is_write,
        _lost_at_last,
        is_lasting=True,
    ),
)
BY_ID = {kind.id: kind for kind in KINDS}
