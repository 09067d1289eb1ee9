"""A client's retry quota, as far as the server can know it: which calls may have ended early because the tokens were spent.

Clients that look alike share one simulated quota. If a program has several clients, each has more tokens than that, so the simulation may
excuse a call too many and never accuses one too many. Nor does it know in which order a client saw answers that crossed: of all orders it
takes the one that leaves the fewest tokens, so a call is accused only where no order excuses it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import count
from typing import NamedTuple

from emulator.audit.seen import ClientKey, JudgedCall
from emulator.journal.outcomes import RETRYABLE, ClientOutcome, ResponseClass
from emulator.sdks.retry_profiles import QUOTA_SIZE, Quota

# Calls of which the server learns nothing cost tokens that only the client counts
_UNSEEN = 20
# So long after its end a busy client may still not have looked at an answer, in seconds, even if nothing else shows it to be busy
_UNREAD = 0.25


class _What(IntEnum):
    """Kinds of events, in the order in which events at the same time count."""

    TAKEN = 0
    ENDED = 1
    GIVEN = 2


class _Event(NamedTuple):
    """Tokens taken for a retry or given back, or a call that ended without one, for which it would have taken these tokens."""

    at: float
    what: _What
    number: int
    tokens: int
    call: str


def quota_exhausted_calls(calls: Iterable[JudgedCall]) -> frozenset[str]:
    """The ids of calls whose client may not have been able to pay for another attempt."""
    clients: dict[ClientKey, list[JudgedCall]] = {}
    for call in calls:
        if call.profile is not None and call.profile.quota is not None:
            clients.setdefault(call.client_key, []).append(call)
    return frozenset(call_id for found in clients.values() for call_id in _quota_exhausted(found))


def _unread(calls: Iterable[JudgedCall]) -> float:
    """For how long a client may not have looked at an answer: as long as any of its waits shows it to have been held up, at least."""
    held_up = (
        gap.seconds - call.profile.longest_wait(gap.retry, gap.is_throttling)
        for call in calls
        if call.profile is not None
        for gap in call.gaps
        if gap.hint is None
    )
    return _UNREAD + max(0.0, max(held_up, default=0.0))


def _events(call: JudgedCall, quota: Quota, numbers: Iterator[int], unread: float) -> Iterator[_Event]:
    """A client takes tokens as soon as an answer is out at the earliest, and decides and gives back later."""
    for place, entry in enumerate(call.entries):
        answer, ended = call.answers[place], entry.ended
        if ended is None:
            continue
        number = next(numbers)
        if answer.outcome is ResponseClass.SUCCESS:
            yield _Event(ended, _What.GIVEN, number, cost_of(quota, call.answers[place - 1]) if place else 1, "")
        elif answer.outcome in RETRYABLE:
            is_last = place + 1 == call.attempts
            what = _What.ENDED if is_last else _What.TAKEN
            yield _Event(ended + unread * is_last, what, number, cost_of(quota, answer), call.id)


def _quota_exhausted(calls: Sequence[JudgedCall]) -> Iterable[str]:
    longest = _unread(calls)
    numbers = count()
    events = [
        event
        for call in calls
        if call.profile is not None and call.profile.quota is not None
        for event in _events(call, call.profile.quota, numbers, longest)
    ]
    heapq.heapify(events)
    tokens = QUOTA_SIZE
    # What has been given back already in another order
    unread: dict[int, int] = {}
    owed = 0
    while events:
        event = heapq.heappop(events)
        if event.what is _What.TAKEN:
            tokens = max(-owed, tokens - event.tokens)
        elif event.what is _What.ENDED:
            if tokens < event.tokens + _UNSEEN:
                yield event.call
        elif event.number in unread or tokens + event.tokens > QUOTA_SIZE:
            # A full quota takes nothing back: the sooner the better for who wants few tokens
            owed -= unread.pop(event.number, 0)
            tokens = min(QUOTA_SIZE, tokens + event.tokens)
        else:
            unread[event.number] = event.tokens
            owed += event.tokens
            heapq.heappush(events, event._replace(at=event.at + 2 * longest))


def cost_of(quota: Quota, answer: ClientOutcome) -> int:
    """What a retry after such an answer costs."""
    if answer.outcome is ResponseClass.THROTTLED:
        return quota.throttling
    return quota.timeout if answer.error == "connection client-closed" else quota.transient
