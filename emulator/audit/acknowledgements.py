"""Writes that were carried out although their client got no answer that says so."""

from __future__ import annotations

from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ResponseClass

_UNKNOWN = frozenset((ResponseClass.LOST, ResponseClass.TRANSIENT, ResponseClass.THROTTLED, ResponseClass.CORRUPT, ResponseClass.PENDING))


def is_unacknowledged(call: JudgedCall) -> bool:
    """Whether an attempt was carried out as a write, and its answer said nothing of that."""
    return any(entry.applied is True and is_unread(call, number) for number, entry in enumerate(call.entries))


def is_unread(call: JudgedCall, number: int) -> bool:
    """Whether the answer to an attempt, counted from 0, told the client nothing. An answer that is right but for its checksum told
    something, unless the client tried again, or has an SDK that looks at checksums."""
    answer = call.answers[number]
    if answer.outcome is ResponseClass.CORRUPT and answer.crc_wrong and number == call.attempts - 1:
        return call.client.sdk is not None and call.client.sdk.checks_crc
    return answer.outcome in _UNKNOWN
