"""One piece of work sent again and again, each time as a new call: by a loop around the SDK, or by a queue that delivers again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from emulator.audit.evidence import Evidence
from emulator.audit.idempotency import accumulates
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import RETRYABLE, ResponseClass

# After so many requests for one piece of work without a success, the client should have been stopped
MANY = 50


def failing_rows(calls: Iterable[JudgedCall]) -> Iterator[list[JudgedCall]]:
    """The runs of calls that ended in something that may be tried again, without a success between them."""
    row: list[JudgedCall] = []
    for call in calls:
        if call.answers[-1].outcome in RETRYABLE:
            row.append(call)
        elif call.answers[-1].outcome is ResponseClass.SUCCESS and row:
            yield row
            row = []
    if row:
        yield row


def tries_of(row: Sequence[JudgedCall]) -> int:
    return sum(call.attempts for call in row)


def is_one_job(call: JudgedCall) -> bool:
    """Whether calls for the same work are certainly for the same job: readers of one item may well be independent of each other, and so
    may those who count in it."""
    return call.is_write and not accumulates(call.request)


def endless(evidence: Evidence) -> list[list[JudgedCall]]:
    """The rows of calls by which one piece of work was sent too often: rows that certainly belong together, and writes with identical
    bytes, which are not the work of several workers unless they add up."""
    judged = {call.id for call in evidence.calls} | {call.id for call in evidence.everything if call.is_ambiguous}
    certain = [work for work in evidence.repeated if not work[0].is_ambiguous]
    same_bytes = [chain for chain in evidence.chains if is_one_job(chain[0])]
    found: dict[str, list[JudgedCall]] = {}
    for calls in (*certain, *same_bytes):
        for row in failing_rows(calls):
            if len(row) > 1 and tries_of(row) > MANY and row[0].id in judged and not _is_known(row, found):
                found[row[0].id] = row
    return list(found.values())


def _is_known(row: Sequence[JudgedCall], found: dict[str, list[JudgedCall]]) -> bool:
    known = {call.id for other in found.values() for call in other}
    return any(call.id in known for call in row)
