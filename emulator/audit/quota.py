"""A client's retry quota, as far as it can be told from outside: which calls ended early because the tokens were spent.

Clients that look alike share one simulated quota. If a program has several, each has more than that, so the simulation may excuse a
call too many and never accuses one too many."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from emulator.audit.evidence import ClientKey, SeenCall
from emulator.outcomes import RETRYABLE, ClientOutcome, ResponseClass
from emulator.retry_profiles import QUOTA_SIZE, Quota

# Calls of which the server learns nothing, and answers that cross on their way, cost tokens that only the client counts
_UNSEEN = 20


def starved(calls: Iterable[SeenCall]) -> frozenset[str]:
    """The ids of calls whose client could not pay for another attempt any more."""
    events: dict[ClientKey, list[tuple[float, SeenCall, int]]] = {}
    for call in calls:
        profile = call.profile
        if profile is not None and profile.quota is not None:
            for number, entry in enumerate(call.entries):
                if entry.ended is not None:
                    events.setdefault(call.client_key, []).append((entry.ended, call, number))
    return frozenset(call_id for found in events.values() for call_id in _starved(sorted(found, key=itemgetter(0))))


def _starved(events: list[tuple[float, SeenCall, int]]) -> Iterable[str]:
    tokens = QUOTA_SIZE
    for _, call, number in events:
        profile = call.profile
        assert profile is not None
        assert profile.quota is not None
        answer = call.told[number]
        if answer.outcome is ResponseClass.SUCCESS:
            given_back = cost_of(profile.quota, call.told[number - 1]) if number else 1
            tokens = min(QUOTA_SIZE, tokens + given_back)
        elif answer.outcome not in RETRYABLE:
            continue
        elif number + 1 < call.attempts:
            tokens = max(0, tokens - cost_of(profile.quota, answer))
        elif tokens < cost_of(profile.quota, answer) + _UNSEEN:
            yield call.id


def cost_of(quota: Quota, answer: ClientOutcome) -> int:
    """What a retry after such an answer costs."""
    if answer.outcome is ResponseClass.THROTTLED:
        return quota.throttling
    return quota.timeout if answer.error == "connection client-closed" else quota.transient
