"""What a decision changes of a reply that is already encoded: its bytes, its status line and its headers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

from emulator.faults.decision import Decision
from emulator.messages import HttpReply


def edited(decision: Decision, reply: HttpReply) -> HttpReply:
    """The reply that goes out; the given one itself if the decision changes nothing of it."""
    for edit in decision.edits:
        reply = edit.edit(reply)
    if decision.skew:
        reply = HttpReply(reply.status, [_skewed(header, decision.skew) for header in reply.headers], reply.body)
    if not decision.headers and decision.status is None:
        return reply
    status = reply.status if decision.status is None else decision.status
    return HttpReply(status, _headers(decision.headers, reply.headers), reply.body)


def _skewed(header: tuple[str, str], seconds: float) -> tuple[str, str]:
    name, value = header
    if name.lower() != "date":
        return header
    return name, format_datetime(parsedate_to_datetime(value) + timedelta(seconds=seconds), usegmt=True)


def _headers(changes: Iterable[tuple[str, str | None]], headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    replaced = {name.lower() for name, _ in changes}
    kept = [header for header in headers if header[0].lower() not in replaced]
    return kept + [(name, value) for name, value in changes if value is not None]
