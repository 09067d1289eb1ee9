"""Writes that were carried out, and whose client was not told."""

from __future__ import annotations

from emulator.audit.seen import JudgedCall
from emulator.journal.outcomes import ResponseClass

_UNKNOWN = frozenset((ResponseClass.LOST, ResponseClass.TRANSIENT, ResponseClass.THROTTLED, ResponseClass.CORRUPT, ResponseClass.PENDING))


def is_unacknowledged(call: JudgedCall) -> bool:
    """Whether a write was carried out and its client not told."""
    return any(entry.applied is True and is_unread(call, number) for number, entry in enumerate(call.entries))


def is_unread(call: JudgedCall, number: int) -> bool:
    """Whether the answer to an attempt, counted from 0, told its client nothing. One that is right but for its checksum did, unless
    the client tried again, or has an SDK that looks at checksums."""
    answer = call.answers[number]
    if answer.outcome is ResponseClass.CORRUPT and answer.crc_wrong and number == call.attempts - 1:
        return call.client.sdk is not None and call.client.sdk.checks_crc
    return answer.outcome in _UNKNOWN
