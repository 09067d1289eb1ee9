"""Which logical calls an expectation speaks of: the keys of `when`, asked of calls that are over."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.calls import Attempt, LogicalCall
from emulator.faults import differences
from emulator.journal import Entry
from emulator.scenario import When


def select(calls: Iterable[LogicalCall], when: When | None) -> list[LogicalCall]:
    """The calls that `when` selects; all of them for None. A call counts if one of its attempts does; `call` and `request` number
    what the other keys select, in order of arrival."""
    if when is None:
        return list(calls)
    selected = []
    number = request = 0
    for call in calls:
        fitting = [entry for entry in call.exchanges if _fits(entry, when)]
        if not fitting:
            continue
        number += 1
        requests = range(request + 1, request + 1 + len(fitting))
        request += len(fitting)
        if when.call is not None and number not in when.call:
            continue
        if when.request is not None and not any(ordinal in when.request for ordinal in requests):
            continue
        selected.append(call)
    return selected


def _fits(entry: Entry, when: When) -> bool:
    assert entry.call is not None
    return not differences(when, entry.call, Attempt(entry.call_id, entry.attempt, (), entry.request.arrived))
