"""Exchanges as the live page shows them: a short record for a row, and all that is known of one for a row that opens."""

from __future__ import annotations

from typing import Any

from emulator.core import EmulatorCore
from emulator.journal import Exchange
from emulator.journal.outcomes import classify_response
from emulator.journal.secrets import shown_target
from emulator.journal.writes import key_names_of
from emulator.report.call_notes import items_text
from emulator.report.fates import fate_of
from emulator.report.relevant_calls import asked_for
from emulator.report.sentences import plan_text, story_of
from emulator.server.page.curl import curl_command


def row_json(entry: Exchange, core: EmulatorCore) -> dict[str, Any]:
    """What a row needs of an exchange. `at` is when its first byte came, in milliseconds since the emulator was started; `took` is in
    milliseconds, None while it is under way. A request that was not understood is a call by itself."""
    call = entry.call
    names = _names_of(entry, core)
    answer = classify_response(entry)
    ended = entry.delivery.ended
    return {
        "id": entry.id,
        "call": entry.call_id or f"request-{entry.id}",
        "attempt": entry.attempt,
        "service": call.service if call else "",
        "operation": entry.operation or asked_for(entry)[:100],
        "tables": list(call.tables) if call else [],
        "region": call.region if call else "",
        "key": items_text(call, names) if call else "",
        "client": entry.client,
        "at": round((entry.request.arrived - core.started) * 1000, 2),
        "took": None if ended is None else round((ended - entry.request.arrived) * 1000, 2),
        "fate": fate_of(entry, answer, names),
        "status": entry.reply.status,
        "told": answer.error,
        "error": entry.error,
        "rule": entry.rule,
        "fault": entry.fault,
        "applied": entry.applied,
    }


def detail_json(entry: Exchange, core: EmulatorCore, base: str) -> dict[str, Any]:
    """All that is known of an exchange; `base` is the emulator's address as the page knows it."""
    answer, names = classify_response(entry), _names_of(entry, core)
    request = entry.request
    record = entry.to_json()
    record["request"].update(method=request.method, target=shown_target(request.target), size=len(request.body))
    record["response"].update(size=len(entry.reply.body), sent=entry.delivery.sent, left=_has_left(entry))
    return {
        **record,
        "row": row_json(entry, core),
        "story": story_of(entry, answer, names),
        "plan": plan_text(entry.plan),
        "rules": [explanation.to_json() for explanation in core.explain(entry)],
        "curl": curl_command(request, entry.call, base, has_keys=bool(core.keys)),
    }


def _has_left(entry: Exchange) -> bool:
    return entry.delivery.sent > 0 or entry.delivery.how == "sent"


def _names_of(entry: Exchange, core: EmulatorCore) -> dict[str, tuple[str, ...]]:
    """The key attributes of its tables: those that it met, or else those of today."""
    call = entry.call
    if call is None:
        return {}
    names = key_names_of([entry])
    backends = core.run.backends
    for table in call.tables:
        if table not in names and (known := backends.key_names(call, table)):
            names[table] = known
    return names
