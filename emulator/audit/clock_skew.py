"""Clocks that disagree: answers that say or show that the client's clock is wrong. SDKs may correct their clock and try again."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from emulator.journal import Exchange
from emulator.journal.outcomes import ClientOutcome
from emulator.sdks.detection import signed_at

CODES = frozenset(("RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException", "SignatureDoesNotMatch", "RequestInTheFuture"))
# From here on SDKs take a difference for a wrong clock: four minutes in most, five in Ruby and .NET
NOTICEABLE = 240.0


def clock_offset(entry: Exchange) -> float | None:
    """How far the answer's `Date` is ahead of the time at which the client signed, in seconds; None where either is missing."""
    signed = signed_at(entry)
    text = next((value for name, value in entry.reply.headers if name.lower() == "date"), "")
    try:
        date = parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None
    return None if signed is None else date - signed


def blames_the_clock(entry: Exchange, answer: ClientOutcome) -> bool:
    """Whether a client may take this answer for a sign that its clock is wrong."""
    if answer.error in CODES:
        return True
    offset = clock_offset(entry) if entry.fault or entry.upstream is not None else None
    return offset is not None and abs(offset) >= NOTICEABLE
