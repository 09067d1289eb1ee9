"""Writes that were carried out, and whose client was not told."""

from __future__ import annotations

from emulator.audit.seen import SeenCall
from emulator.journal.outcomes import ResponseClass

UNKNOWN = frozenset((ResponseClass.LOST, ResponseClass.TRANSIENT, ResponseClass.THROTTLED, ResponseClass.CORRUPT, ResponseClass.PENDING))


def is_unacknowledged(call: SeenCall) -> bool:
    """Whether a write was carried out and its client not told."""
    return any(entry.applied is True and answer.outcome in UNKNOWN for entry, answer in zip(call.entries, call.told, strict=True))
