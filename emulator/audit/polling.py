"""Identical reads at a steady pace. A client that polls asks again whatever the answer was, so its reads are no retries."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import pairwise

from dynafault_dataclass import dataclass
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import RETRYABLE, ClientOutcome, ResponseClass

_ASKS = ("Describe", "Get", "List", "Query", "Scan")
# Nobody polls at shorter intervals, in seconds; what a busy machine adds to one; how much intervals of a steady pace may differ
_QUICKEST, _ADDED, _STEADY = 0.2, 0.05, 1.25
# One in so many intervals
_FEW = 10
# Intervals after which a pace shows. An SDK that retries waits for itself, so that any interval between its calls is the application's
_ENOUGH, _ENOUGH_BETWEEN_RETRIED_CALLS = 3, 1
# So many rows of reads that each come to an end are no coincidence: the client got what it wanted, or gave up
_MANY = 3


@dataclass(frozen=True, slots=True)
class _Row:
    """Identical reads of one client, some of which failed. `steady`: they come at the pace of a poll; `goes_on`: although answered."""

    calls: Sequence[JudgedCall]
    began: float
    ended: float
    steady: bool
    succeeded: bool
    goes_on: bool


def polled(calls: Iterable[JudgedCall]) -> frozenset[str]:
    """The ids of the calls that poll, or that may poll as well as retry: they say nothing about retries."""
    alike: dict[Hashable, list[JudgedCall]] = {}
    for call in calls:
        if not call.is_write and call.operation.startswith(_ASKS):
            alike.setdefault(call.fingerprint, []).append(call)
    groups: dict[Hashable, list[_Row]] = {}
    for chain in alike.values():
        row = _row(chain)
        if row is not None:
            groups.setdefault((chain[0].client_key, chain[0].operation), []).append(row)
    return frozenset(call.id for rows in groups.values() for row in _not_told(rows) for call in row.calls)


def _not_told(rows: Sequence[_Row]) -> Iterator[_Row]:
    """The rows without those of a client that asks until it succeeds or gives up, and then turns to something else."""
    open_ended = [row for row in rows if not row.goes_on]
    last = max((row.began for row in open_ended), default=0.0)
    are_retries = sum(row.succeeded or row.ended < last for row in open_ended) >= _MANY
    yield from (row for row in rows if row.steady and (row.goes_on or not are_retries))


def _row(chain: Sequence[JudgedCall]) -> _Row | None:
    requests = [request for call in chain for request in _requests(call)]
    outcomes = [answer.outcome for _, _, answer in requests]
    if len(requests) == 1 or RETRYABLE.isdisjoint(outcomes):
        return None
    retries = chain[0].is_identified and any(call.attempts > 1 for call in chain)
    between = [after - ended for (_, ended, _), (after, _, _) in pairwise(requests)]
    periods = [after - began for (began, _, _), (after, _, _) in pairwise(requests)]
    is_long = len(between) >= (_ENOUGH_BETWEEN_RETRIED_CALLS if retries else _ENOUGH)
    steady = is_long and (_is_pace(between) or _is_pace(periods))
    succeeded = outcomes[-1] is ResponseClass.SUCCESS
    return _Row(chain, requests[0][0], requests[-1][1], steady, succeeded, ResponseClass.SUCCESS in outcomes[:-1])


def _requests(call: JudgedCall) -> Iterator[tuple[float, float, ClientOutcome]]:
    """(began, ended, answer) of what is known to be one request of the application."""
    if call.is_identified:
        yield call.started, call.ended, call.answers[-1]
        return
    for entry, answer in zip(call.entries, call.answers, strict=True):
        yield entry.request.arrived, entry.request.arrived if entry.ended is None else entry.ended, answer


def _is_pace(intervals: Sequence[float]) -> bool:
    """Whether intervals keep a pace. A few of many may be out of step, such as those in which the machine stood still."""
    ordered = sorted(intervals)
    few = len(ordered) // _FEW
    shortest, longest = ordered[few], ordered[-1 - few]
    return shortest >= _QUICKEST and longest <= _STEADY * shortest + _ADDED
