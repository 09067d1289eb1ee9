"""The live page's own routes, below `/_emulator/`. Its shell and its files hold nothing of a run and need no token: the page asks for
one where the rest wants it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import orjson
from flask import Response, request

from emulator.aws.errors import ServiceError
from emulator.core import EmulatorCore
from emulator.report.fates import FATES
from emulator.scenario import load_rule
from emulator.server.admin.access import PREFIX
from emulator.server.admin.answers import AdminError, json_object
from emulator.server.admin.context import AdminContext
from emulator.server.admin.openapi import language
from emulator.server.admin.route_table import ANY_TEXT, EVENTS, JSON, RouteTable, Schema
from emulator.server.page import saving
from emulator.server.page.judging import Judge
from emulator.server.page.rows import detail_json, row_json
from emulator.server.page.stream import RowStream
from emulator.version import __version__

# Scripts and styles of its own, and nothing of anybody's request runs
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_MAX_LISTED = 5_000
# What the page may ask of the services, by service: to look at tables, and to change their items
_OPERATIONS = {
    "dynamodb": frozenset(
        (
            "CreateBackup", "DeleteBackup", "DeleteItem", "DescribeTable", "DescribeTimeToLive", "ListBackups", "ListTables", "PutItem",
            "RestoreTableFromBackup", "Scan",
        )
    ),
    "streams": frozenset(("DescribeStream", "GetRecords", "GetShardIterator")),
}  # fmt: skip


def is_shell(path: str) -> bool:
    """Whether a path of the admin API is a part of the page that says nothing of a run."""
    rest = path.removeprefix(PREFIX)
    return rest in ("", "/") or rest.startswith("/page/files/")


def register_page(table: RouteTable, context: AdminContext) -> None:
    """Add what the page is made of, and lives on, to the admin API. It may change with any version. Only the root's scenario may be
    saved."""
    _shell(table)
    _watching(table, context)
    _editing(table, context.core, may_save=context.access.may_save and context.sandboxes is not None)
    _asking(table, context.core)


def _shell(table: RouteTable) -> None:
    @table.route("GET", "/", "The live page, for browsers", answers=("text/html",))
    def page() -> Response:
        return Response(_page(), content_type="text/html; charset=utf-8", headers=_HEADERS)

    @table.route("GET", "/page/files/<name>", "Its scripts and styles", answers=tuple(_TYPES.values()))
    def file(name: str) -> Response:
        content = _files().get(name)
        if content is None:
            raise AdminError(404, "not-found", f"the page has no file {name[:100]!r}")
        kind = _TYPES[name[name.rindex(".") :]]
        return Response(content, content_type=kind, headers=_HEADERS)


@cache
def _page() -> str:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    glyphs = (files("emulator.report.formats.html") / "glyphs.svg").read_text(encoding="utf-8")
    template = (files("emulator.server.page") / "page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(version=__version__, glyphs=glyphs, fates=FATES)


@cache
def _files() -> dict[str, bytes]:
    """The page's files by name, the stylesheet that it shares with the report among them."""
    found = {one.name: one.read_bytes() for one in (files("emulator.server.page") / "static").iterdir() if one.name.endswith(tuple(_TYPES))}
    found["theme.css"] = (files("emulator.report.formats.html") / "theme.css").read_bytes()
    return found


def _watching(table: RouteTable, context: AdminContext) -> None:
    core, readers = context.core, context.readers
    judge = Judge(core)

    @table.route("GET", "/page/stream", "Of the live page: rows as they come, four times a second", answers=(EVENTS,))
    def stream() -> Response:
        if not readers.acquire(blocking=False):
            raise AdminError(503, "too-many-readers", "too many read the events already; close another page first")
        response = Response(RowStream(core).lines(), content_type=EVENTS, headers={"Cache-Control": "no-store"})
        response.call_on_close(readers.release)
        return response

    since: Schema = {"type": "integer", "minimum": 0, "default": 0}

    @table.route("GET", "/page/rows", "Of the live page: the rows after one", query={"after": since})
    def rows(after: int) -> Response:
        """Those after `after`, the latest of them if they are many."""
        found = core.journal.after(after)
        listed = [row_json(entry, core) for entry in found[-_MAX_LISTED:]]
        now = round((core.clock.monotonic() - core.started) * 1000, 2)
        return _json({"now": now, "rows": listed, "missed": max(0, len(found) - _MAX_LISTED)})

    @table.route("GET", "/page/rows/<int:entry_id>", "Of the live page: all that is known of one exchange")
    def row(entry_id: int) -> Response:
        entry = core.journal.find(entry_id)
        if entry is None:
            raise AdminError(404, "not-found", f"the journal has no entry {entry_id} any more; it was cleared, or has dropped it")
        return _json(detail_json(entry, core, f"{request.host_url.rstrip('/')}{request.script_root}"))

    @table.route("GET", "/page/verdicts", "Of the live page: verdicts and expectations so far, at a pace that requests do not feel")
    def verdicts() -> Response:
        return _json(judge.verdicts())


def _editing(table: RouteTable, core: EmulatorCore, *, may_save: bool) -> None:
    @table.route("GET", "/page/scenario", "Of the live page: the texts of the scenario's files")
    def texts() -> Response:
        return _json(saving.texts_json(core, may_save=may_save))

    file_name: Schema = {"type": "string", "default": "<text>"}

    @table.route(
        "PUT",
        "/page/scenario",
        "Of the live page: go on with another text of one file; `save=yes` writes it there, where `serve --edit` allows that",
        query={"file": file_name, "save": {"enum": ["yes", "no"], "default": "no"}},
        body=language("the-scenario"),
    )
    def edit(file: str, save: str) -> Response:
        text = request.get_data(as_text=True)
        if save == "no":
            saving.load(core, text, file)
        elif may_save:
            saving.save(core, text, file)
        else:
            raise AdminError(403, "not-allowed", "nothing may be saved from here: 'dynafault serve --watch --edit' allows it")
        return _json(saving.texts_json(core, may_save=may_save))

    @table.route(
        "POST",
        "/page/check",
        "Of the live page: the problems of a scenario's text, or of a rule's",
        query={"file": file_name, "of": {"enum": ["scenario", "rule"], "default": "scenario"}},
        body=ANY_TEXT,
        needs_body=False,
    )
    def check(file: str, of: str) -> Response:
        return _json(saving.problems_of(core, request.get_data(as_text=True), file, is_rule=of == "rule"))

    @table.route(
        "POST",
        "/page/rules",
        "Of the live page: add a rule that is written in YAML",
        body=language("a-rule"),
        status=201,
    )
    def add_written() -> Response:
        rule = load_rule(request.get_data(as_text=True))
        core.rules.add(rule)
        return _json({"name": rule.name}, 201)


def _asking(table: RouteTable, core: EmulatorCore) -> None:
    @table.route(
        "POST",
        "/page/ask/<service>/<operation>",
        "Of the live page: an operation on tables that meets no rule and stands in no journal",
        query={"region": {"type": "string", "default": "us-east-1", "pattern": "^[a-z0-9-]{1,40}$"}},
        body={"type": "object"},
        needs_body=False,
    )
    def ask(service: str, operation: str, region: str) -> Response:
        if operation not in _OPERATIONS.get(service, ()):
            raise AdminError(404, "not-found", f"the page asks no {operation[:100]!r} of {service[:100]!r}")
        params = json_object() if request.get_data() else {}
        try:
            answer = core.ask(service, operation, params, region)
        except ServiceError as error:
            raise AdminError(409, "refused", f"{error.spec.name}: {error.message or 'the service says no more'}") from None
        return Response(answer, content_type=JSON)


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, content_type=JSON)
