"""V42: Pagination goes on where it failed

## What it does
Queries and Scans that were read page by page, met an error on the way, and began again with the first page: which pages
were read twice. Readers that overlap are left out, since nobody can tell whose pages are whose.

## Why it matters
Each page costs read capacity again, in a table that is short of it; items that were handed on from the first pages are
handed on twice; and a long Scan that meets an error now and then never comes to its end.

## Fails
```text
Query                                   200, LastEvaluatedKey a
Query, ExclusiveStartKey a              200, LastEvaluatedKey b
Query, ExclusiveStartKey b              500
Query                                   200, LastEvaluatedKey a
```

## Passes
```text
Query, ExclusiveStartKey b              500
Query, ExclusiveStartKey b              200
```

## What helps
Keep the last LastEvaluatedKey, and send the request for the page that failed again. SDKs' paginators do that within a
call; a loop around a paginator begins anew.

## Sources
- DynamoDB Developer Guide, Paginating table query results
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import orjson

from emulator.audit.evidence import PATIENCE, Evidence, SeenCall
from emulator.audit.rulings import Ruling, Status, counted, found, nothing, passed
from emulator.faults.canonical import canonical
from emulator.outcomes import ResponseClass

GRADE = Status.WARN

_PAGED = frozenset(("Query", "Scan"))
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Restart:
    """A call that began again at the first page; `pages` are the numbers of those that were read twice, from 1."""

    call: SeenCall
    pages: tuple[int, ...]


def judge(evidence: Evidence) -> Ruling:
    judged = {call.id for call in evidence.calls}
    readings = list(_readings(evidence))
    if not any(any(call.request.params.get("ExclusiveStartKey") for call in reading) for reading in readings):
        return nothing("nothing was read in several pages")
    restarts = [restart for reading in readings for restart in _restarts(reading) if restart.call.id in judged]
    if not restarts:
        return passed(f"{counted(len(readings), 'reading')} in pages, none begun again after an error")
    twice = sum(len(restart.pages) for restart in restarts)
    longest = max(restarts, key=lambda restart: len(restart.pages)).pages
    shown = ", ".join(map(str, longest[:_MOST_NAMED])) + (", ..." if len(longest) > _MOST_NAMED else "")
    table = ", ".join(restarts[0].call.request.tables)
    why = (
        f"{counted(len(restarts), 'reading')} of {table} begun again after an error: {counted(twice, 'page')} read twice (such as {shown})"
    )
    return found(Status.WARN, [restart.call for restart in restarts], why)


def _readings(evidence: Evidence) -> Iterator[Sequence[SeenCall]]:
    """The calls of one client for the same items, whatever page they ask for, in order of arrival."""
    found: dict[object, list[SeenCall]] = {}
    for call in evidence.everything:
        if call.operation in _PAGED:
            asked = {name: value for name, value in call.request.params.items() if name != "ExclusiveStartKey"}
            found.setdefault((call.client_key, call.operation, call.request.region, canonical(asked)), []).append(call)
    return (calls for calls in found.values() if not any(after.started < before.ended for before, after in pairwise(calls)))


def _restarts(reading: Sequence[SeenCall]) -> Iterator[_Restart]:
    """Where a reading begins again at its first page, soon after a later page has failed for good."""
    # The pages that have been read so far, by the start key that each was asked with
    read: dict[bytes, int] = {}
    failed: SeenCall | None = None
    lost: dict[bytes, int] = {}
    restart: SeenCall | None = None
    again: list[int] = []
    for call in reading:
        start = canonical(call.request.params.get("ExclusiveStartKey"))
        is_first = "ExclusiveStartKey" not in call.request.params
        if is_first:
            if restart is not None:
                yield _Restart(restart, tuple(again))
            restart, again = None, []
            if failed is not None and read and call.started - failed.ended <= PATIENCE:
                restart, lost = call, read
            read = {}
        if call.told[-1].outcome is ResponseClass.SUCCESS:
            if restart is not None and start in lost:
                again.append(lost[start])
            read[start] = len(read) + 1
            failed = None
            if not _goes_on(call):
                read = {}
        else:
            failed = call
    if restart is not None:
        yield _Restart(restart, tuple(again))


def _goes_on(call: SeenCall) -> bool:
    try:
        body = orjson.loads(call.entries[-1].reply.body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(body, dict) and bool(body.get("LastEvaluatedKey"))
