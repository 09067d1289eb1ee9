"""What has happened: exchanges, calls, the report, events, figures."""

from __future__ import annotations

from typing import Any

from flask import Response

from emulator.core import EmulatorCore
from emulator.report import FORMATS, call_json
from emulator.server.admin.answers import AdminError, json_answer
from emulator.server.admin.context import MAX_EVENT_READERS, AdminContext
from emulator.server.admin.events import EventStream
from emulator.server.admin.route_table import EVENTS, TEXT, RouteTable, Schema

_MAX_LISTED = 10_000
_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": _MAX_LISTED, "default": _MAX_LISTED, "description": "the latest so many"}
_FILTERS = dict.fromkeys(("operation", "table", "rule", "error"), TEXT)


def register(table: RouteTable, context: AdminContext) -> None:
    _listing(table, context.core)
    _watching(table, context)

    @table.route(
        "GET",
        "/report",
        "The report",
        query={"format": {"enum": list(FORMATS), "default": "json"}},
        answers=tuple(form.content_type for form in FORMATS.values()),
    )
    def report(format: str) -> Response:
        wanted = FORMATS[format]
        return Response(wanted.render(context.core.report()), content_type=wanted.content_type, headers=dict(wanted.headers))


def _listing(table: RouteTable, core: EmulatorCore) -> None:
    @table.route("GET", "/journal", "Every exchange, oldest first, and whether its write was applied", query={**_FILTERS, "limit": _LIMIT})
    def journal(limit: int, **wanted: str | None) -> Response:
        found = [entry for entry in core.journal.entries() if _is_wanted(entry.to_json(bodies=False), wanted)]
        return json_answer({"entries": [entry.to_json() for entry in found[-limit:]], "dropped": core.journal.dropped})

    @table.route("GET", "/journal/<int:entry_id>", "One exchange, and why each rule fired for it or did not")
    def entry(entry_id: int) -> Response:
        found = core.journal.find(entry_id)
        if found is None:
            raise AdminError(404, "not-found", f"the journal has no entry {entry_id}; it may have been cleared or dropped")
        return json_answer({**found.to_json(), "rules": [explanation.to_json() for explanation in core.explain(found)]})

    @table.route(
        "GET",
        "/calls",
        "Logical calls: attempts, gaps in milliseconds, faults, outcome",
        query={"operation": TEXT, "table": TEXT, "limit": _LIMIT},
    )
    def calls(limit: int, **wanted: str | None) -> Response:
        found = core.calls(operation=wanted["operation"], table=wanted["table"])
        return json_answer({"calls": [call_json(call) for call in found[-limit:]]})


def _is_wanted(record: dict[str, Any], wanted: dict[str, str | None]) -> bool:
    table = wanted["table"]
    if table is not None and table not in record["tables"]:
        return False
    return all(value is None or record[name] == value for name, value in wanted.items() if name != "table")


def _watching(table: RouteTable, context: AdminContext) -> None:
    core, readers = context.core, context.readers

    @table.route("GET", "/events", "Each exchange as it happens", answers=(EVENTS,))
    def events() -> Response:
        if not readers.acquire(blocking=False):
            raise AdminError(503, "too-many-readers", f"{MAX_EVENT_READERS} read the events already")
        response = Response(EventStream(core).lines(), content_type=EVENTS, headers={"Cache-Control": "no-store"})
        response.call_on_close(readers.release)
        return response

    @table.route("GET", "/metrics", "The emulator's figures for Prometheus", answers=("text/plain",))
    def metrics() -> Response:
        # Imported when it is scraped: few are
        from emulator.server.admin.metrics import CONTENT_TYPE, metrics_text

        return Response(metrics_text(core), content_type=CONTENT_TYPE)
