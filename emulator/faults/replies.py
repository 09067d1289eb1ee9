"""What a decision changes of a reply that is already encoded: its status line and its headers."""

from __future__ import annotations

from emulator.faults.decision import Decision
from emulator.messages import HttpReply


def edited(decision: Decision, reply: HttpReply) -> HttpReply:
    """The reply that goes out; the given one itself if the decision changes nothing of it."""
    if not decision.headers and decision.status is None:
        return reply
    status = reply.status if decision.status is None else decision.status
    return HttpReply(status, _headers(decision.headers, reply.headers), reply.body)


def _headers(changes: tuple[tuple[str, str | None], ...], headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    replaced = {name.lower() for name, _ in changes}
    kept = [header for header in headers if header[0].lower() not in replaced]
    return kept + [(name, value) for name, value in changes if value is not None]
