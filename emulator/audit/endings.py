"""Calls that ended although they could have been tried again: who gave up, and whether there was a reason to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from math import inf

from dynafault_dataclass import dataclass
from emulator.audit.evidence import Evidence
from emulator.audit.idempotency import is_repeatable
from emulator.audit.quota import quota_exhausted_calls
from emulator.audit.reads import was_read
from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ResponseClass
from emulator.sdks.catalogue import CUT, deviation
from emulator.sdks.detection import signed_at

# A client that would have to wait past its own deadline may stop this long before it, in seconds
_DEADLINE_SLACK = 1.0


class Reason(Enum):
    """Why a call ended where it did."""

    EXHAUSTED = "it had made all its attempts"
    REPEATED = "the application tried the same work again"
    LOOKED = "the application read the item to see what had become of the write"
    HEDGED = "another request for the same got through meanwhile"
    QUOTA_EXHAUSTED = "its retry quota was spent"
    EXPIRED = "its own deadline had come"
    UNSAFE = "the write might have been carried out, and must not be twice"
    AMBIGUOUS = "nobody can tell which of several workers went on with it"
    CUT = "it was cut: its program ended before it"
    UNKNOWN_TO_MODE = "its SDK's mode does not retry this error"
    TURNED_OFF = "retries are turned off in the client"
    GAVE_UP = "it gave up"


# These are no reasons to end a call: the client should have gone on
UNREASONABLE = frozenset({Reason.UNKNOWN_TO_MODE, Reason.TURNED_OFF, Reason.GAVE_UP})


@dataclass(frozen=True, slots=True)
class CallEnding:
    call: JudgedCall
    reason: Reason


def endings(evidence: Evidence) -> list[CallEnding]:
    """For each call that ended with an error which clients retry, why it did."""
    failed = [call for call in evidence.calls if call.is_over and call.failed]
    if not failed:
        return []
    quota_exhausted = quota_exhausted_calls(evidence.everything)
    ends = _last_seen(evidence.everything)
    return [CallEnding(call, _reason(call, evidence, quota_exhausted, ends[call.client_key])) for call in failed]


def _reason(call: JudgedCall, evidence: Evidence, quota_exhausted: frozenset[str], last_seen: float) -> Reason:
    gone_on = _gone_on(call, evidence)
    if gone_on is not None:
        return gone_on
    limit = evidence.limit(call)
    answer = call.answers[-1]
    # A client whose retries are turned off was not about to try again
    if limit != 1 and _is_cut(call, evidence, last_seen):
        return Reason.CUT
    if limit == 1:
        return Reason.TURNED_OFF
    if limit is not None and call.attempts >= limit:
        return Reason.EXHAUSTED
    if call.id in quota_exhausted:
        return Reason.QUOTA_EXHAUSTED
    if _is_past_deadline(call):
        return Reason.EXPIRED
    if answer.outcome is not ResponseClass.THROTTLED and not is_repeatable(call.request):
        return Reason.UNSAFE
    error = CUT if answer.outcome is ResponseClass.LOST and call.entries[-1].delivery.sent else answer.error
    if call.profile is not None and deviation(call.profile.name, error, answer.status) is False:
        return Reason.UNKNOWN_TO_MODE
    if limit is None and call.attempts > 1:
        return Reason.EXHAUSTED
    return Reason.GAVE_UP


def _gone_on(call: JudgedCall, evidence: Evidence) -> Reason | None:
    """How the client went on with the same work; None where it did not."""
    if evidence.next_try(call) is not None:
        return Reason.REPEATED
    rivals = [other for piece in evidence.pieces_of(call) for other in evidence.pieces[piece] if other is not call]
    if any(_is_beside(call, other) and other.answers[-1].outcome is ResponseClass.SUCCESS for other in rivals):
        return Reason.HEDGED
    if any(other.is_ambiguous and other.started >= call.started for other in rivals):
        return Reason.AMBIGUOUS
    is_unknown = call.is_write and call.answers[-1].outcome is not ResponseClass.THROTTLED
    return Reason.LOOKED if is_unknown and was_read(call, evidence) else None


def _is_beside(call: JudgedCall, other: JudgedCall) -> bool:
    return other.started < call.ended and other.ended > call.started


def _is_cut(call: JudgedCall, evidence: Evidence, last_seen: float) -> bool:
    """Whether a call's own program, or the emulator, may have ended before it: either nothing came after it, and its client hung up then,
    or the program is known not to have ended by itself, and its client may have been waiting; or it may have gone on elsewhere."""
    error, is_last = call.answers[-1].error, call.ended >= last_seen
    limit = evidence.limit(call)
    goes_on = limit is None or call.attempts < limit
    is_waiting = is_last or (goes_on and last_seen - call.ended <= _next_wait(call))
    return (
        evidence.is_partial
        or error == "connection cut"
        or (evidence.interrupted and is_waiting)
        or (error == "connection client-closed" and is_last)
    )


def _next_wait(call: JudgedCall) -> float:
    """The most that a client waits before it would go on with a call, in seconds: without end where it holds back what it sends."""
    if call.client.is_adaptive:
        return inf
    is_throttling = call.answers[-1].outcome is ResponseClass.THROTTLED
    return 0.0 if call.profile is None else call.profile.longest_wait(call.attempts - 1, is_throttling)


def _is_past_deadline(call: JudgedCall) -> bool:
    ttl, signed = call.headers[-1].ttl, signed_at(call.entries[-1])
    if ttl is None or signed is None:
        return False
    waited = call.ended - call.entries[-1].request.arrived
    next_wait = 0.0 if call.client.is_adaptive else _next_wait(call)
    return waited + next_wait + _DEADLINE_SLACK >= ttl - signed


def _last_seen(calls: Iterable[JudgedCall]) -> dict[object, float]:
    last: dict[object, float] = {}
    for call in calls:
        last[call.client_key] = max(call.ended, last.get(call.client_key, 0.0))
    return last


def retried_errors(evidence: Evidence) -> frozenset[tuple[object, str]]:
    """(client, error) for every error after which a client has tried again at least once in the run."""
    again = {(call.client_key, answer.error) for call in evidence.everything for answer in call.answers[:-1]}
    again.update(
        (call.client_key, call.answers[-1].error) for call in evidence.everything if call.failed and evidence.next_try(call) is not None
    )
    return frozenset(again)
