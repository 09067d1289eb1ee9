"""Calls that ended although they could have been tried again: who gave up, and whether there was a reason to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from emulator.audit.evidence import Evidence, SeenCall
from emulator.audit.idempotency import is_repeatable
from emulator.audit.quota import starved
from emulator.clients import signed_at
from emulator.outcomes import ResponseClass
from emulator.sdks import CUT, deviation

# A client that would have to wait past its own deadline may stop this long before it, in seconds
_DEADLINE_SLACK = 1.0


class Reason(Enum):
    """Why a call ended where it did."""

    EXHAUSTED = "it had made all its attempts"
    REPEATED = "the application asked the same again"
    STARVED = "its retry quota was spent"
    EXPIRED = "its own deadline had come"
    UNSAFE = "the write might have been carried out, and must not be twice"
    UNKNOWN_TO_MODE = "its SDK's mode does not retry this error"
    TURNED_OFF = "retries are turned off in the client"
    LAST = "it hung up, and nothing came after that"
    GAVE_UP = "it gave up"


# Reasons that are none: the client should have gone on
UNREASONABLE = frozenset({Reason.UNKNOWN_TO_MODE, Reason.TURNED_OFF, Reason.LAST, Reason.GAVE_UP})


@dataclass(frozen=True, slots=True)
class Ending:
    call: SeenCall
    reason: Reason


def endings(evidence: Evidence) -> list[Ending]:
    """For each call that ended with an error which clients retry, why it did."""
    failed = [call for call in evidence.calls if call.is_over and call.failed]
    if not failed:
        return []
    poor = starved(evidence.everything)
    ends = _last_seen(evidence.everything)
    return [Ending(call, _reason(call, evidence, poor, ends[call.client_key])) for call in failed]


def _reason(call: SeenCall, evidence: Evidence, poor: frozenset[str], last_seen: float) -> Reason:
    limit = evidence.limit(call)
    answer = call.told[-1]
    if evidence.repetition(call) is not None:
        return Reason.REPEATED
    if limit == 1:
        return Reason.TURNED_OFF
    if limit is not None and call.attempts >= limit:
        return Reason.EXHAUSTED
    if call.id in poor:
        return Reason.STARVED
    if _is_past_deadline(call):
        return Reason.EXPIRED
    if answer.outcome is not ResponseClass.THROTTLED and not is_repeatable(call.request):
        return Reason.UNSAFE
    error = CUT if answer.outcome is ResponseClass.LOST and call.entries[-1].delivery.sent else answer.error
    if call.profile is not None and deviation(call.profile.name, error, answer.status) is False:
        return Reason.UNKNOWN_TO_MODE
    if limit is None and call.attempts > 1:
        return Reason.EXHAUSTED
    if answer.error == "connection client-closed" and call.ended >= last_seen:
        return Reason.LAST
    return Reason.GAVE_UP


def _is_past_deadline(call: SeenCall) -> bool:
    ttl, signed = call.headers[-1].ttl, signed_at(call.entries[-1])
    if ttl is None or signed is None:
        return False
    waited = call.ended - call.entries[-1].request.arrived
    next_wait = (
        0.0 if call.profile is None else call.profile.longest_wait(call.attempts - 1, call.told[-1].outcome is ResponseClass.THROTTLED)
    )
    return waited + next_wait + _DEADLINE_SLACK >= ttl - signed


def _last_seen(calls: Iterable[SeenCall]) -> dict[object, float]:
    last: dict[object, float] = {}
    for call in calls:
        last[call.client_key] = max(call.ended, last.get(call.client_key, 0.0))
    return last


def retried_errors(evidence: Evidence) -> frozenset[tuple[object, str]]:
    """(client, error) for every error after which a client has tried again at least once in the run."""
    again = {(call.client_key, answer.error) for call in evidence.everything for answer in call.told[:-1]}
    again.update(
        (call.client_key, call.told[-1].error) for call in evidence.everything if call.failed and evidence.repetition(call) is not None
    )
    return frozenset(again)
