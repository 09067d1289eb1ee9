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
from itertools import pairwise

import orjson

from dynafault_dataclass import dataclass
from emulator.audit.evidence import PATIENCE, Evidence
from emulator.audit.rulings import Ruling, Status, found, nothing, passed
from emulator.audit.seen import JudgedCall
from emulator.faults.canonical import canonical
from emulator.journal import Exchange
from emulator.journal.outcomes import ClientOutcome, ResponseClass
from emulator.scenario.phrases import counted
from emulator.wire.compression import plain_answer

GRADE = Status.WARN

_PAGED = frozenset(("Query", "Scan"))
_MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Page:
    """One request for a page. `start` tells pages apart; `is_last`: nothing comes after it."""

    call: JudgedCall
    entry: Exchange
    start: bytes
    is_first: bool
    is_read: bool
    is_last: bool

    @property
    def ended(self) -> float:
        return self.entry.request.arrived if self.entry.ended is None else self.entry.ended


@dataclass(frozen=True, slots=True)
class _Restart:
    """A request that began again at the first page; `pages` are the numbers of those that were read twice, from 1."""

    call: JudgedCall
    pages: tuple[int, ...]


def judge(evidence: Evidence) -> Ruling:
    judged = {call.id for call in evidence.calls}
    readings = list(_readings(evidence))
    if all(page.is_first for reading in readings for page in reading):
        return nothing("nothing was read in several pages")
    restarts = [restart for reading in readings for restart in _restarts(reading) if restart.call.id in judged and restart.pages]
    if not restarts:
        return passed(f"{counted(len(readings), 'reading')} in pages, none begun again after an error")
    twice = sum(len(restart.pages) for restart in restarts)
    longest = max(restarts, key=lambda restart: len(restart.pages)).pages
    shown = ", ".join(map(str, longest[:_MAX_NAMED])) + (", ..." if len(longest) > _MAX_NAMED else "")
    table = ", ".join(restarts[0].call.request.tables)
    why = f"{table} begun again {counted(len(restarts), 'time')} after an error: {counted(twice, 'page')} read twice (such as {shown})"
    return found(Status.WARN, [restart.call for restart in restarts], why)


def _readings(evidence: Evidence) -> Iterator[Sequence[_Page]]:
    """One client's requests for the same items, whatever page they ask for, in order of arrival; none of those that overlap."""
    found: dict[object, list[_Page]] = {}
    for call in evidence.everything:
        if call.operation in _PAGED:
            asked = {name: value for name, value in call.request.params.items() if name != "ExclusiveStartKey"}
            pages = found.setdefault((call.client_key, call.operation, call.request.region, canonical(asked)), [])
            pages.extend(_page(call, entry, answer) for entry, answer in zip(call.entries, call.answers, strict=True))
    for pages in found.values():
        pages.sort(key=lambda page: page.entry.request.arrived)
        if not any(after.entry.request.arrived < before.ended for before, after in pairwise(pages)):
            yield pages


def _page(call: JudgedCall, entry: Exchange, answer: ClientOutcome) -> _Page:
    start = call.request.params.get("ExclusiveStartKey")
    is_read = answer.outcome is ResponseClass.SUCCESS
    return _Page(call, entry, canonical(start), start is None, is_read, is_read and not _goes_on(entry))


def _restarts(reading: Sequence[_Page]) -> Iterator[_Restart]:
    """Where a reading begins again at its first page, soon after a later page could not be read."""
    read: dict[bytes, int] = {}  # the pages of this round, by their start, with their numbers
    lost: dict[bytes, int] = {}  # those of the round before, where that failed
    failed: _Page | None = None
    begun: _Page | None = None
    again: list[int] = []
    for page in reading:
        if page.is_first and read:
            if begun is not None:
                yield _Restart(begun.call, tuple(again))
            is_soon = failed is not None and page.entry.request.arrived - failed.ended <= PATIENCE
            begun, lost, again = (page, read, []) if is_soon else (None, {}, [])
            read = {}
        failed = None if page.is_read else page
        if page.is_read:
            if page.start in lost:
                again.append(lost.pop(page.start))
            read[page.start] = len(read) + 1
        if page.is_last:
            read, lost = {}, {}
    if begun is not None:
        yield _Restart(begun.call, tuple(again))


def _goes_on(entry: Exchange) -> bool:
    try:
        body = orjson.loads(plain_answer(entry.reply))
    except orjson.JSONDecodeError:
        return False
    return isinstance(body, dict) and bool(body.get("LastEvaluatedKey"))
