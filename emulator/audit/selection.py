"""Which logical calls an expectation speaks of: the keys of `when`, asked of calls that are over."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.faults import Matcher
from emulator.journal.invocations import LogicalCall
from emulator.scenario import When


def select(calls: Iterable[LogicalCall], when: When | None) -> list[LogicalCall]:
    """The calls that `when` selects; all of them for None. The attempts of a call are alike, so its first one speaks for it."""
    if when is None:
        return list(calls)
    matcher = Matcher(when)
    return [call for call in calls if _fits(call, matcher)]


def _fits(call: LogicalCall, matcher: Matcher) -> bool:
    first = call.first
    assert first.call is not None
    return not matcher.differences(first.call, first.place)
